import Primitives

/// The three heads of an L2 chain.
public struct RollupHeads: Hashable, Sendable {
  /// The latest block that the sequencer made or told of.
  public var unsafe: L2BlockReference
  /// The latest block that follows from L1.
  public var safe: L2BlockReference
  /// The latest block that follows from L1 blocks that are final.
  public var finalized: L2BlockReference

  /// Heads with these values.
  public init(unsafe: L2BlockReference, safe: L2BlockReference, finalized: L2BlockReference) {
    self.unsafe = unsafe
    self.safe = safe
    self.finalized = finalized
  }
}

/// Which L2 block was the safe head when the pipeline stood at an L1 block.
public struct SafeHeadRecord: Hashable, Sendable {
  /// The L1 block.
  public var l1Block: BlockIdentifier
  /// The last L2 block that follows from L1 up to and with it.
  public var safeHead: L2BlockReference

  /// A record of these values.
  public init(l1Block: BlockIdentifier, safeHead: L2BlockReference) {
    self.l1Block = l1Block
    self.safeHead = safeHead
  }
}

/// Which L2 blocks became safe at which L1 blocks, so that L1's finality makes L2 blocks final.
///
/// It keeps one record an L1 block, from the last final one on. With alt-DA whose commitments can
/// be challenged, hand over L1 blocks only once the windows after them have passed.
public struct SafeHeadHistory: Hashable, Sendable {
  /// The records, ascending by L1 block.
  public private(set) var records: [SafeHeadRecord] = []

  /// A history without records.
  public init() {}

  /// Takes in that `head` became safe at `l1Block`.
  public mutating func record(_ head: L2BlockReference, derivedFrom l1Block: L1BlockReference) {
    let record = SafeHeadRecord(l1Block: l1Block.identifier, safeHead: head)
    if let last = records.last, last.l1Block.number >= l1Block.number {
      forget(from: l1Block.number)
    }
    records.append(record)
  }

  /// The safe head as of the L1 block `number`; nil where the history does not reach.
  public func safeHead(at number: UInt64) -> SafeHeadRecord? {
    records.last { $0.l1Block.number <= number }
  }

  /// The L2 block that is final once the L1 block `number` is; nil if none new is.
  ///
  /// What came before it is forgotten.
  public mutating func finalize(l1Number number: UInt64) -> L2BlockReference? {
    guard let index = records.lastIndex(where: { $0.l1Block.number <= number }) else {
      return nil
    }
    records.removeFirst(index)
    return records.first?.safeHead
  }

  /// Takes back what L1 blocks from `number` on said, after a reorganisation.
  public mutating func forget(from number: UInt64) {
    records.removeAll { $0.l1Block.number >= number }
  }
}
