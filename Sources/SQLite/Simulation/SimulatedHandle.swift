import CSQLite

/// A connection's hold on a file of a simulated disk.
final class SimulatedHandle {
  let disk: SimulatedDisk
  let file: SimulatedFile
  let nameToRemove: String?
  /// The memory that it shares, which stays for as long as it may point there.
  private var memory: SimulatedMemory?
  /// The life of the disk in which it was opened.
  private let generation: UInt64

  init(_ disk: SimulatedDisk, _ file: SimulatedFile, nameToRemove: String?) {
    self.disk = disk
    self.file = file
    self.nameToRemove = nameToRemove
    generation = disk.generation
  }

  /// Whether everything has ended since it was opened, also if the disk has begun again.
  var isDead: Bool { disk.hasEnded || generation != disk.generation }

  var identity: ObjectIdentifier { ObjectIdentifier(self) }

  /// The handle that stands behind SQLite's file.
  static func of(_ file: UnsafeMutablePointer<sqlite3_file>?) -> SimulatedHandle? {
    unsafe stored(file).map { unsafe $0.takeUnretainedValue() }
  }

  fileprivate static func stored(
    _ file: UnsafeMutablePointer<sqlite3_file>?
  ) -> Unmanaged<SimulatedHandle>? {
    guard let file = unsafe file else { return nil }
    let place = unsafe UnsafeMutableRawPointer(file) + MemoryLayout<sqlite3_file>.stride
    return unsafe Unmanaged.fromOpaque(place.load(as: UnsafeMutableRawPointer.self))
  }

  fileprivate func close() {
    unmap()
    guard !isDead else { return }
    file.locks.lower(identity, to: 0)
    if let nameToRemove { _ = try? disk.remove(nameToRemove) }
  }

  fileprivate func unmap() {
    guard let memory else { return }
    self.memory = nil
    memory.unlock(0..<8, identity)
    memory.users -= 1
    if memory.users == 0, file.memory === memory { file.memory = nil }
  }

  fileprivate func mappedMemory() -> SimulatedMemory {
    if let memory { return memory }
    let memory = file.memory ?? SimulatedMemory()
    file.memory = memory
    memory.users += 1
    self.memory = memory
    return memory
  }

  /// Copies what is there into a buffer, and zeros after it; whether everything was there.
  fileprivate func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
    let end = min(file.content.count, offset + buffer.count)
    let count = max(0, end - offset)
    if count > 0 {
      unsafe file.content.withUnsafeBytes { content in
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: content[offset..<end]))
      }
    }
    for index in count..<max(count, buffer.count) { unsafe buffer[index] = 0 }
    return count == buffer.count
  }
}

extension SimulatedVFS {
  /// The table of what SQLite does with an open file.
  static func fileMethods() -> sqlite3_io_methods {
    var methods = sqlite3_io_methods()
    methods.iVersion = 2
    unsafe methods.xClose = { file in
      guard let stored = unsafe SimulatedHandle.stored(file) else { return SQLITE_OK }
      unsafe stored.takeUnretainedValue().close()
      unsafe stored.release()
      return SQLITE_OK
    }
    addContentMethods(to: &methods)
    addLockMethods(to: &methods)
    addMemoryMethods(to: &methods)
    return methods
  }

  private static func addContentMethods(to methods: inout sqlite3_io_methods) {
    unsafe methods.xRead = { file, output, count, offset in
      guard let handle = unsafe SimulatedHandle.of(file), !handle.isDead,
        handle.disk.beginRead()
      else { return FileError.read }
      let buffer = unsafe UnsafeMutableRawBufferPointer(start: output, count: Int(count))
      return unsafe handle.read(into: buffer, at: Int(offset))
        ? SQLITE_OK : FileError.shortRead
    }
    unsafe methods.xWrite = { file, input, count, offset in
      guard let handle = unsafe SimulatedHandle.of(file) else { return FileError.write }
      let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: input, count: Int(count)))
      return status(FileError.write) { () throws(DiskFault) in
        guard !handle.isDead else { throw .ended }
        try handle.disk.write(handle.file, bytes, at: Int(offset))
        return SQLITE_OK
      }
    }
    unsafe methods.xTruncate = { file, size in
      guard let handle = unsafe SimulatedHandle.of(file) else { return FileError.truncation }
      return status(FileError.truncation) { () throws(DiskFault) in
        guard !handle.isDead else { throw .ended }
        try handle.disk.truncate(handle.file, to: Int(size))
        return SQLITE_OK
      }
    }
    unsafe methods.xSync = { file, _ in
      guard let handle = unsafe SimulatedHandle.of(file) else { return FileError.sync }
      return status(FileError.sync) { () throws(DiskFault) in
        guard !handle.isDead else { throw .ended }
        try handle.disk.sync(handle.file)
        return SQLITE_OK
      }
    }
    unsafe methods.xFileSize = { file, size in
      guard let handle = unsafe SimulatedHandle.of(file), !handle.isDead else {
        return FileError.size
      }
      unsafe size?.pointee = Int64(handle.file.content.count)
      return SQLITE_OK
    }
    unsafe methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    unsafe methods.xSectorSize = { _ in 512 }
    // A write leaves the bytes beside it alone, whatever happens.
    unsafe methods.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
  }

  private static func addLockMethods(to methods: inout sqlite3_io_methods) {
    unsafe methods.xLock = { file, level in
      guard let handle = unsafe SimulatedHandle.of(file), !handle.isDead else {
        return FileError.lock
      }
      return handle.file.locks.raise(handle.identity, to: level) ? SQLITE_OK : SQLITE_BUSY
    }
    unsafe methods.xUnlock = { file, level in
      guard let handle = unsafe SimulatedHandle.of(file) else { return FileError.unlock }
      handle.file.locks.lower(handle.identity, to: level)
      return SQLITE_OK
    }
    unsafe methods.xCheckReservedLock = { file, result in
      guard let handle = unsafe SimulatedHandle.of(file) else { return FileError.lock }
      unsafe result?.pointee = handle.file.locks.isReserved ? 1 : 0
      return SQLITE_OK
    }
  }

  private static func addMemoryMethods(to methods: inout sqlite3_io_methods) {
    unsafe methods.xShmMap = { file, number, size, extends, result in
      guard let handle = unsafe SimulatedHandle.of(file), !handle.isDead else {
        return FileError.sharedMemory
      }
      unsafe result?.pointee = handle.mappedMemory().region(
        Int(number), size: Int(size), extends: extends != 0)
      return SQLITE_OK
    }
    unsafe methods.xShmLock = { file, first, count, flags in
      guard let handle = unsafe SimulatedHandle.of(file), !handle.isDead else {
        return FileError.sharedMemoryLock
      }
      let slots = Int(first)..<Int(first) + Int(count)
      let memory = handle.mappedMemory()
      if flags & SQLITE_SHM_UNLOCK != 0 {
        memory.unlock(slots, handle.identity)
        return SQLITE_OK
      }
      return memory.lock(slots, handle.identity, isExclusive: flags & SQLITE_SHM_EXCLUSIVE != 0)
        ? SQLITE_OK : SQLITE_BUSY
    }
    unsafe methods.xShmBarrier = { _ in }
    unsafe methods.xShmUnmap = { file, _ in
      unsafe SimulatedHandle.of(file)?.unmap()
      return SQLITE_OK
    }
  }
}
