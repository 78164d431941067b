import Glibc
import Testing

/// A failure of the test's own surroundings.
struct SurroundingsError: Error {
  let call: String
  let number: Int32
}

/// Runs `body` with a fresh directory that is removed afterwards, with the files in it.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let path = try makeTemporaryDirectory()
  defer { removeDirectory(path) }
  try body(path)
}

/// Makes a fresh directory, for the caller to remove.
func makeTemporaryDirectory() throws -> String {
  var template = Array(("/tmp/opal-test-" + String(repeating: "X", count: 6)).utf8CString)
  guard unsafe mkdtemp(&template) != nil else {
    throw SurroundingsError(call: "mkdtemp", number: errno)
  }
  return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Removes a directory and the files in it.
func removeDirectory(_ path: String) {
  if let stream = unsafe opendir(path) {
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { name in
          unsafe String(cString: name)
        }
      }
      _ = unsafe unlink(path + "/" + name)
    }
    unsafe closedir(stream)
  }
  _ = unsafe rmdir(path)
}

/// Writes a file anew.
func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard file >= 0 else { throw SurroundingsError(call: "open", number: errno) }
  defer { close(file) }
  let written = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
  guard written == bytes.count else { throw SurroundingsError(call: "write", number: errno) }
}

/// Reads a whole file.
func readFile(_ path: String) throws -> [UInt8] {
  let file = unsafe open(path, O_RDONLY)
  guard file >= 0 else { throw SurroundingsError(call: "open", number: errno) }
  defer { close(file) }
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = unsafe piece.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw SurroundingsError(call: "read", number: errno) }
    guard count > 0 else { return bytes }
    bytes.append(contentsOf: piece[..<count])
  }
}

/// Removes a file, if it is there.
func removeFile(_ path: String) {
  _ = unsafe unlink(path)
}
