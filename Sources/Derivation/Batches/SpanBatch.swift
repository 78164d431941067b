import Primitives

/// One block of a span batch.
public struct SpanBatchBlock: Hashable, Sendable {
  /// Whether its L1 origin is another one than that of the block before.
  public var startsEpoch: Bool
  /// The sequencer's transactions, encoded; no deposits.
  public var transactions: [Bytes]

  /// A block with these values.
  public init(startsEpoch: Bool, transactions: [Bytes]) {
    self.startsEpoch = startsEpoch
    self.transactions = transactions
  }
}

/// A sequencer's decisions for L2 blocks in a row, which leave out what follows from each other.
///
/// Source: the OP Stack specification, Delta, span batches; Isthmus for transactions that set code.
public struct SpanBatch: Hashable, Sendable {
  /// How many bytes of a hash the checks hold.
  public static let checkSizeInBytes = 20

  /// The first block's time, in seconds since the L2 genesis.
  public var relativeTimestamp: UInt64
  /// The number of the last block's L1 origin.
  public var lastOriginNumber: UInt64
  /// The first 20 bytes of the hash of the block before the first.
  public var parentCheck: Bytes
  /// The first 20 bytes of the hash of the last block's L1 origin.
  public var originCheck: Bytes
  /// The blocks; never none.
  public var blocks: [SpanBatchBlock]

  /// A span of these values; the checks have 20 bytes, and there is a block.
  public init(
    relativeTimestamp: UInt64, lastOriginNumber: UInt64, parentCheck: Bytes, originCheck: Bytes,
    blocks: [SpanBatchBlock]
  ) {
    precondition(!blocks.isEmpty, "a span batch has a block")
    precondition(
      parentCheck.count == Self.checkSizeInBytes && originCheck.count == Self.checkSizeInBytes,
      "the checks of a span batch have 20 bytes")
    self.relativeTimestamp = relativeTimestamp
    self.lastOriginNumber = lastOriginNumber
    self.parentCheck = parentCheck
    self.originCheck = originCheck
    self.blocks = blocks
  }

  /// The span of `batches`, which follow each other at the chain's block time and are not none.
  ///
  /// `firstSequenceNumber` is the first block's number in its epoch: 0 says that it starts one.
  public init(
    _ batches: [SingularBatch], firstSequenceNumber: UInt64, genesisTime: UInt64
  ) {
    precondition(!batches.isEmpty, "a span batch has a block")
    let first = batches[0]
    let last = batches[batches.count - 1]
    var blocks: [SpanBatchBlock] = []
    for (index, batch) in batches.enumerated() {
      let startsEpoch =
        index == 0
        ? firstSequenceNumber == 0 : batch.epochNumber != batches[index - 1].epochNumber
      blocks.append(
        SpanBatchBlock(startsEpoch: startsEpoch, transactions: batch.transactions))
    }
    self.init(
      relativeTimestamp: first.timestamp &- genesisTime, lastOriginNumber: last.epochNumber,
      parentCheck: Self.check(first.parentHash), originCheck: Self.check(last.epochHash),
      blocks: blocks)
  }

  /// The part of a hash that a span batch holds.
  public static func check(_ hash: Hash) -> Bytes { Bytes(hash.bytes[..<checkSizeInBytes]) }

  /// The numbers of the blocks' L1 origins, in their order.
  ///
  /// Numbers below 0, which only a hostile batch has, wrap; no such block exists.
  public var originNumbers: [UInt64] {
    var numbers = [UInt64](repeating: lastOriginNumber, count: blocks.count)
    var number = lastOriginNumber
    for index in blocks.indices.reversed() {
      numbers[index] = number
      if blocks[index].startsEpoch { number = number &- 1 }
    }
    return numbers
  }

  /// The number of the first block's L1 origin.
  public var firstOriginNumber: UInt64 {
    var number = lastOriginNumber
    for block in blocks.dropFirst() where block.startsEpoch { number = number &- 1 }
    return number
  }

  /// The time of the block at `index`, in seconds since 1970.
  public func timestamp(ofBlock index: Int, configuration: RollupConfiguration) -> UInt64 {
    configuration.genesis.l2Time &+ relativeTimestamp
      &+ configuration.blockTime &* UInt64(index)
  }
}
