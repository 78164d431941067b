import Glibc

/// Why the operating system did not do something, in its words.
public struct SystemFailure: Error, Hashable, Sendable {
  /// What it concerns.
  public let path: String
  /// The operating system's words.
  public let reason: String

  /// What `errno` says of a path.
  public init(path: String) {
    self.path = path
    reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
  }
}

/// Folders for what is not to be kept.
public enum TemporaryFolder {
  /// Makes a fresh folder below `TMPDIR`, or `/tmp`, whose name begins so; returns its path.
  ///
  /// - Throws: `SystemFailure` naming the folder in which it was to be.
  public static func make(prefix: String) throws(SystemFailure) -> String {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/\(prefix)XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
      guard let start = buffer.baseAddress, unsafe mkdtemp(start) != nil else { return nil }
      return unsafe String(cString: start)
    }
    guard let made else { throw SystemFailure(path: base) }
    return made
  }

  /// Removes a folder with all that is in it and below; what links lead to stays.
  public static func remove(_ path: String) {
    // What a stranger's archive was unpacked into may have folders that not even their owner may
    // enter.
    unsafe chmod(path, 0o700)
    for name in names(in: path) {
      let inner = path + "/" + name
      if isFolder(inner) { remove(inner) } else { unsafe unlink(inner) }
    }
    unsafe rmdir(path)
  }

  private static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
