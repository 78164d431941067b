import CZlib

/// gzip, as HTTP carries it (RFC 1952).
public enum Gzip {
  /// Why bytes are not decompressed.
  public enum Failure: Error, Hashable, Sendable {
    /// They are no gzip, or end too early.
    case malformed
    /// What they stand for is larger than the limit.
    case tooLarge(limitInBytes: Int)
  }

  /// Compresses.
  ///
  /// `level` is from 1, fastest, to 9, smallest. The answer is empty where memory is short.
  public static func compress(_ bytes: [UInt8], level: Int = 1) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe opal_gzip_begin_compression(&stream, Int32(level)) == Z_OK else { return [] }
    defer { unsafe deflateEnd(&stream) }
    let bound = unsafe Int(deflateBound(&stream, uLong(bytes.count)))
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      unsafe bytes.withUnsafeBufferPointer { input in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(clamping: input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(clamping: bound)
        let status = unsafe deflate(&stream, Z_FINISH)
        count = status == Z_STREAM_END ? unsafe Int(stream.total_out) : 0
      }
    }
  }

  /// Decompresses to at most so many bytes.
  ///
  /// Grows with what really comes out, so a small bomb costs no more than the limit.
  public static func decompress(
    _ bytes: [UInt8], limitInBytes: Int
  ) throws(Failure) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe opal_gzip_begin_decompression(&stream) == Z_OK else { throw .malformed }
    defer { unsafe inflateEnd(&stream) }
    var output: [UInt8] = []
    var failure: Failure?
    unsafe bytes.withUnsafeBufferPointer { input in
      unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe stream.avail_in = UInt32(clamping: input.count)
      var status = Z_OK
      while status == Z_OK, failure == nil {
        let portion = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { portion, count in
          unsafe stream.next_out = portion.baseAddress
          unsafe stream.avail_out = UInt32(portion.count)
          unsafe status = inflate(&stream, Z_NO_FLUSH)
          count = unsafe portion.count - Int(stream.avail_out)
        }
        output += portion
        if output.count > limitInBytes { failure = .tooLarge(limitInBytes: limitInBytes) }
      }
      if failure == nil, status != Z_STREAM_END { failure = .malformed }
    }
    if let failure { throw failure }
    return output
  }
}
