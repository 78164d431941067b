import Primitives

extension BatchContext {
  /// What becomes of a singular batch; the rules in their order.
  ///
  /// Source: the OP Stack specification, batch queue; Holocene and Isthmus, derivation.
  public func validity(of batch: SingularBatch) -> BatchValidity {
    guard let epoch = l1Blocks.first else { return .undecided(.originUnknown) }
    if batch.timestamp > nextTimestamp { return isHolocene ? .drop(.future) : .future }
    if batch.timestamp < nextTimestamp { return isHolocene ? .past : .drop(.past) }
    if batch.parentHash != safeHead.hash { return .drop(.parentHash) }
    if batch.epochNumber &+ configuration.sequencingWindowSize < inclusionBlock.number {
      return .drop(.sequencingWindow)
    }
    let next = l1Blocks.count > 1 ? l1Blocks[1] : nil
    var origin = epoch
    if batch.epochNumber < epoch.number { return .drop(.originTooOld) }
    if batch.epochNumber > epoch.number {
      guard batch.epochNumber == epoch.number &+ 1 else { return .drop(.originTooNew) }
      guard let next else { return .undecided(.originUnknown) }
      origin = next
    }
    if batch.epochHash != origin.hash { return .drop(.originHash) }
    if batch.timestamp < origin.timestamp { return .drop(.beforeOrigin) }
    let drift = drift(
      timestamp: batch.timestamp, origin: origin, isEmpty: batch.transactions.isEmpty,
      advances: origin.number != epoch.number, nextOrigin: next)
    if let drift { return drift }
    if let rule = rule(brokenBy: batch.transactions, at: batch.timestamp) { return .drop(rule) }
    return .accept
  }
}
