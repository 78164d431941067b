import EVM
import Execution
import Primitives

/// The stage that orders batches, judges them, and fills gaps where none came in time.
///
/// Before Holocene it holds batches that are not next yet; since then at most one span.
struct BatchStage: Sendable {
  /// A batch, and the L1 block in which it was complete.
  struct Included: Sendable {
    var batch: Batch
    var inclusionBlock: L1BlockReference
  }

  /// The L1 block up to which origins are known.
  var origin: L1BlockReference?
  /// L1 blocks that follow each other, the first the epoch of the next block.
  var l1Blocks: [L1BlockReference] = []
  /// Before Holocene: batches that may still be valid, in the order of their inclusion.
  var queue: [Included] = []
  /// A batch that was read and waits for a block of the safe chain.
  var staged: Included?
  /// The rest of the accepted span.
  private(set) var span: [SingularBatch] = []
  private(set) var nextInSpan = 0
  var safeBlocks: [SafeBlock] = []
  /// The first block of the safe chain that is to be had at all, where that was said.
  var oldest: L2BlockReference?

  var isEmpty: Bool { queue.isEmpty && staged == nil && isSpanEmpty }
  var isSpanEmpty: Bool { nextInSpan == span.count }

  /// Starts at the pipeline's first L1 block.
  mutating func begin(at block: L1BlockReference) {
    origin = block
    l1Blocks = [block]
  }

  mutating func discardBatches() {
    queue = []
    staged = nil
    dropSpan()
  }

  mutating func dropSpan() {
    span = []
    nextInSpan = 0
  }

  mutating func setSpan(_ batches: [SingularBatch]) {
    span = batches
    nextInSpan = 0
  }

  /// The next block of the accepted span if it follows `parent`; otherwise the rest is dropped.
  mutating func nextFromSpan(
    after parent: L2BlockReference, blockTime: UInt64
  ) -> SingularBatch? {
    guard !isSpanEmpty else { return nil }
    guard span[nextInSpan].timestamp == parent.timestamp &+ blockTime else {
      dropSpan()
      return nil
    }
    var batch = span[nextInSpan]
    nextInSpan += 1
    // The span's parent check was judged, so its blocks follow the chain.
    batch.parentHash = parent.hash
    return batch
  }

  func safeBlock(_ number: UInt64) -> SafeBlock? {
    safeBlocks.first { $0.reference.number == number }
  }

  mutating func keep(_ block: SafeBlock) {
    safeBlocks.removeAll { $0.reference.number == block.reference.number }
    safeBlocks.append(block)
  }

  mutating func keep(oldest block: L2BlockReference) { oldest = block }

  mutating func forgetL2Blocks() { safeBlocks = [] }

  /// Whether a span that follows the block `number` cannot be valid in an L1 block, whatever it is:
  /// its first origin is at most one above that of its parent, or it is too new.
  func isBeyondWindow(
    _ number: UInt64, inclusionBlock: L1BlockReference, windowSize: UInt64
  ) -> Bool {
    guard let oldest, number < oldest.number else { return false }
    return oldest.l1Origin.number &+ 1 &+ windowSize < inclusionBlock.number
  }

  /// Whether the L1 blocks read so far do not reach the safe head's origin.
  func isBehind(_ parent: L2BlockReference, at origin: L1BlockReference) -> Bool {
    origin.number < parent.l1Origin.number
  }

  /// Takes in where the pipeline stands, and lets go of L1 blocks that no block needs any more.
  mutating func updateOrigins(after parent: L2BlockReference, at current: L1BlockReference) {
    let isBehind = isBehind(parent, at: current)
    if origin != current {
      origin = current
      if isBehind {
        l1Blocks = []
      } else {
        l1Blocks.append(current)
      }
    }
    guard let first = l1Blocks.first, parent.l1Origin.number > first.number else { return }
    if let index = l1Blocks.firstIndex(where: { $0.number == parent.l1Origin.number }) {
      l1Blocks.removeFirst(index)
    }
  }

  /// The blocks of `span` after `parent`, each with its origin's hash; nil if an origin is unknown.
  func singularBatches(
    of span: SpanBatch, after parent: L2BlockReference, configuration: RollupConfiguration
  ) -> [SingularBatch]? {
    var batches: [SingularBatch] = []
    let numbers = span.originNumbers
    var position = 0
    for (index, block) in span.blocks.enumerated() {
      let timestamp = span.timestamp(ofBlock: index, configuration: configuration)
      if timestamp <= parent.timestamp { continue }
      let found = l1Blocks[position...].firstIndex { $0.number == numbers[index] }
      guard let found else { return nil }
      position = found
      batches.append(
        SingularBatch(
          parentHash: .zero, epochNumber: numbers[index], epochHash: l1Blocks[found].hash,
          timestamp: timestamp, transactions: block.transactions))
    }
    return batches.isEmpty ? nil : batches
  }

  /// An empty batch for the next block, once the window for better ones has passed; nil before.
  ///
  /// Where the epoch has all its blocks the next one begins, and still nil is returned.
  mutating func emptyBatch(
    after parent: L2BlockReference, at current: L1BlockReference, isOutOfData: Bool,
    configuration: RollupConfiguration
  ) -> SingularBatch? {
    guard let epoch = l1Blocks.first else { return nil }
    let expiry = epoch.number &+ configuration.sequencingWindowSize
    guard expiry < current.number || (expiry == current.number && isOutOfData) else { return nil }
    guard l1Blocks.count > 1 else { return nil }
    let timestamp = parent.timestamp &+ configuration.blockTime
    let isFirstOfEpoch = epoch.number == parent.l1Origin.number &+ 1
    if timestamp < l1Blocks[1].timestamp || isFirstOfEpoch {
      return SingularBatch(
        parentHash: parent.hash, epochNumber: epoch.number, epochHash: epoch.hash,
        timestamp: timestamp, transactions: [])
    }
    l1Blocks.removeFirst()
    return nil
  }
}

/// The next block's batch.
struct NextBatch {
  var batch: SingularBatch
  var isLastInSpan: Bool
  /// Whether it was posted, or fills a gap.
  var wasPosted: Bool
}

extension DerivationPipeline {
  /// Hands over a block of the safe L2 chain that was asked for.
  ///
  /// - Throws: `DerivationError.reset` for a block that says nothing of its origin.
  public mutating func supply(l2Block: Block) throws(DerivationError) {
    do throws(L2BlockError) {
      batches.keep(try SafeBlock(l2Block, configuration: configuration))
    } catch {
      throw .reset(.malformedL2Block(error))
    }
  }

  /// Hands over a block of the safe L2 chain that was asked for, as its keeper knows it.
  public mutating func supply(safeBlock: SafeBlock) { batches.keep(safeBlock) }

  /// Says that no block of the safe L2 chain before this one is to be had.
  ///
  /// A span that follows one of those is invalid once L1 is a sequencing window beyond this block's
  /// origin; until then it is asked for again.
  public mutating func supply(oldestL2Block block: L2BlockReference) {
    batches.keep(oldest: block)
  }

  /// What becomes of a span, where the block that it follows is at hand, or lies too far back.
  func judge(
    _ included: BatchStage.Included,
    _ body: (BatchContext) throws(MissingSafeBlock) -> BatchValidity
  ) throws(MissingSafeBlock) -> BatchValidity {
    do throws(MissingSafeBlock) {
      return try body(batchContext(inclusionBlock: included.inclusionBlock))
    } catch {
      guard
        batches.isBeyondWindow(
          error.number, inclusionBlock: included.inclusionBlock,
          windowSize: configuration.sequencingWindowSize)
      else { throw error }
      return .drop(.sequencingWindow)
    }
  }

  /// The batch of the block after the safe head.
  mutating func nextSingularBatch() throws(StageStop) -> NextBatch {
    guard let current = traversal.origin else { throw .needs(traversal.need) }
    return isHolocene ? try nextStrictBatch(at: current) : try nextQueuedBatch(at: current)
  }

  /// A block of the safe chain that was handed over; the genesis is known without.
  func safeBlock(_ number: UInt64) -> SafeBlock? {
    if number == configuration.genesis.l2.number {
      return SafeBlock(
        reference: L2Head(genesisOf: configuration).reference, transactions: [])
    }
    return batches.safeBlock(number)
  }

  /// What a batch is judged by.
  func batchContext(inclusionBlock: L1BlockReference) -> BatchContext {
    BatchContext(
      configuration: configuration, l1Blocks: batches.l1Blocks, safeHead: safeHead.reference,
      inclusionBlock: inclusionBlock)
  }

  /// Refuses to go on if the safe head's origin is not where L1 was read.
  func checkEpoch(_ epoch: L1BlockReference) throws(StageStop) {
    let expected = safeHead.reference.l1Origin
    // The epoch may be one ahead, where the blocks of the one before are all made.
    guard expected == epoch.identifier || expected.number &+ 1 == epoch.number else {
      throw .failed(.reset(.originMismatch(expected: expected, got: epoch.identifier)))
    }
  }
}
