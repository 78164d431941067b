import EVM
import Execution
import Primitives

/// The last stage: a batch becomes the inputs of a block.
extension DerivationPipeline {
  /// The attributes of the block after the safe head.
  mutating func nextAttributes() throws(StageStop) -> DerivedAttributes {
    if let pending { return pending }
    let next = try nextSingularBatch()
    guard let current = traversal.origin else { throw .again }
    let expected = next.batch.epoch
    guard let epoch = traversal.epoch(expected.number), epoch.reference.hash == expected.hash
    else {
      throw .failed(
        .reset(
          .originMismatch(expected: expected, got: safeHead.reference.l1Origin)))
    }
    let payload: PayloadAttributes
    do throws(AttributesError) {
      payload = try configuration.payloadAttributes(
        parent: safeHead, epoch: epoch, transactions: next.batch.transactions)
    } catch {
      throw .failed(
        .reset(
          .originMismatch(expected: safeHead.reference.l1Origin, got: expected)))
    }
    let attributes = DerivedAttributes(
      payload: payload, parent: safeHead.reference, origin: expected, derivedFrom: current,
      hasBatch: next.wasPosted, isLastInSpan: next.isLastInSpan)
    pending = attributes
    return attributes
  }
}
