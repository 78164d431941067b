import FileSystem
import Glibc
import Primitives
import SQLite
import Synchronization

/// The few things that the node does with files, without Foundation.
public enum Files {
  /// Whether something stands at the path.
  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Reads a whole file.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``, also above the limit in bytes.
  public static func read(
    _ path: String, limitInBytes: Int = 1 << 30
  ) throws(NodeError) -> Bytes {
    // Not to wait for whoever might write to a pipe.
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw .file(path: path, reason: "is a directory")
    }
    guard status.st_size <= limitInBytes else {
      throw .file(path: path, reason: "has \(status.st_size) bytes, the limit is \(limitInBytes)")
    }
    var bytes = Bytes()
    var chunk = Bytes(repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw failure(path) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limitInBytes else {
        throw .file(path: path, reason: "has more than \(limitInBytes) bytes")
      }
    }
  }

  /// Writes a file so that it is there wholly or not at all, even after a crash.
  ///
  /// Of several that write the same file at once, the last one's stays, whole.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public static func write(
    _ bytes: Bytes, to path: String, permissions: mode_t = 0o644
  ) throws(NodeError) {
    let number = drafts.add(1, ordering: .relaxed).newValue
    let temporary = "\(path).\(getpid())-\(number).new"
    let descriptor = unsafe open(
      temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw failure(path) }
    let isWritten = writeAll(bytes, descriptor) && fsync(descriptor) == 0
    let error = failure(path)
    guard close(descriptor) == 0, isWritten else {
      unsafe unlink(temporary)
      throw error
    }
    guard unsafe Glibc.rename(temporary, path) == 0 else {
      let error = failure(path)
      unsafe unlink(temporary)
      throw error
    }
    try syncFolder(of: path)
  }

  /// Gives a file another name, durably, in the place of one that has it.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  static func rename(_ path: String, to other: String) throws(NodeError) {
    do throws(StorageFailure) {
      try Storage.machine.rename(path, to: other)
    } catch {
      throw .file(path: other, reason: error.detail)
    }
  }

  /// Tells the drafts of one process apart.
  private static let drafts = Atomic(0)

  private static func writeAll(_ bytes: Bytes, _ descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count > 0 else {
        if count < 0, errno == EINTR { continue }
        return false
      }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Makes a name in a folder as durable as the file that it names.
  private static func syncFolder(of path: String) throws(NodeError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(folder) }
  }

  /// Makes a folder and those above it that are missing.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public static func makeDirectory(_ path: String) throws(NodeError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += part
      if unsafe mkdir(prefix, 0o755) != 0, errno != EEXIST { throw failure(prefix) }
      prefix += "/"
    }
  }

  /// Makes a fresh folder for what is not to be kept.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public static func makeTemporaryDirectory() throws(NodeError) -> String {
    do throws(SystemFailure) {
      return try TemporaryFolder.make(prefix: "opal-")
    } catch {
      throw .file(path: error.path, reason: error.reason)
    }
  }

  /// Removes a folder that ``makeTemporaryDirectory()`` made, with the files in it and below.
  public static func removeTemporaryDirectory(_ path: String) { TemporaryFolder.remove(path) }

  /// The first bytes of a file, fewer if it has no more; none if it cannot be read.
  public static func head(_ path: String, sizeInBytes: Int) -> Bytes {
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes = Bytes(repeating: 0, count: sizeInBytes)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
    }
    return Bytes(bytes.prefix(max(0, count)))
  }

  /// The names in a folder, sorted, without those that begin with a dot; none if it is not there.
  public static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, if it is there.
  public static func remove(_ path: String) { unsafe unlink(path) }

  private static func failure(_ path: String) -> NodeError {
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    return .file(path: path, reason: reason)
  }
}

// MARK: - On a simulated disk

extension Files {
  /// Reads a whole file, wherever it is.
  static func read(
    _ path: String, limitInBytes: Int = 1 << 30, on storage: Storage
  ) throws(NodeError) -> Bytes {
    guard case .simulated(let disk) = storage else {
      return try read(path, limitInBytes: limitInBytes)
    }
    do throws(DiskFault) {
      if let bytes = try disk.read(path), bytes.count <= limitInBytes { return bytes }
    } catch {
      throw .file(path: path, reason: "\(error)")
    }
    throw .file(path: path, reason: "is not there, or too large")
  }

  /// Writes a file so that it is there wholly or not at all, wherever it is.
  static func write(
    _ bytes: Bytes, to path: String, permissions: mode_t = 0o644, on storage: Storage
  ) throws(NodeError) {
    guard case .simulated(let disk) = storage else {
      return try write(bytes, to: path, permissions: permissions)
    }
    do throws(DiskFault) {
      try disk.replace(path, by: bytes)
    } catch {
      throw .file(path: path, reason: "\(error)")
    }
  }

  /// The names in a folder, sorted, wherever it is.
  static func names(in path: String, on storage: Storage) -> [String] {
    guard case .simulated(let disk) = storage else { return names(in: path) }
    return disk.names(in: path)
  }

  /// Makes a folder, where there are folders.
  static func makeDirectory(_ path: String, on storage: Storage) throws(NodeError) {
    if case .machine = storage { try makeDirectory(path) }
  }
}
