import Glibc

/// The right to write in a data directory, held by one process at a time.
///
/// It is `flock` on the file `lock` in the directory, so it goes with the process however that
/// ends; the file keeps the number of the process that holds it, or held it last.
public struct DirectoryLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock of a directory, which must be there.
  ///
  /// - Throws: `EventLogError.inUse` with the holder's number if another holds it, be it this very
  ///   process; `missing` if there is no such directory; `inputOutput` for any other failure.
  public init(directory: String) throws(EventLogError) {
    let path = directory + "/lock"
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw .missing(path: directory) }
      throw .inputOutput(path: path, detail: Self.describe("open", errno))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      let holder = Self.readProcess(descriptor)
      close(descriptor)
      guard number == EWOULDBLOCK else {
        throw .inputOutput(path: path, detail: Self.describe("flock", number))
      }
      throw .inUse(path: directory, process: holder)
    }
    guard Self.writeProcess(descriptor) else {
      let number = errno
      close(descriptor)
      throw .inputOutput(path: path, detail: Self.describe("write", number))
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Puts this process's number into the file.
  private static func writeProcess(_ descriptor: Int32) -> Bool {
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0 else { return false }
    let written = unsafe text.withUnsafeBytes { bytes in
      unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, 0)
    }
    return written == text.count
  }

  /// The number in the file, or nil if there is none.
  private static func readProcess(_ descriptor: Int32) -> Int32? {
    var text = [UInt8](repeating: 0, count: 16)
    let count = unsafe text.withUnsafeMutableBytes { bytes in
      unsafe pread(descriptor, bytes.baseAddress, bytes.count, 0)
    }
    guard count > 0 else { return nil }
    let line = text.prefix(count).prefix { $0 != UInt8(ascii: "\n") }
    return Int32(String(decoding: line, as: UTF8.self))
  }

  /// The operating system's words for a failed call.
  static func describe(_ call: String, _ number: Int32) -> String {
    guard let words = unsafe strerror(number) else { return "\(call): error \(number)" }
    return unsafe "\(call): " + String(cString: words)
  }
}
