import Glibc
import SQLite
import Testing

/// A failure of the test's own surroundings.
struct SurroundingsError: Error {
  let call: String
  let number: Int32
}

/// Runs `body` with a fresh directory that is removed afterwards, with the files in it.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let directory = try TemporaryDirectory()
  try body(directory.path)
}

private func makeDirectory() throws -> String {
  var template = Array("/tmp/opal-test-XXXXXX".utf8CString)
  guard unsafe mkdtemp(&template) != nil else {
    throw SurroundingsError(call: "mkdtemp", number: errno)
  }
  return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

private func removeDirectory(_ path: String) {
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

/// A fresh directory that is removed with its owner.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws { path = try makeDirectory() }

  deinit { removeDirectory(path) }
}

/// Cuts a file short.
func truncateFile(_ path: String, _ sizeInBytes: Int) throws {
  guard unsafe truncate(path, sizeInBytes) == 0 else {
    throw SurroundingsError(call: "truncate", number: errno)
  }
}

/// Changes a database behind its owner's back.
func alter(_ path: String, _ sql: String) throws {
  try Connection(path: path, mode: .readWrite).execute(sql)
}
