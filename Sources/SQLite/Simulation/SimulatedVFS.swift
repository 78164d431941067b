import CSQLite

/// SQLite's way to a simulated disk: a VFS of its own, registered under a name of its own.
///
/// It is Swift and not a C target: SQLite's interface is a table of C function pointers, which Swift
/// closures without captures are, and so the disk's model, which is all there is to it, is where the
/// rest of the simulation is.
///
/// Source: https://www.sqlite.org/c3ref/vfs.html
@safe final class SimulatedVFS {
  let name: String
  weak var disk: SimulatedDisk?
  private let table: UnsafeMutablePointer<sqlite3_vfs>
  private let methods: UnsafeMutablePointer<sqlite3_io_methods>
  private let cName: UnsafeMutablePointer<CChar>

  /// Where a handle's object lies, behind what SQLite knows of a file.
  fileprivate static let objectOffset = unsafe MemoryLayout<sqlite3_file>.stride

  init() {
    unsafe table = .allocate(capacity: 1)
    unsafe methods = .allocate(capacity: 1)
    // The table's own address is a name that no other has.
    name = "opal-" + String(UInt(bitPattern: unsafe table), radix: 16)
    let bytes = name.utf8CString
    unsafe cName = .allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { unsafe cName[index] = byte }
    unsafe methods.initialize(to: SimulatedVFS.fileMethods())
    unsafe table.initialize(to: sqlite3_vfs())
    fillTable()
    unsafe sqlite3_vfs_register(table, 0)
  }

  deinit {
    unsafe sqlite3_vfs_unregister(table)
    unsafe table.deallocate()
    unsafe methods.deallocate()
    unsafe cName.deallocate()
  }

  /// The file methods, and the object itself, by the table that SQLite hands to every call.
  fileprivate static func of(_ table: UnsafeMutablePointer<sqlite3_vfs>?) -> SimulatedVFS? {
    guard let data = unsafe table?.pointee.pAppData else { return nil }
    return unsafe Unmanaged<SimulatedVFS>.fromOpaque(data).takeUnretainedValue()
  }

  private func fillTable() {
    unsafe table.pointee.iVersion = 2
    unsafe table.pointee.szOsFile = Int32(
      SimulatedVFS.objectOffset + MemoryLayout<UnsafeRawPointer>.stride)
    unsafe table.pointee.mxPathname = 512
    unsafe table.pointee.zName = UnsafePointer(cName)
    unsafe table.pointee.pAppData = Unmanaged.passUnretained(self).toOpaque()
    unsafe table.pointee.xOpen = { table, path, file, flags, outFlags in
      unsafe SimulatedVFS.open(table, path, file, flags, outFlags)
    }
    unsafe table.pointee.xDelete = { table, path, _ in
      guard let disk = unsafe SimulatedVFS.of(table)?.disk, let path = unsafe path else {
        return FileError.deletion
      }
      return status(FileError.deletion) { () throws(DiskFault) in
        let name = unsafe String(cString: path)
        return try disk.remove(name) ? SQLITE_OK : FileError.deletionOfNothing
      }
    }
    unsafe table.pointee.xAccess = { table, path, _, result in
      guard let disk = unsafe SimulatedVFS.of(table)?.disk, let path = unsafe path else {
        return SQLITE_IOERR
      }
      unsafe result?.pointee = disk.exists(String(cString: path)) ? 1 : 0
      return disk.hasEnded ? SQLITE_IOERR : SQLITE_OK
    }
    unsafe table.pointee.xFullPathname = { _, path, capacity, output in
      guard let path = unsafe path, let output = unsafe output else { return SQLITE_CANTOPEN }
      var index = 0
      while unsafe path[index] != 0 {
        guard index + 1 < Int(capacity) else { return SQLITE_CANTOPEN }
        unsafe output[index] = path[index]
        index += 1
      }
      unsafe output[index] = 0
      return SQLITE_OK
    }
    unsafe table.pointee.xRandomness = { table, count, output in
      guard let disk = unsafe SimulatedVFS.of(table)?.disk, let output = unsafe output else {
        return 0
      }
      for index in 0..<Int(count) {
        unsafe output[index] = CChar(truncatingIfNeeded: disk.random())
      }
      return count
    }
    unsafe table.pointee.xSleep = { _, microseconds in microseconds }
    unsafe table.pointee.xCurrentTimeInt64 = { _, result in
      // The 1st of January 2026: no time of SQLite's own reaches a log or a view.
      unsafe result?.pointee = 212_633_683_200_000
      return SQLITE_OK
    }
  }

  private static func open(
    _ table: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?,
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard let vfs = unsafe of(table), let disk = vfs.disk, let file = unsafe file else {
      return SQLITE_CANTOPEN
    }
    unsafe file.pointee.pMethods = nil
    let name = unsafe path.map { unsafe String(cString: $0) }
    var found: SimulatedFile?
    let code = status(SQLITE_CANTOPEN) { () throws(DiskFault) in
      found =
        if let name { try disk.open(name, creates: flags & SQLITE_OPEN_CREATE != 0) } else {
          SimulatedFile(kind: "temporary")
        }
      return found == nil ? SQLITE_CANTOPEN : SQLITE_OK
    }
    guard code == SQLITE_OK, let found else { return code }
    let removes = flags & SQLITE_OPEN_DELETEONCLOSE != 0
    let handle = SimulatedHandle(disk, found, nameToRemove: removes ? name : nil)
    let place = unsafe UnsafeMutableRawPointer(file) + objectOffset
    unsafe place.storeBytes(
      of: Unmanaged.passRetained(handle).toOpaque(), as: UnsafeMutableRawPointer.self)
    unsafe file.pointee.pMethods = UnsafePointer(vfs.methods)
    unsafe outFlags?.pointee = flags
    return SQLITE_OK
  }
}

/// What a fault of the disk is in SQLite's codes.
func status(_ failure: Int32, _ body: () throws(DiskFault) -> Int32) -> Int32 {
  do throws(DiskFault) {
    return try body()
  } catch {
    return error == .full ? SQLITE_FULL : failure
  }
}
