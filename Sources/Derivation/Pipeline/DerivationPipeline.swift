import Cryptography
import EVM
import Execution
import Primitives

/// Where a pipeline begins to read: an L1 block, what was configured there, and the safe L2 head.
///
/// `SyncStart` finds it. The L1 block stands a channel's timeout before the head's origin, so that
/// a channel that was open there is read whole.
public struct PipelineStart: Hashable, Sendable {
  /// The first L1 block to read.
  public var l1Block: BlockIdentifier
  /// The system configuration as of that block.
  public var systemConfiguration: SystemConfiguration
  /// The L2 block to go on from.
  public var safeHead: L2Head

  /// A start with these values.
  public init(
    l1Block: BlockIdentifier, systemConfiguration: SystemConfiguration, safeHead: L2Head
  ) {
    self.l1Block = l1Block
    self.systemConfiguration = systemConfiguration
    self.safeHead = safeHead
  }

  /// The beginning of the chain.
  public init(genesisOf configuration: RollupConfiguration) {
    self.init(
      l1Block: configuration.genesis.l1,
      systemConfiguration: configuration.genesis.systemConfiguration,
      safeHead: L2Head(genesisOf: configuration))
  }
}

/// A block that follows from L1, ready to be executed.
public struct DerivedAttributes: Hashable, Sendable {
  /// What the block is made of.
  public var payload: PayloadAttributes
  /// The block before it.
  public var parent: L2BlockReference
  /// Its L1 origin.
  public var origin: BlockIdentifier
  /// The L1 block at which the pipeline stood: all that it follows from is in L1 up to there.
  public var derivedFrom: L1BlockReference
  /// The batch it came from; nil for a block that fills a gap.
  public var hasBatch: Bool
  /// Whether no more blocks follow from the same span.
  public var isLastInSpan: Bool

  /// The block's number.
  public var number: UInt64 { parent.number &+ 1 }

  /// Whether there is nothing in it but deposits.
  public var isDepositsOnly: Bool {
    payload.transactions.allSatisfy { $0.first == TransactionKind.deposit.rawValue }
  }
}

/// What a step of derivation came to.
public enum DerivationStep: Hashable, Sendable {
  /// The next L2 block; answer with `accept` or `reject`.
  case attributes(DerivedAttributes)
  /// Something is missing; supply it and step again.
  case needs(DerivationNeed)
}

/// L1 data in, L2 blocks out: the function that everybody who follows a rollup computes.
///
/// It is a value without clock, file or network. `step` either gives the next block's attributes,
/// or says what it lacks; the caller fetches that, hands it over with one of the `supply`
/// functions, and steps again. What does not count is passed over, with a note that names the rule. The
/// caller executes the attributes (or finds the block it has already) and answers with
/// `accept`; what cannot be executed it answers with `reject`.
///
/// Source: the OP Stack specification, derivation; Holocene, derivation.
public struct DerivationPipeline: Sendable {
  /// What everybody agrees on.
  public let configuration: RollupConfiguration
  let provider: any CryptographyProvider

  /// The L2 block that the next one follows.
  public internal(set) var safeHead: L2Head
  var traversal: L1Traversal
  var retrieval = L1Retrieval()
  var frames = FrameQueue()
  var bank = ChannelBank()
  var assembler = ChannelAssembler()
  var reader = ChannelReader()
  var batches: BatchStage
  var pending: DerivedAttributes?
  var drops: [DroppedInput] = []

  /// A pipeline that begins at `start`.
  ///
  /// `provider` recovers the senders of batcher transactions.
  public init(
    configuration: RollupConfiguration, start: PipelineStart, provider: any CryptographyProvider
  ) {
    self.configuration = configuration
    self.provider = provider
    safeHead = start.safeHead
    traversal = L1Traversal(start: start)
    batches = BatchStage()
  }

  /// The L1 block at which the pipeline stands; nil before the first was supplied.
  ///
  /// All blocks derived so far follow from L1 up to and with this block.
  public var origin: L1BlockReference? { traversal.origin }

  /// The system configuration as of `origin`: whose batcher transactions count.
  public var systemConfiguration: SystemConfiguration { traversal.systemConfiguration }

  /// What was passed over since the last call, in its order.
  public mutating func takeDrops() -> [DroppedInput] {
    defer { drops = [] }
    return drops
  }

  /// Goes on to the next L2 block, or to where something is missing.
  ///
  /// Without an answer to the last attributes it gives the same again.
  ///
  /// - Throws: `DerivationError`; after it the pipeline is of no use.
  public mutating func step() throws(DerivationError) -> DerivationStep {
    while true {
      do throws(StageStop) {
        if traversal.origin == nil { throw .needs(traversal.need) }
        return .attributes(try nextAttributes())
      } catch {
        switch error {
        case .again: continue
        case .needs(let need): return .needs(need)
        case .failed(let error): throw error
        case .endOfData:
          guard let next = traversal.waiting else { return .needs(traversal.need) }
          try moveOrigin(to: next)
        }
      }
    }
  }

  /// The attributes became `head`, which follows the safe head: derivation goes on from it.
  public mutating func accept(_ head: L2Head) {
    precondition(
      head.reference.number == safeHead.reference.number &+ 1, "safe blocks follow each other")
    pending = nil
    safeHead = head
    traversal.forgetEpochs(before: head.reference.l1Origin.number)
    batches.forgetL2Blocks()
  }

  /// The attributes could not be executed.
  ///
  /// Since Holocene a block of the deposits alone takes their place: it is returned, and the rest
  /// of the channel is dropped. Before, the batch is dropped and nil is returned: step again.
  ///
  /// - Throws: `DerivationError.critical` if there was nothing but deposits.
  public mutating func reject() throws(DerivationError) -> DerivedAttributes? {
    guard var attributes = pending else { return nil }
    if attributes.isDepositsOnly {
      throw .critical(.invalidDeposits(parent: attributes.parent.identifier))
    }
    note(
      .attributes, .invalidPayload, timestamp: attributes.payload.inputs.timestamp)
    pending = nil
    batches.dropSpan()
    guard configuration.isActive(.holocene, at: attributes.derivedFrom.timestamp) else {
      return nil
    }
    flushChannel()
    attributes.payload.transactions.removeAll {
      $0.first != TransactionKind.deposit.rawValue
    }
    attributes.isLastInSpan = true
    pending = attributes
    return attributes
  }

  /// Writes down that something is passed over.
  mutating func note(
    _ stage: DroppedInput.Stage, _ rule: DropRule, transactionHash: Hash? = nil,
    channel: ChannelIdentifier? = nil, timestamp: UInt64? = nil
  ) {
    let block = traversal.origin?.identifier ?? traversal.start
    drops.append(
      DroppedInput(
        stage: stage, rule: rule, l1Block: block, transactionHash: transactionHash,
        channel: channel, timestamp: timestamp))
  }
}
