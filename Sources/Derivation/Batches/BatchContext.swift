import EVM
import Execution
import Primitives

/// A block of the safe L2 chain, as the rules for spans that overlap it need it.
public struct SafeBlock: Hashable, Sendable {
  /// Where it stands.
  public var reference: L2BlockReference
  /// Its transactions without the deposits, encoded.
  public var transactions: [Bytes]

  /// A block with these values.
  public init(reference: L2BlockReference, transactions: [Bytes]) {
    self.reference = reference
    self.transactions = transactions
  }

  /// What the rules need of `block`.
  ///
  /// - Throws: `L2BlockError` for a block that says nothing of its origin.
  public init(_ block: Block, configuration: RollupConfiguration) throws(L2BlockError) {
    reference = try L2Head(block, configuration: configuration).reference
    transactions = block.transactions.filter { $0.kind != .deposit }.map { $0.encoded }
  }
}

/// What a batch is judged by: the rules, the L1 blocks and the safe head at that moment.
public struct BatchContext: Hashable, Sendable {
  /// What everybody agrees on.
  public var configuration: RollupConfiguration
  /// L1 blocks that follow each other, the first the safe head's origin; as far as they are known.
  public var l1Blocks: [L1BlockReference]
  /// The L2 block that the next one follows.
  public var safeHead: L2BlockReference
  /// The L1 block in which the batch was complete.
  public var inclusionBlock: L1BlockReference

  /// A context with these values.
  public init(
    configuration: RollupConfiguration, l1Blocks: [L1BlockReference], safeHead: L2BlockReference,
    inclusionBlock: L1BlockReference
  ) {
    self.configuration = configuration
    self.l1Blocks = l1Blocks
    self.safeHead = safeHead
    self.inclusionBlock = inclusionBlock
  }

  /// The time of the block after the safe head.
  var nextTimestamp: UInt64 { safeHead.timestamp &+ configuration.blockTime }

  /// Whether Holocene's rules hold, by the block in which the batch was included.
  var isHolocene: Bool { configuration.isActive(.holocene, at: inclusionBlock.timestamp) }

  /// The rule that a block's transactions break.
  ///
  /// A type that nobody knows is left to the engine, as by op-node: the payload is invalid then.
  func rule(brokenBy transactions: [Bytes], at timestamp: UInt64) -> BatchRule? {
    if !transactions.isEmpty, configuration.isActivationBlock(of: .jovian, at: timestamp) {
      return .transactionsAtActivation
    }
    for transaction in transactions {
      guard let type = transaction.first else { return .emptyTransaction }
      if type == TransactionKind.deposit.rawValue { return .depositTransaction }
      if type == TransactionKind.blob.rawValue { return .blobTransaction }
      if type == TransactionKind.setCode.rawValue,
        !configuration.isActive(.isthmus, at: timestamp)
      {
        return .setCodeBeforeIsthmus
      }
    }
    return nil
  }

  /// What the drift of a block at `timestamp` means; nil if it is within bounds.
  ///
  /// `nextOrigin` is the L1 block after the origin, and `advances` whether the block is the first
  /// with its origin.
  func drift(
    timestamp: UInt64, origin: L1BlockReference, isEmpty: Bool, advances: Bool,
    nextOrigin: L1BlockReference?
  ) -> BatchValidity? {
    let latest = origin.timestamp &+ configuration.maximumSequencerDrift(at: origin.timestamp)
    guard timestamp > latest else { return nil }
    guard isEmpty else { return .drop(.driftWithTransactions) }
    if advances { return nil }
    guard let nextOrigin else { return .undecided(.originUnknown) }
    return timestamp >= nextOrigin.timestamp ? .drop(.driftWithoutNextOrigin) : nil
  }
}
