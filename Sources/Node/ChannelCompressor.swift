import CBrotli
import CZlib
import Derivation
import Primitives

/// Compresses channels with the system's libraries; the core only ever decompresses.
enum ChannelCompressor {
  /// The smallest form that the library makes; nil where it fails.
  static func compress(_ bytes: Bytes, _ compression: ChannelCompression) -> Bytes? {
    switch compression {
    case .zlib: zlib(bytes)
    case .brotli: brotli(bytes)
    }
  }

  private static func zlib(_ bytes: Bytes) -> Bytes? {
    var count = uLong(compressBound(uLong(bytes.count)))
    var output = Bytes(repeating: 0, count: Int(count))
    let status = unsafe compress2(&output, &count, bytes, uLong(bytes.count), Z_BEST_COMPRESSION)
    guard status == Z_OK else { return nil }
    return Bytes(output.prefix(Int(count)))
  }

  private static func brotli(_ bytes: Bytes) -> Bytes? {
    var count = BrotliEncoderMaxCompressedSize(bytes.count)
    guard count > 0 else { return nil }
    var output = Bytes(repeating: 0, count: count)
    let status = unsafe BrotliEncoderCompress(
      brotliQuality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, bytes.count, bytes, &count,
      &output)
    guard status == BROTLI_TRUE else { return nil }
    return Bytes(output.prefix(count))
  }

  /// 10 of 11: the last step takes many times as long for a percent.
  private static let brotliQuality: Int32 = 10
}
