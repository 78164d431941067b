import EVM
import Execution
import Primitives

/// The content of a channel, which is read batch after batch.
public struct ChannelContent: Sendable {
  /// How it was compressed.
  public let compression: ChannelCompression
  /// How many bytes it has.
  public let sizeInBytes: Int
  /// How decompression ended; batches before an error count.
  public let end: Decompression.End
  private var reader: RLPReader

  /// What is not read yet.
  var rest: Bytes { reader.rest }

  /// The rest of a content of which all before was read.
  init(
    compression: ChannelCompression, sizeInBytes: Int, end: Decompression.End, rest: Bytes
  ) {
    self.compression = compression
    self.sizeInBytes = sizeInBytes
    self.end = end
    reader = RLPReader(rest)
  }

  /// The content of `channel`, up to `limit` bytes.
  ///
  /// - Throws: `DropRule` when there is none at all.
  public init(channel: Bytes, limit: Int, isFjord: Bool) throws(DropRule) {
    let result: Decompression
    (compression, result) = try Self.decompress(channel, limit: limit, isFjord: isFjord)
    if case .failed(let error) = result.end, result.output.isEmpty {
      throw .malformedStream(error)
    }
    sizeInBytes = result.output.count
    end = result.end
    reader = RLPReader(result.output)
  }

  /// What comes out of a channel, and how it was compressed.
  ///
  /// - Throws: `DropRule` when its first byte names no compression that holds.
  public static func decompress(
    _ channel: Bytes, limit: Int, isFjord: Bool
  ) throws(DropRule) -> (compression: ChannelCompression, result: Decompression) {
    guard let first = channel.first else { throw .emptyChannel }
    if first & 15 == 8 || first & 15 == 15 {
      return (.zlib, Inflate.zlib(channel, limit: limit))
    }
    guard first == ChannelCompression.brotli.rawValue else { throw .unknownCompression(first) }
    guard isFjord else { throw .brotliBeforeFjord }
    return (.brotli, Brotli.decode(channel, from: 1, limit: limit))
  }

  /// The next batch's bytes; nil at the content's end.
  ///
  /// - Throws: `DropRule` when what follows is none.
  public mutating func next() throws(DropRule) -> Bytes? {
    if reader.isAtEnd {
      switch end {
      // Batchers of old did not end their streams; nothing is lost where one ends behind a batch.
      case .complete, .failed(.truncated): return nil
      case .limit: throw .contentLimit
      case .failed(let error): throw .malformedStream(error)
      }
    }
    do throws(RLPError) {
      return Bytes(try reader.bytes())
    } catch {
      guard error == .truncated else { throw .malformedContent(error) }
      switch end {
      case .complete: throw .malformedContent(error)
      case .limit: throw .contentLimit
      case .failed(let cause): throw .malformedStream(cause)
      }
    }
  }
}

extension DropRule: Error {}

/// The stage that reads batches out of a channel.
struct ChannelReader: Sendable {
  /// The channel that is being read.
  var content: ChannelContent?

  var isEmpty: Bool { content == nil }
}

extension DerivationPipeline {
  /// Drops the rest of the channel that is being read.
  mutating func flushChannel() {
    if reader.content != nil { note(.reader, .invalidatedRest) }
    reader.content = nil
  }

  /// The next batch.
  mutating func nextBatch() throws(StageStop) -> Batch {
    if reader.content == nil {
      let channel = try nextChannel()
      do throws(DropRule) {
        reader.content = try ChannelContent(
          channel: channel, limit: configuration.channelContentLimit(at: originTimestamp),
          isFjord: configuration.isActive(.fjord, at: originTimestamp))
      } catch {
        note(.reader, error)
        throw .again
      }
    }
    do throws(DropRule) {
      guard let bytes = try reader.content?.next() else {
        reader.content = nil
        throw DropRule.emptyChannel
      }
      return try decode(bytes)
    } catch {
      // A channel that was read to its end is no news.
      if reader.content != nil, error != .spanBeforeDelta { reader.content = nil }
      if error != .emptyChannel { note(.reader, error) }
      throw .again
    }
  }

  private func decode(_ bytes: Bytes) throws(DropRule) -> Batch {
    let batch: Batch
    do throws(BatchError) {
      batch = try Batch.decode(bytes, chainID: configuration.l2ChainID)
    } catch {
      throw .malformedBatch(error)
    }
    if case .span = batch, !configuration.isDelta(at: originTimestamp) { throw .spanBeforeDelta }
    return batch
  }
}
