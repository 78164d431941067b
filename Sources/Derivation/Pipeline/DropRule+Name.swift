import Primitives

extension DropRule {
  /// The rule's name, as log lines and `opal inspect` print it.
  public var name: String {
    switch self {
    case .wrongSender: "sender is not the batcher"
    case .wrongTransactionType: "transaction type may not carry batches"
    case .unknownTransactionType(let type): "unknown transaction type " + String(type)
    case .malformedBlob(let error): "blob encoding: " + error.name
    case .malformedCommitment(let error): "commitment: " + error.name
    case .refusedCommitment: "commitment refused by the DA layer"
    case .refusedCertificate(let refusal): "certificate: " + refusal.name
    case .oversizedInput: "input behind a commitment is too long"
    case .malformedFrames(let error): "frames: " + error.name
    case .frameOutOfOrder: "frame out of order"
    case .frameWithoutChannel: "frame without its channel's first frame"
    case .duplicateFrame: "duplicate frame"
    case .frameAfterEnd: "frame after the channel's end"
    case .channelTimeout: "channel timeout"
    case .oversizedChannel: "channel too large"
    case .channelBankFull: "channel bank pruned"
    case .channelReplaced: "incomplete channel replaced by a new one"
    case .discardedAtHolocene: "buffered before Holocene"
    case .emptyChannel: "empty channel"
    case .unknownCompression(let byte): "unknown compression " + String(byte)
    case .brotliBeforeFjord: "brotli before Fjord"
    case .malformedStream(let error): "compressed stream: " + error.name
    case .contentLimit: "channel content beyond the limit"
    case .malformedContent: "channel content is not RLP strings"
    case .malformedBatch(let error): "batch encoding: " + error.name
    case .spanBeforeDelta: "span batch before Delta"
    case .invalidBatch(let rule): "batch validity: " + rule.name
    case .invalidPayload: "payload invalid"
    case .invalidatedRest: "rest of an invalidated channel"
    case .recorded(let name): String(decoding: name, as: UTF8.self)
    }
  }
}

extension FrameError {
  /// What is wrong, in a few words.
  public var name: String {
    switch self {
    case .empty: "no data"
    case .unknownVersion(let version): "unknown version " + String(version)
    case .noFrames: "no frame"
    case .truncated: "truncated or trailing bytes"
    case .tooLong: "frame data too long"
    case .malformedEnd(let byte): "is_last is " + String(byte)
    }
  }
}

extension DecompressionError {
  /// What is wrong, in a few words.
  public var name: String {
    switch self {
    case .truncated: "truncated"
    case .malformedHeader: "malformed header"
    case .malformed: "malformed"
    case .wrongChecksum: "wrong checksum"
    }
  }
}

extension BatchError {
  /// What is wrong, in a few words.
  public var name: String {
    switch self {
    case .empty: "no data"
    case .unknownVersion(let version): "unknown version " + String(version)
    case .malformed: "malformed RLP"
    case .truncated: "truncated"
    case .malformedNumber: "malformed number"
    case .malformedBits: "bits behind the last one"
    case .noBlocks: "span without blocks"
    case .tooManyElements: "too many elements"
    case .unknownTransactionType(let type): "unknown transaction type " + String(type)
    case .malformedTransaction: "malformed transaction"
    case .otherChain: "transaction of another chain"
    }
  }
}
