import Glibc

/// Looks into folders.
enum Folder {
  /// The names in a folder, sorted, without those that begin with a dot.
  static func entries(_ path: String) throws(Failure) -> [String] {
    guard let folder = unsafe opendir(path) else {
      throw .failed("\(path): \(unsafe String(cString: strerror(errno)))")
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether a path is a folder, not followed where it is a link.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
