import EVM
import Execution
import Primitives

/// The batch queue before Holocene: batches may come early, and wait.
extension DerivationPipeline {
  mutating func nextQueuedBatch(at current: L1BlockReference) throws(StageStop) -> NextBatch {
    let parent = safeHead.reference
    let blockTime = configuration.blockTime
    if let batch = batches.nextFromSpan(after: parent, blockTime: blockTime) {
      return NextBatch(batch: batch, isLastInSpan: batches.isSpanEmpty, wasPosted: true)
    }
    batches.updateOrigins(after: parent, at: current)
    let isBehind = batches.isBehind(parent, at: current)
    var isOutOfData = false
    do throws(StageStop) {
      try queueNextBatch(at: current, isBehind: isBehind)
    } catch {
      guard case .endOfData = error else { throw error }
      isOutOfData = true
    }
    if isBehind { throw isOutOfData ? .endOfData : .again }
    guard let epoch = batches.l1Blocks.first else {
      throw .failed(
        .reset(.originMismatch(expected: parent.l1Origin, got: current.identifier)))
    }
    try checkEpoch(epoch)
    switch try takeValidBatch() {
    case .accepted(.singular(let batch)):
      return NextBatch(batch: batch, isLastInSpan: true, wasPosted: true)
    case .accepted(.span(let span)):
      let blocks = batches.singularBatches(
        of: span, after: parent, configuration: configuration)
      batches.setSpan(blocks ?? [])
      guard let batch = batches.nextFromSpan(after: parent, blockTime: blockTime) else {
        throw .again
      }
      return NextBatch(batch: batch, isLastInSpan: batches.isSpanEmpty, wasPosted: true)
    case .undecided: throw isOutOfData ? .endOfData : .again
    case .none: break
    }
    let empty = batches.emptyBatch(
      after: parent, at: current, isOutOfData: isOutOfData, configuration: configuration)
    guard let empty else { throw isOutOfData ? .endOfData : .again }
    return NextBatch(batch: empty, isLastInSpan: true, wasPosted: false)
  }

  /// Reads a batch, and keeps it if it may be valid now or later.
  private mutating func queueNextBatch(
    at current: L1BlockReference, isBehind: Bool
  ) throws(StageStop) {
    let included: BatchStage.Included
    if let staged = batches.staged {
      included = staged
      batches.staged = nil
    } else {
      included = BatchStage.Included(batch: try nextBatch(), inclusionBlock: current)
    }
    if isBehind { return }
    do throws(MissingSafeBlock) {
      if case .drop(let rule) = try validity(of: included) {
        note(.batches, .invalidBatch(rule), timestamp: timestamp(of: included.batch))
        return
      }
    } catch {
      batches.staged = included
      throw .needs(.l2Block(number: error.number))
    }
    batches.queue.append(included)
  }

  private enum Choice {
    case accepted(Batch)
    case undecided
    case none
  }

  /// Takes the first valid batch out of the queue, and drops those that cannot become valid.
  private mutating func takeValidBatch() throws(StageStop) -> Choice {
    var remaining: [BatchStage.Included] = []
    for (index, included) in batches.queue.enumerated() {
      let verdict: BatchValidity
      do throws(MissingSafeBlock) {
        verdict = try validity(of: included)
      } catch {
        batches.queue.replaceSubrange(..<index, with: remaining)
        throw .needs(.l2Block(number: error.number))
      }
      switch verdict {
      case .future: remaining.append(included)
      case .past:
        note(.batches, .invalidBatch(.past), timestamp: timestamp(of: included.batch))
      case .drop(let rule):
        note(.batches, .invalidBatch(rule), timestamp: timestamp(of: included.batch))
      case .accept:
        batches.queue.replaceSubrange(...index, with: remaining)
        return .accepted(included.batch)
      case .undecided:
        batches.queue.replaceSubrange(..<index, with: remaining)
        return .undecided
      }
    }
    batches.queue = remaining
    return .none
  }

  private func validity(
    of included: BatchStage.Included
  ) throws(MissingSafeBlock) -> BatchValidity {
    try judge(included) { (context) throws(MissingSafeBlock) in
      switch included.batch {
      case .singular(let batch): context.validity(of: batch)
      case .span(let span): try context.validity(of: span) { safeBlock($0) }
      }
    }
  }

  private func timestamp(of batch: Batch) -> UInt64 {
    switch batch {
    case .singular(let batch): batch.timestamp
    case .span(let span): span.timestamp(ofBlock: 0, configuration: configuration)
    }
  }
}
