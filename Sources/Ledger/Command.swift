import DataAvailability
import Execution
import Primitives

/// Something asked of the world; it may be refused, and then leaves no trace.
public enum Command: Sendable {
  /// Start the chains from their genesis documents.
  case declareGenesis(GenesisDeclaration)
  /// Have the second layer settle on the first.
  case declareRollup(RollupDeclaration)
  /// Start or stop a rollup's sequencer.
  case setSequencing(isActive: Bool)
  /// Have derivation begin again below the safe head.
  case resetDerivation
  /// Extend a rollup by a block that another sequencer made, which L1 may yet contradict.
  case receivePayload(encoded: Bytes)
  /// Take an L1 block, by its number, and all before as final.
  case finalizeL1(number: UInt64)
  /// Take in the next L1 block as another node gave it, with the blobs that came with it.
  case receiveL1Block(OutsideL1Block)
  /// Put a signed transaction, as the network passes it on, into a layer's pool; `content` is what
  /// it commits to.
  case submitTransaction(Layer, encoded: Bytes, content: [Bytes] = [])
  /// Put a transaction of this node's own batcher into L1's pool; its blobs have been proved, and
  /// they and what it commits to are in the content store.
  case postBatch(NetworkTransaction, content: [Bytes])
  /// Close a block of the layer's ready transactions.
  case sealBlock(SealingRequest)
  /// Move a layer's head back to where it stood before.
  case resetHead(HeadReset)
  /// Have a development chain's next blocks made otherwise; refused where `basis`, the controls
  /// that the change was made from, are no longer the chain's.
  case changeControls(ControlChange, basis: ChainControls? = nil)
  /// Write accounts of a development chain by hand.
  case editAccounts(AccountEdit)
  /// Put a transaction that nobody signed into a layer's pool, in another's name.
  case impersonate(Impersonation)
  /// Take a snapshot, or speak for others; a snapshot's number is given by the chain.
  case ask(OperatorChange)
  /// Have a development chain take over accounts and blocks.
  case loadState(Layer, StateDocument)
  /// Have a development chain go on from a block of another chain.
  case fork(ChainFork)
  /// Take a transaction out of a layer's pool.
  case dropTransaction(Layer, hash: Hash)
  /// Extend a layer by a block that somebody else built.
  case receiveBlock(Layer, encoded: Bytes)
  /// Record a use that an engine served.
  case reportUsage(UsageReport)
  /// Begin a data availability layer.
  case declareStorage(StorageDeclaration)
  /// Have the log say how the whole world stands, so that a snapshot of it can be proved.
  case digestWorld
  /// Record decisions of the data availability layer, all or none.
  case changeStorage([StorageEvent])
}

/// What a sequencer asks of the block that it wants closed.
public struct SealingRequest: Hashable, Sendable {
  /// The layer to extend.
  public var layer: Layer
  /// The block's time, in seconds since 1970; must be above its parent's.
  public var timestamp: UInt64
  /// The address that the priority fees go to.
  public var feeRecipient: Address
  /// The value that PREVRANDAO answers.
  public var prevRandao: Hash
  /// Whether a block without transactions is wanted too.
  public var allowsEmpty: Bool
  /// How many L1 blocks must stand on top of one before a rollup's block has it as origin.
  ///
  /// A rollup's block has its time, fee recipient and randomness from parent and origin, whatever
  /// the request says.
  public var originConfirmations: UInt64
  /// Which of the ready transactions come first.
  public var order: TransactionOrder
  /// The most transactions that are wanted; as many as there is gas for if nil.
  public var transactionLimit: Int?

  /// Makes a request.
  public init(
    layer: Layer, timestamp: UInt64, feeRecipient: Address, prevRandao: Hash, allowsEmpty: Bool,
    originConfirmations: UInt64 = 0, order: TransactionOrder = .fees
  ) {
    self.order = order
    self.originConfirmations = originConfirmations
    self.layer = layer
    self.timestamp = timestamp
    self.feeRecipient = feeRecipient
    self.prevRandao = prevRandao
    self.allowsEmpty = allowsEmpty
  }
}

/// What was found out when an event was decided, and would be found out again to apply it.
public enum Hint: Sendable {
  /// What executing the event's block gave.
  indirect case block(BlockOutcome)
  /// The event's transaction with its hash and its sender.
  indirect case transaction(PooledTransaction)
  /// The world written down.
  case snapshot(Bytes)

  /// The world written down, if that is what it is.
  public var snapshot: Bytes? { if case .snapshot(let bytes) = self { bytes } else { nil } }

  var block: BlockOutcome? { if case .block(let outcome) = self { outcome } else { nil } }

  var transaction: PooledTransaction? {
    if case .transaction(let pooled) = self { pooled } else { nil }
  }
}

/// What a command led to: the events to record, in order.
public struct Decision: Sendable {
  /// The events, none if there was nothing to do.
  public var events: [Event]
  /// What judging the last event's matter gave.
  ///
  /// With it ``World/apply(_:hint:)`` need not work it out a second time. A replay has no hint, and
  /// arrives at the same.
  public var hint: Hint?

  /// Large bytes that the content store must have before the events are recorded.
  public var content: [Bytes] = []

  init(events: [Event], hint: Hint? = nil, content: [Bytes] = []) {
    self.events = events
    self.hint = hint
    self.content = content
  }
}
