import EVM
import Execution
import Primitives

/// Holocene's batch stage: batches come in their order, or not at all.
extension DerivationPipeline {
  mutating func nextStrictBatch(at current: L1BlockReference) throws(StageStop) -> NextBatch {
    let parent = safeHead.reference
    batches.updateOrigins(after: parent, at: current)
    // What was posted up to the safe head's origin can only be of the past.
    if current.number <= parent.l1Origin.number {
      _ = try nextBatch()
      throw .again
    }
    guard let epoch = batches.l1Blocks.first, batches.l1Blocks.count > 1 else {
      throw .failed(
        .reset(.originMismatch(expected: parent.l1Origin, got: current.identifier)))
    }
    try checkEpoch(epoch)
    let candidate: SingularBatch
    do throws(StageStop) {
      candidate = try strictCandidate(at: current)
    } catch {
      guard case .endOfData = error else { throw error }
      guard
        let empty = batches.emptyBatch(
          after: parent, at: current, isOutOfData: true, configuration: configuration)
      else { throw .endOfData }
      return NextBatch(batch: empty, isLastInSpan: false, wasPosted: false)
    }
    switch batchContext(inclusionBlock: current).validity(of: candidate) {
    case .accept:
      return NextBatch(
        batch: candidate, isLastInSpan: batches.isSpanEmpty, wasPosted: true)
    case .past: note(.batches, .invalidBatch(.past), timestamp: candidate.timestamp)
    case .drop(let rule):
      note(.batches, .invalidBatch(rule), timestamp: candidate.timestamp)
      batches.dropSpan()
      flushChannel()
    case .undecided(let rule):
      note(.batches, .invalidBatch(rule), timestamp: candidate.timestamp)
    case .future: note(.batches, .invalidBatch(.future), timestamp: candidate.timestamp)
    }
    throw .again
  }

  /// The next batch that may be the next block's: a singular one, or a span's first.
  private mutating func strictCandidate(
    at current: L1BlockReference
  ) throws(StageStop) -> SingularBatch {
    let parent = safeHead.reference
    let blockTime = configuration.blockTime
    if let batch = batches.nextFromSpan(after: parent, blockTime: blockTime) { return batch }
    let batch: Batch
    if let staged = batches.staged {
      batch = staged.batch
      batches.staged = nil
    } else {
      batch = try nextBatch()
    }
    guard case .span(let span) = batch else {
      if case .singular(let singular) = batch { return singular }
      throw .again
    }
    let timestamp = span.timestamp(ofBlock: 0, configuration: configuration)
    let validity: BatchValidity
    let included = BatchStage.Included(batch: batch, inclusionBlock: current)
    do throws(MissingSafeBlock) {
      validity = try judge(included) { (context) throws(MissingSafeBlock) in
        try context.validity(ofPrefix: span) { safeBlock($0) }
      }
    } catch {
      batches.staged = included
      throw .needs(.l2Block(number: error.number))
    }
    batches.forgetL2Blocks()
    switch validity {
    case .accept:
      let blocks = batches.singularBatches(
        of: span, after: parent, configuration: configuration)
      guard let blocks else {
        note(.batches, .invalidBatch(.originTooOld), timestamp: timestamp)
        flushChannel()
        throw .again
      }
      batches.setSpan(blocks)
      guard let first = batches.nextFromSpan(after: parent, blockTime: blockTime) else {
        throw .again
      }
      return first
    case .drop(let rule):
      note(.batches, .invalidBatch(rule), timestamp: timestamp)
      flushChannel()
    case .undecided(let rule): note(.batches, .invalidBatch(rule), timestamp: timestamp)
    case .past: note(.batches, .invalidBatch(.past), timestamp: timestamp)
    case .future: note(.batches, .invalidBatch(.future), timestamp: timestamp)
    }
    throw .again
  }
}
