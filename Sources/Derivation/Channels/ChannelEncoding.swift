import Primitives

/// How a channel's content is compressed.
public enum ChannelCompression: UInt8, Hashable, Sendable {
  /// A zlib stream (RFC 1950); it has no version byte of its own.
  case zlib = 0
  /// The version byte 1 and a brotli stream (RFC 7932); since Fjord.
  case brotli = 1

  /// A channel's bytes, given its content compressed.
  public func channelBytes(compressed: Bytes) -> Bytes {
    self == .brotli ? [1] + compressed : compressed
  }
}

/// Writes channels: batches become content, content compressed elsewhere becomes frames.
///
/// The core does not compress; the host does, with the system's libraries.
public enum ChannelWriter {
  /// What is to be compressed: each batch's bytes as an RLP string, one behind the other.
  ///
  /// - Throws: `BatchError` when a span's transaction is none, or is for another chain.
  public static func content(_ batches: [Batch], chainID: UInt64) throws(BatchError) -> Bytes {
    var writer = RLPWriter()
    for batch in batches { writer.append(bytes: try batch.encoded(chainID: chainID)) }
    return writer.bytes
  }

  /// The frames of a channel, the last one marked; nil if it needs more than 65,536.
  ///
  /// `frameLimit` is the most bytes of a frame with its overhead, and at least 24.
  public static func frames(
    of channelBytes: Bytes, channel: ChannelIdentifier, frameLimit: Int
  ) -> [Frame]? {
    precondition(frameLimit > Frame.overheadInBytes, "a frame holds at least a byte")
    let size = min(
      frameLimit - Frame.overheadInBytes, RollupConfiguration.frameDataLimitInBytes)
    var frames: [Frame] = []
    var start = 0
    repeat {
      guard let number = UInt16(exactly: frames.count) else { return nil }
      let end = min(start + size, channelBytes.count)
      frames.append(
        Frame(
          channel: channel, number: number, data: Bytes(channelBytes[start..<end]),
          isLast: end == channelBytes.count))
      start = end
    } while start < channelBytes.count
    return frames
  }
}
