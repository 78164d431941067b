import Glibc
import Primitives

/// Files of the project.
enum TextFile {
  /// The bytes of a file, or nil if it cannot be read.
  static func read(_ path: String) -> Bytes? {
    guard let file = unsafe fopen(path, "rb") else { return nil }
    defer { unsafe fclose(file) }
    var bytes = Bytes()
    var buffer = Bytes(repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, file)
      if count == 0 { return unsafe ferror(file) == 0 ? bytes : nil }
      bytes += buffer[..<count]
    }
  }
}
