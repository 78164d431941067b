import Foundation
import Glibc

/// A failure of the test's own surroundings.
public struct SurroundingsError: Error {
  /// The call that failed.
  public let call: String
  /// Its error number.
  public let number: Int32

  /// A failure of a call.
  public init(call: String, number: Int32) {
    self.call = call
    self.number = number
  }
}

/// A fresh directory that is removed with its owner.
public final class TemporaryDirectory: Sendable {
  /// Its path.
  public let path: String

  /// Makes the directory.
  public init() throws { path = try makeTemporaryDirectory() }

  deinit { removeDirectory(path) }
}

/// Runs `body` with a fresh directory that is removed afterwards, with the files in it.
public func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let directory = try TemporaryDirectory()
  try body(directory.path)
}

/// Makes a fresh directory, for the caller to remove.
public func makeTemporaryDirectory() throws -> String {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "opal-test-" + UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.path
}

/// Removes a directory with all in it.
public func removeDirectory(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

/// Writes a file anew, in the place where it is: who has it open sees the change.
public func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard file >= 0 else { throw SurroundingsError(call: "open", number: errno) }
  defer { close(file) }
  let written = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
  guard written == bytes.count else { throw SurroundingsError(call: "write", number: errno) }
}

/// Reads a whole file.
public func readFile(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(filePath: path)))
}

/// Removes a file, if it is there.
public func removeFile(_ path: String) { _ = unsafe unlink(path) }

/// Cuts a file short.
public func truncateFile(_ path: String, _ sizeInBytes: Int) throws {
  guard unsafe truncate(path, sizeInBytes) == 0 else {
    throw SurroundingsError(call: "truncate", number: errno)
  }
}
