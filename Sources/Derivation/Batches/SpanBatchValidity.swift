import Primitives

/// The block of the safe chain without which a span cannot be judged.
public struct MissingSafeBlock: Error, Hashable, Sendable {
  /// The block's number.
  public var number: UInt64
}

/// A judged span, and the block before its first.
struct SpanPrefix {
  var validity: BatchValidity
  var parent: L2BlockReference
}

extension BatchContext {
  /// What becomes of a span as a whole, before Holocene; the rules in their order.
  ///
  /// `safeBlock` gives the blocks of the safe chain below the head.
  ///
  /// Source: the OP Stack specification, Delta, span batches, batch queue.
  ///
  /// - Throws: `MissingSafeBlock` when `safeBlock` does not give one that is needed.
  public func validity(
    of span: SpanBatch, safeBlock: (UInt64) -> SafeBlock?
  ) throws(MissingSafeBlock) -> BatchValidity {
    let prefix = try prefixValidity(of: span, safeBlock: safeBlock)
    guard prefix.validity == .accept else { return prefix.validity }
    if let verdict = blocksValidity(of: span, parent: prefix.parent) { return verdict }
    return try overlapValidity(of: span, parent: prefix.parent, safeBlock: safeBlock)
  }

  /// What becomes of a span since Holocene, as far as its first and last blocks tell.
  ///
  /// Its blocks are judged one by one when they are next.
  ///
  /// - Throws: `MissingSafeBlock` when `safeBlock` does not give the span's parent.
  public func validity(
    ofPrefix span: SpanBatch, safeBlock: (UInt64) -> SafeBlock?
  ) throws(MissingSafeBlock) -> BatchValidity {
    try prefixValidity(of: span, safeBlock: safeBlock).validity
  }

  private func prefixValidity(
    of span: SpanBatch, safeBlock: (UInt64) -> SafeBlock?
  ) throws(MissingSafeBlock) -> SpanPrefix {
    func verdict(_ validity: BatchValidity) -> SpanPrefix {
      SpanPrefix(validity: validity, parent: safeHead)
    }
    guard let epoch = l1Blocks.first else { return verdict(.undecided(.originUnknown)) }
    let firstOrigin = span.firstOriginNumber
    var origin = epoch
    if firstOrigin == epoch.number &+ 1 {
      guard l1Blocks.count > 1 else { return verdict(.undecided(.originUnknown)) }
      origin = l1Blocks[1]
    }
    if !configuration.isDelta(at: origin.timestamp) { return verdict(.drop(.spanBeforeDelta)) }
    let first = span.timestamp(ofBlock: 0, configuration: configuration)
    let last = span.timestamp(ofBlock: span.blocks.count - 1, configuration: configuration)
    if first > nextTimestamp { return verdict(isHolocene ? .drop(.future) : .future) }
    if last < nextTimestamp { return verdict(isHolocene ? .past : .drop(.past)) }
    var parent = safeHead
    if first < nextTimestamp {
      guard first <= safeHead.timestamp else { return verdict(.drop(.misalignedTimestamp)) }
      let distance = safeHead.timestamp - first
      guard distance % configuration.blockTime == 0 else {
        return verdict(.drop(.misalignedTimestamp))
      }
      let depth = distance / configuration.blockTime + 1
      // A span that begins at or before the genesis has no block to follow.
      guard safeHead.number >= configuration.genesis.l2.number,
        depth <= safeHead.number - configuration.genesis.l2.number
      else { return verdict(.drop(.misalignedTimestamp)) }
      let number = safeHead.number - depth
      guard let block = safeBlock(number) else { throw MissingSafeBlock(number: number) }
      parent = block.reference
    }
    if span.parentCheck != SpanBatch.check(parent.hash) { return verdict(.drop(.parentHash)) }
    if firstOrigin &+ configuration.sequencingWindowSize < inclusionBlock.number {
      return verdict(.drop(.sequencingWindow))
    }
    if firstOrigin > parent.l1Origin.number &+ 1 { return verdict(.drop(.originTooNew)) }
    guard let end = l1Blocks.first(where: { $0.number == span.lastOriginNumber }) else {
      return verdict(.undecided(.originUnknown))
    }
    if span.originCheck != SpanBatch.check(end.hash) { return verdict(.drop(.originHash)) }
    if firstOrigin < parent.l1Origin.number { return verdict(.drop(.originTooOld)) }
    return SpanPrefix(validity: .accept, parent: parent)
  }

  /// The rules for each block after the safe head; nil if none is broken.
  private func blocksValidity(
    of span: SpanBatch, parent: L2BlockReference
  ) -> BatchValidity? {
    let numbers = span.originNumbers
    var position = 0
    for (index, block) in span.blocks.enumerated() {
      let timestamp = span.timestamp(ofBlock: index, configuration: configuration)
      if timestamp <= safeHead.timestamp { continue }
      let number = numbers[index]
      if number < safeHead.l1Origin.number { return .drop(.originTooOld) }
      guard let found = l1Blocks[position...].firstIndex(where: { $0.number == number }) else {
        return .drop(.originTooOld)
      }
      position = found
      let origin = l1Blocks[found]
      let advances =
        index > 0 ? block.startsEpoch : number == parent.l1Origin.number &+ 1
      if timestamp < origin.timestamp { return .drop(.beforeOrigin) }
      let verdict = drift(
        timestamp: timestamp, origin: origin, isEmpty: block.transactions.isEmpty,
        advances: advances, nextOrigin: found + 1 < l1Blocks.count ? l1Blocks[found + 1] : nil)
      if let verdict { return verdict }
      if let rule = rule(brokenBy: block.transactions, at: timestamp) { return .drop(rule) }
    }
    return nil
  }

  /// The rules for each block that exists already.
  private func overlapValidity(
    of span: SpanBatch, parent: L2BlockReference, safeBlock: (UInt64) -> SafeBlock?
  ) throws(MissingSafeBlock) -> BatchValidity {
    let numbers = span.originNumbers
    guard parent.number < safeHead.number else { return .accept }
    for (index, number) in (parent.number + 1...safeHead.number).enumerated() {
      guard index < span.blocks.count else { break }
      guard let block = safeBlock(number) else { throw MissingSafeBlock(number: number) }
      if block.transactions != span.blocks[index].transactions {
        return .drop(.overlapTransactions)
      }
      if block.reference.l1Origin.number != numbers[index] { return .drop(.overlapOrigin) }
    }
    return .accept
  }
}
