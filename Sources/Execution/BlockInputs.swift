import EVM
import Primitives

/// What a block's producer decides; all else of the header follows.
public struct BlockInputs: Hashable, Sendable {
  /// Seconds since 1970; above the parent's for others to accept the block.
  public var timestamp: UInt64
  /// Who gets the priority fees.
  public var feeRecipient: Address
  /// The beacon chain's randomness.
  public var prevRandao: Hash
  /// The most gas that the block may use.
  public var gasLimit: UInt64
  /// At most 32 bytes.
  public var extraData: Bytes
  /// Ether that comes from the beacon chain; used from Shanghai on.
  public var withdrawals: [Withdrawal]
  /// The root of the parent beacon block; used from Cancun on.
  public var parentBeaconBlockRoot: Hash
  /// A base fee to use instead of the one that follows from the parent, in wei.
  ///
  /// Only for development chains: nobody else accepts such a block.
  public var baseFeeOverride: UInt256?

  /// Inputs with these values.
  public init(
    timestamp: UInt64, feeRecipient: Address = .zero, prevRandao: Hash = .zero,
    gasLimit: UInt64 = 30_000_000, extraData: Bytes = [], withdrawals: [Withdrawal] = [],
    parentBeaconBlockRoot: Hash = .zero, baseFeeOverride: UInt256? = nil
  ) {
    self.timestamp = timestamp
    self.feeRecipient = feeRecipient
    self.prevRandao = prevRandao
    self.gasLimit = gasLimit
    self.extraData = extraData
    self.withdrawals = withdrawals
    self.parentBeaconBlockRoot = parentBeaconBlockRoot
    self.baseFeeOverride = baseFeeOverride
  }
}

/// A transaction that may go into a block, with its sender.
///
/// The sender stands beside it because a development chain also takes transactions that nobody has
/// signed.
public struct Candidate: Hashable, Sendable {
  /// The transaction.
  public var transaction: Transaction
  /// Who sends it.
  public var sender: Address
  /// Its hash, where that is known.
  public var hash: Hash?

  /// `transaction` from `sender`.
  public init(transaction: Transaction, sender: Address, hash: Hash? = nil) {
    self.transaction = transaction
    self.sender = sender
    self.hash = hash
  }
}

/// A candidate that had no place in the block.
public struct SkippedCandidate: Hashable, Sendable {
  /// Its index among the candidates.
  public var index: Int
  /// Why.
  public var refusal: TransactionRefusal
}

/// A block and what it does.
public struct BlockOutcome: Sendable {
  /// The block, its header complete.
  public var block: Block
  /// The header's hash.
  public var hash: Hash
  /// The consensus form of each of its transactions.
  public var encodedTransactions: [Bytes]
  /// The hash of each of its transactions.
  public var transactionHashes: [Hash]
  /// A receipt for each of its transactions.
  public var receipts: [Receipt]
  /// Who sent each of its transactions.
  public var senders: [Address]
  /// The state after it, sealed.
  public var state: State
  /// What it changes in the state before it.
  public var diff: StateDiff
  /// Candidates that had no place in it; empty after an import.
  public var skipped: [SkippedCandidate]
  /// Requests to the beacon chain since Prague, each a type byte and its data.
  public var requests: [Bytes]
}

/// The header of the block after `parent`, before anything of it has run.
///
/// It has the fields of its fork, with the roots of an empty block; also what `pending` means to
/// `eth_call`. A chain whose genesis knows a terminal difficulty goes on with proof of stake.
/// `parentHash` is the parent's hash, computed where it is nil.
public func nextHeader(
  specification: ChainSpecification, parent: BlockHeader, parentHash: Hash? = nil,
  inputs: BlockInputs
) -> BlockHeader {
  var header = BlockHeader(
    parentHash: parentHash ?? parent.hash, feeRecipient: inputs.feeRecipient,
    number: parent.number &+ 1,
    gasLimit: inputs.gasLimit, timestamp: inputs.timestamp)
  header.extraData = inputs.extraData
  if inputs.extraData.isEmpty {
    header.extraData = specification.usualExtraData(at: inputs.timestamp)
  }
  header.prevRandao = inputs.prevRandao
  let isMerged = specification.forks.terminalTotalDifficulty != nil
  if !isMerged {
    header.difficulty =
      Difficulty.next(
        parent: parent, timestamp: inputs.timestamp, specification: specification) ?? .max
  }
  let fork = specification.fork(
    number: header.number, timestamp: header.timestamp, isMerged: isMerged)
  if fork >= .london {
    header.baseFee =
      inputs.baseFeeOverride
      ?? nextBaseFee(
        parent: parent, specification: specification, timestamp: inputs.timestamp)
  }
  if fork >= .shanghai { header.withdrawalsRoot = Block.withdrawalsRoot(inputs.withdrawals) }
  if fork >= .cancun {
    header.blobGasUsed = 0
    header.excessBlobGas = nextExcessBlobGas(
      parent: parent, timestamp: inputs.timestamp, specification: specification)
    header.parentBeaconBlockRoot = inputs.parentBeaconBlockRoot
  }
  if fork >= .prague { header.requestsHash = Requests.hash([]) }
  return header
}
