import EVM
import Execution
import Primitives

/// The stage that walks along L1, one block after the other.
struct L1Traversal: Sendable {
  /// The block at which the pipeline begins.
  let start: BlockIdentifier
  /// The block at which the pipeline stands; nil before the first is there.
  var origin: L1BlockReference?
  /// Whose batcher transactions count, as of the origin.
  var systemConfiguration: SystemConfiguration
  /// The block after the origin, once it was handed over.
  var waiting: L1Block?
  /// What L2 blocks take from the L1 blocks between the safe head's origin and this one.
  var epochs: [L1Epoch] = []

  init(start: PipelineStart) {
    self.start = start.l1Block
    systemConfiguration = start.systemConfiguration
  }

  /// The L1 block that is missing.
  var need: DerivationNeed {
    guard let origin else { return .l1Block(number: start.number) }
    return .l1Block(number: origin.number &+ 1)
  }

  /// What L2 blocks take from the L1 block `number`.
  func epoch(_ number: UInt64) -> L1Epoch? { epochs.first { $0.reference.number == number } }

  mutating func forgetEpochs(before number: UInt64) {
    epochs.removeAll { $0.reference.number < number }
  }

  /// Takes a block if it is the one that is missing.
  mutating func take(_ block: L1Block) throws(DerivationError) {
    let reference = block.reference
    if let origin {
      guard reference.number == origin.number &+ 1 else { return }
      guard reference.parentHash == origin.hash else {
        throw .reset(.l1Reorganised(from: origin.identifier, to: reference))
      }
    } else {
      guard reference.number == start.number else { return }
      guard reference.hash == start.hash else {
        throw .reset(.l1Reorganised(from: start, to: reference))
      }
    }
    waiting = block
  }

  /// Moves to a block, and keeps what its L2 blocks will need.
  mutating func move(
    to block: L1Block, configuration: RollupConfiguration
  ) throws(DerivationError) {
    let epoch: L1Epoch
    do throws(MalformedDeposit) {
      epoch = try L1Epoch(block, configuration: configuration)
    } catch {
      throw .critical(.malformedDeposit(error))
    }
    // The configuration at the start has the start's own changes already.
    if origin != nil {
      let isEcotone = configuration.isActive(.ecotone, at: block.header.timestamp)
      for update in epoch.configurationUpdates {
        systemConfiguration.apply(update, isEcotone: isEcotone)
      }
    }
    epochs.append(epoch)
    origin = block.reference
    waiting = nil
  }
}

extension DerivationPipeline {
  /// Hands over the L1 block that was asked for; any other is passed over.
  ///
  /// - Throws: `DerivationError.reset` if it does not follow the one before: L1 was reorganised.
  public mutating func supply(l1Block: L1Block) throws(DerivationError) {
    try traversal.take(l1Block)
    if traversal.origin == nil, let first = traversal.waiting { try moveOrigin(to: first) }
  }

  /// Moves the whole pipeline to the next L1 block.
  mutating func moveOrigin(to block: L1Block) throws(DerivationError) {
    let before = traversal.origin
    try traversal.move(to: block, configuration: configuration)
    traversal.forgetEpochs(before: safeHead.reference.l1Origin.number)
    let isHolocene = configuration.isActive(.holocene, at: block.header.timestamp)
    if let before {
      if isHolocene, !configuration.isActive(.holocene, at: before.timestamp) {
        discardForHolocene()
      }
    } else {
      batches.begin(at: block.reference)
    }
    retrieval = L1Retrieval(
      block, configuration: configuration, batcher: traversal.systemConfiguration.batcher,
      provider: provider)
    for drop in retrieval.takeDrops() {
      note(.retrieval, drop.rule, transactionHash: drop.transactionHash)
    }
  }

  /// Holocene's first L1 block empties what was buffered under the rules before.
  private mutating func discardForHolocene() {
    if !frames.isEmpty || !bank.isEmpty || !reader.isEmpty || !batches.isEmpty {
      note(.channels, .discardedAtHolocene)
    }
    frames = FrameQueue()
    bank = ChannelBank()
    reader = ChannelReader()
    batches.discardBatches()
  }

  /// Whether Holocene's rules hold at the L1 block where the pipeline stands.
  var isHolocene: Bool {
    guard let origin = traversal.origin else { return false }
    return configuration.isActive(.holocene, at: origin.timestamp)
  }

  /// The time of the L1 block where the pipeline stands.
  var originTimestamp: UInt64 { traversal.origin?.timestamp ?? 0 }
}
