import Primitives

/// The rule by which something that was posted to L1 does not count.
public enum DropRule: Hashable, Sendable {
  // Retrieval.
  /// A transaction to the batch inbox is of another sender than the batcher.
  case wrongSender
  /// A transaction to the batch inbox has a type that batcher transactions may not have.
  case wrongTransactionType
  /// A transaction on L1 has a type that is not known here, and so none that holds batches.
  case unknownTransactionType(UInt8)
  /// A blob is not encoded as rollup data are.
  case malformedBlob(BlobDataError)
  /// A commitment to data elsewhere is none.
  case malformedCommitment(AltDACommitmentError)
  /// The data behind a commitment are refused: the reason is the DA layer's.
  case refusedCommitment
  /// A commitment is no certificate that counts here.
  case refusedCertificate(CertificateRefusal)
  /// The data behind a commitment are longer than a challenge could show.
  case oversizedInput
  // Frames and channels.
  /// The data are no frames.
  case malformedFrames(FrameError)
  /// A frame is not the next one of its channel.
  case frameOutOfOrder
  /// A frame belongs to a channel that has begun elsewhere, or has been dropped.
  case frameWithoutChannel
  /// The channel has this frame already.
  case duplicateFrame
  /// The channel is closed already.
  case frameAfterEnd
  /// The channel did not become complete within its time.
  case channelTimeout
  /// The channel is larger than it may be.
  case oversizedChannel
  /// The channel bank is full, and this is its oldest channel.
  case channelBankFull
  /// Another channel began before this one was complete.
  case channelReplaced
  /// The fork began at this L1 block: what was buffered before is discarded.
  case discardedAtHolocene
  // Channel contents.
  /// The channel has no byte.
  case emptyChannel
  /// The channel's first byte names no compression.
  case unknownCompression(UInt8)
  /// Brotli came with Fjord.
  case brotliBeforeFjord
  /// The channel's stream ends in an error; batches before it count.
  case malformedStream(DecompressionError)
  /// The channel's content is longer than it may be; batches within the limit count.
  case contentLimit
  /// The channel's content is no list of batches; batches before count.
  case malformedContent(RLPError)
  /// A batch is none.
  case malformedBatch(BatchError)
  /// Span batches came with Delta.
  case spanBeforeDelta
  // Batches.
  /// A batch breaks a rule of validity.
  case invalidBatch(BatchRule)
  /// The engine found the block that a batch makes invalid.
  case invalidPayload
  /// The rest of a channel or of a span falls with the batch before it.
  case invalidatedRest
  /// A rule of which only the name is known: it was written down in a snapshot.
  case recorded(name: Bytes)
}

/// Something on L1 that derivation passes over, and the rule that says so.
public struct DroppedInput: Hashable, Sendable {
  /// The stages, lowest first.
  public enum Stage: UInt8, Hashable, Sendable {
    case retrieval
    case frames
    case channels
    case reader
    case batches
    case attributes
  }

  /// The stage that dropped it.
  public var stage: Stage
  /// The rule.
  public var rule: DropRule
  /// The L1 block at which the pipeline stood.
  public var l1Block: BlockIdentifier
  /// The L1 transaction, where the stage knows it.
  public var transactionHash: Hash?
  /// The channel, where the stage knows it.
  public var channel: ChannelIdentifier?
  /// The batch's time, where there is one.
  public var timestamp: UInt64?

  /// The line for a log: stage, rule, and where it was found.
  public var message: String {
    var text = "dropped by " + stage.name + ": " + rule.name
    text += " (L1 block " + String(l1Block.number)
    if let transactionHash { text += ", transaction " + transactionHash.hexadecimal }
    if let channel { text += ", channel " + Hexadecimal.encodePrefixed(channel.bytes) }
    if let timestamp { text += ", batch at " + String(timestamp) }
    return text + ")"
  }
}

extension DroppedInput.Stage {
  /// The stage's name in log lines.
  public var name: String {
    switch self {
    case .retrieval: "L1 retrieval"
    case .frames: "frame queue"
    case .channels: "channel bank"
    case .reader: "channel reader"
    case .batches: "batch queue"
    case .attributes: "attributes"
    }
  }
}
