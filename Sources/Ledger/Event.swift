import Derivation
import Primitives

/// A decision that was taken, in the past tense: what the log records and all else follows from.
///
/// An event holds an order, a time, a signature or an answer from outside, never a consequence:
/// blocks, receipts, roots and payouts come out of ``World/apply(_:hint:)``. A kind is never
/// changed, only superseded, since a log must stay readable for life.
public enum Event: Hashable, Sendable {
  /// The chains' genesis documents: always the first event, and only the first.
  case genesisDeclared(GenesisDeclaration)
  /// The second layer settles on the first: before either has a second block.
  case rollupDeclared(RollupDeclaration)
  /// How the whole world stood, as a digest of it: what a snapshot is proved by.
  case worldDigested(WorldDigest)
  /// A signed transaction entered a layer's pool.
  case transactionAccepted(TransactionAcceptance)
  /// A transaction left a layer's pool without a block.
  case transactionDropped(TransactionDrop)
  /// A block was closed: its time, order and randomness, never its header.
  case blockSealed(BlockSealing)
  /// A layer's head moved back to where it stood before: a reorganisation, or a revert.
  case headReset(HeadReset)
  /// A development chain's operator had its next blocks made otherwise: its time was shifted, or
  /// what makes a block due was changed.
  case controlsChanged(ControlChange)
  /// A development chain's operator wrote accounts by hand.
  case accountsEdited(AccountEdit)
  /// A transaction that nobody signed entered a layer's pool in another's name.
  case transactionImpersonated(Impersonation)
  /// A development chain's operator asked for a snapshot, or to speak for others.
  case operatorAsked(OperatorChange)
  /// A development chain took over accounts and blocks from a document.
  case stateLoaded(StateLoading)
  /// A block of a rollup was closed: its L1 origin and order.
  case rollupBlockSealed(RollupBlockSealing)
  /// The rollup's sequencer was started, or stopped.
  case sequencingChanged(isActive: Bool)
  /// The operator had derivation begin again below the safe head.
  case derivationReset
  /// L1's consensus, or its operator, said that a block of it and all before are final.
  case l1Finalized(BlockIdentifier)
  /// A signed transaction entered a layer's pool with large bytes beside it: blobs, or data that
  /// it commits to.
  case carrierAccepted(CarrierAcceptance)
  /// A block of foreign history arrived and extends a layer's head; or one of a rollup that another
  /// sequencer made, and that L1 says nothing of yet.
  case outsideBlockReceived(OutsideBlock)
  /// Another node's answer: the next L1 block, from which a rollup that it carries is derived.
  case outsideL1BlockReceived(OutsideL1Block)
  /// Another node's answer: a development chain goes on from a block of another chain.
  case chainForked(ChainFork)
  /// An engine reported a use, signed by it and authorised by the payer.
  case usageReported(UsageReport)
  /// A data availability layer began.
  case storageDeclared(StorageDeclaration)
  /// The data availability layer decided something: operators, payments, blobs, batches, faults.
  case storageChanged(StorageChange)
}

/// The documents from which the chains of a world start.
public struct GenesisDeclaration: Hashable, Sendable {
  /// The version of the rules by which commitments are computed.
  public var rulesVersion: UInt64
  /// A geth-format genesis JSON document for each layer, ascending by layer.
  public var documents: [Document]
  /// The address whose transactions settle usage receipts on the second layer.
  public var settler: Address

  /// One layer's genesis document, byte for byte as it was given.
  public struct Document: Hashable, Sendable {
    /// The layer that the document starts.
    public var layer: Layer
    /// The JSON text.
    public var json: Bytes

    /// Makes a document of a layer's JSON text.
    public init(layer: Layer, json: Bytes) {
      self.layer = layer
      self.json = json
    }
  }

  /// Makes a declaration under the current rules.
  public init(
    documents: [Document], settler: Address, rulesVersion: UInt64 = Commitment.currentVersion
  ) {
    self.rulesVersion = rulesVersion
    self.documents = documents
    self.settler = settler
  }
}

/// A transaction as its sender signed it.
public struct TransactionAcceptance: Hashable, Sendable {
  /// The chain whose pool it entered.
  public var layer: Layer
  /// The transaction in its EIP-2718 encoding.
  public var encoded: Bytes

  /// Makes an acceptance of an encoded transaction.
  public init(layer: Layer, encoded: Bytes) {
    self.layer = layer
    self.encoded = encoded
  }
}

/// A transaction that was taken out of a pool, and why.
public struct TransactionDrop: Hashable, Sendable {
  /// The chain whose pool it left.
  public var layer: Layer
  /// The transaction's hash.
  public var hash: Hash
  /// The reason in words, as its sender is told it.
  public var reason: String

  /// Makes a drop of a pooled transaction.
  public init(layer: Layer, hash: Hash, reason: String) {
    self.layer = layer
    self.hash = hash
    self.reason = reason
  }
}

/// What a sequencer decides about a block; everything else in its header is derived.
public struct BlockSealing: Hashable, Sendable {
  /// The chain that the block extends.
  public var layer: Layer
  /// The block's time, in seconds since 1970; above its parent's.
  public var timestamp: UInt64
  /// The address that the priority fees go to.
  public var feeRecipient: Address
  /// The value that PREVRANDAO answers.
  public var prevRandao: Hash
  /// The pooled transactions to try, in this order; what turns out invalid is skipped.
  public var order: [Hash]

  /// Makes a sealing.
  public init(
    layer: Layer, timestamp: UInt64, feeRecipient: Address, prevRandao: Hash, order: [Hash]
  ) {
    self.layer = layer
    self.timestamp = timestamp
    self.feeRecipient = feeRecipient
    self.prevRandao = prevRandao
    self.order = order
  }
}

/// A block that somebody else built.
public struct OutsideBlock: Hashable, Sendable {
  /// The chain that the block extends.
  public var layer: Layer
  /// The block in Ethereum's RLP encoding.
  public var encoded: Bytes

  /// Makes an arrival of an encoded block.
  public init(layer: Layer, encoded: Bytes) {
    self.layer = layer
    self.encoded = encoded
  }
}
