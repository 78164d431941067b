import Cryptography
import Glibc
import JSON
import Primitives

/// A file open for reading, closed when its owner goes.
struct InputFile: ~Copyable {
  /// The file's name without its folders, as errors give it.
  let name: String
  let sizeInBytes: Int
  private let descriptor: Int32

  init(path: String) throws(ModelError) {
    let name = String(
      decoding: path.utf8.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw .unreadable(file: path, reason: systemMessage()) }
    var status = stat()
    guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      throw .unreadable(file: path, reason: "not a regular file")
    }
    self.name = name
    sizeInBytes = Int(status.st_size)
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Fills the buffer from an offset; the file has to have that much.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ModelError) {
    var done = 0
    while done < buffer.count {
      let count = unsafe pread(
        descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done,
        off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let reason = count == 0 ? "the file ends early" : systemMessage()
        throw .unreadable(file: name, reason: reason)
      }
      done += count
    }
  }

  /// Bytes from an offset.
  func bytes(at offset: Int, count: Int) throws(ModelError) -> Bytes {
    var bytes = Bytes(repeating: 0, count: count)
    try fill(&bytes, at: offset)
    return bytes
  }

  /// Fills an array's bytes from an offset.
  func fill<Element: BitwiseCopyable>(
    _ array: inout [Element], at offset: Int
  ) throws(ModelError) {
    // The standard library's closure is untyped; the failure is carried out by hand.
    var failure: ModelError?
    unsafe array.withUnsafeMutableBytes { buffer in
      do throws(ModelError) {
        try unsafe read(at: offset, into: buffer)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// The SHA-256 of the whole file, a megabyte at a time.
  func sha256() throws(ModelError) -> Hash {
    var hasher = SHA256Hasher()
    var offset = 0
    while offset < sizeInBytes {
      let count = min(1 << 20, sizeInBytes - offset)
      hasher.update(try bytes(at: offset, count: count))
      offset += count
    }
    return hasher.finalize()
  }
}

/// The bytes of a file of at most so many bytes.
package func readFile(_ path: String, limitInBytes: Int) throws(ModelError) -> Bytes {
  let file = try InputFile(path: path)
  guard file.sizeInBytes <= limitInBytes else {
    throw .tooLarge(file: file.name, limitInBytes: limitInBytes)
  }
  return try file.bytes(at: 0, count: file.sizeInBytes)
}

/// Reads JSON out of bytes that came from the named file.
func parseJSON(_ bytes: Bytes, file: String) throws(ModelError) -> JSON {
  do throws(JSONError) {
    return try JSON.parse(bytes)
  } catch {
    throw .malformed(file: file, reason: error.description)
  }
}

private func systemMessage() -> String {
  unsafe String(cString: strerror(errno))
}
