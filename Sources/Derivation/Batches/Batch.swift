import Primitives

/// One L2 block's worth of a sequencer's decisions.
///
/// Source: the OP Stack specification, derivation, batch format, version 0.
public struct SingularBatch: Hashable, Sendable {
  /// The hash of the L2 block before.
  public var parentHash: Hash
  /// The L1 origin's number.
  public var epochNumber: UInt64
  /// The L1 origin's hash.
  public var epochHash: Hash
  /// The L2 block's time, in seconds since 1970.
  public var timestamp: UInt64
  /// The sequencer's transactions, encoded; no deposits.
  public var transactions: [Bytes]

  /// A batch with these values.
  public init(
    parentHash: Hash, epochNumber: UInt64, epochHash: Hash, timestamp: UInt64,
    transactions: [Bytes]
  ) {
    self.parentHash = parentHash
    self.epochNumber = epochNumber
    self.epochHash = epochHash
    self.timestamp = timestamp
    self.transactions = transactions
  }

  /// The L1 origin.
  public var epoch: BlockIdentifier { BlockIdentifier(hash: epochHash, number: epochNumber) }

  /// The version byte 0 and the RLP list of the fields.
  public var encoded: Bytes {
    var writer = RLPWriter()
    writer.append(raw: [0])
    writer.list { list in
      list.append(hash: parentHash)
      list.append(uint64: epochNumber)
      list.append(hash: epochHash)
      list.append(uint64: timestamp)
      list.list { items in
        for transaction in transactions { items.append(bytes: transaction) }
      }
    }
    return writer.bytes
  }

  /// The batch whose RLP list is all of `bytes`, which stand behind the version byte.
  ///
  /// - Throws: `RLPError` when it is none.
  init(content bytes: ArraySlice<UInt8>) throws(RLPError) {
    var reader = RLPReader(bytes)
    var fields = try reader.list()
    try reader.end()
    parentHash = try fields.hash()
    epochNumber = try fields.uint64()
    epochHash = try fields.hash()
    timestamp = try fields.uint64()
    transactions = []
    var items = try fields.list()
    while !items.isAtEnd { transactions.append(Bytes(try items.bytes())) }
    try fields.end()
  }
}

/// Why bytes are no batch.
public enum BatchError: Error, Hashable, Sendable {
  /// There is not even a version.
  case empty
  /// The version is neither 0 nor 1.
  case unknownVersion(UInt8)
  /// A singular batch's RLP is not canonical or not of its shape.
  case malformed(RLPError)
  /// A span batch's bytes end too early.
  case truncated
  /// A number of a span batch is too long, or does not fit.
  case malformedNumber
  /// A bit is set behind the last one that means something.
  case malformedBits
  /// A span batch has no blocks.
  case noBlocks
  /// A span batch has too many blocks or transactions.
  case tooManyElements
  /// A transaction of a span batch has a type that spans do not know.
  case unknownTransactionType(UInt8)
  /// A transaction of a span batch is none.
  case malformedTransaction
  /// A transaction to be written is for another chain.
  case otherChain
}

/// What a channel holds: one block's decisions, or those of many blocks in a row.
public enum Batch: Hashable, Sendable {
  /// Version 0.
  case singular(SingularBatch)
  /// Version 1, since Delta.
  case span(SpanBatch)

  /// The version byte and the content.
  ///
  /// - Throws: `BatchError` when a span's transaction is none, or is for another chain.
  public func encoded(chainID: UInt64) throws(BatchError) -> Bytes {
    switch self {
    case .singular(let batch): batch.encoded
    case .span(let batch): try batch.encoded(chainID: chainID)
    }
  }

  /// The batch in `bytes`, from its version byte on.
  ///
  /// Bytes behind a span batch mean nothing, as in op-node; behind a singular batch they are an
  /// error.
  ///
  /// - Throws: `BatchError`.
  public static func decode(_ bytes: Bytes, chainID: UInt64) throws(BatchError) -> Batch {
    guard let version = bytes.first else { throw .empty }
    switch version {
    case 0:
      do throws(RLPError) {
        return .singular(try SingularBatch(content: bytes[1...]))
      } catch {
        throw .malformed(error)
      }
    case 1: return .span(try SpanBatch.decode(Bytes(bytes[1...]), chainID: chainID))
    default: throw .unknownVersion(version)
    }
  }
}
