import Glibc
import Primitives

/// Writes files one after the other into an archive that any `tar` reads.
///
/// Names of at most 100 ASCII characters, owner 0, time 0: the same files give the same bytes.
///
/// Source: POSIX.1-2017, pax, ustar interchange format.
public final class TarWriter {
  private let path: String
  private let descriptor: Int32
  private var buffer = Bytes()

  static let blockSizeInBytes = 512
  static let nameLimitInBytes = 100

  /// Begins an archive, in place of whatever is at the path.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public init(path: String) throws(NodeError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, reason: "cannot be written") }
  }

  deinit { close(descriptor) }

  /// Adds a file.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public func add(_ name: String, _ bytes: Bytes) throws(NodeError) {
    buffer += Self.header(name, size: bytes.count)
    buffer += bytes
    pad()
    if buffer.count >= 1 << 20 { try flush() }
  }

  /// Ends the archive, which is then durable.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public func finish() throws(NodeError) {
    buffer += Bytes(repeating: 0, count: 2 * Self.blockSizeInBytes)
    try flush()
    guard fsync(descriptor) == 0 else { throw .file(path: path, reason: "cannot be synced") }
  }

  private func pad() {
    let rest = buffer.count % Self.blockSizeInBytes
    if rest > 0 { buffer += Bytes(repeating: 0, count: Self.blockSizeInBytes - rest) }
  }

  private func flush() throws(NodeError) {
    var rest = buffer[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        if count < 0, errno == EINTR { continue }
        throw .file(path: path, reason: "cannot be written: is the disk full?")
      }
      rest = rest.dropFirst(count)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func header(_ name: String, size: Int) -> Bytes {
    var block = Bytes(repeating: 0, count: blockSizeInBytes)
    func put(_ text: String, at start: Int) {
      for (place, byte) in text.utf8.enumerated() { block[start + place] = byte }
    }
    precondition(name.utf8.count <= nameLimitInBytes, "names here are short")
    put(name, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(size, digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
    return block
  }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
