import CBrotli
import CZlib
import Derivation
import Primitives

/// The system's libraries: the batcher's compression, and the peer of our decoders.
enum SystemCompression {
  static func compress(_ bytes: Bytes, _ compression: ChannelCompression) -> Bytes {
    switch compression {
    case .zlib:
      var count = uLong(compressBound(uLong(bytes.count)))
      var output = Bytes(repeating: 0, count: Int(count))
      let status = unsafe compress2(&output, &count, bytes, uLong(bytes.count), Z_BEST_COMPRESSION)
      return status == Z_OK ? Bytes(output.prefix(Int(count))) : []
    case .brotli:
      var count = BrotliEncoderMaxCompressedSize(bytes.count)
      var output = Bytes(repeating: 0, count: count)
      let status = unsafe BrotliEncoderCompress(
        10, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, bytes.count, bytes, &count, &output)
      return status == BROTLI_TRUE ? Bytes(output.prefix(count)) : []
    }
  }

  /// What a stream of `size` bytes holds.
  static func decompress(_ stream: Bytes, _ compression: ChannelCompression, size: Int) -> Bytes {
    var output = Bytes(repeating: 0, count: size)
    switch compression {
    case .zlib:
      var count = uLong(size)
      let status = unsafe uncompress(&output, &count, stream, uLong(stream.count))
      return status == Z_OK ? output : []
    case .brotli:
      var count = size
      let status = unsafe BrotliDecoderDecompress(stream.count, stream, &count, &output)
      return status == BROTLI_DECODER_RESULT_SUCCESS ? output : []
    }
  }
}
