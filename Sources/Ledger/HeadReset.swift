import Execution
import Primitives

/// That a layer's head moved back to where it stood after an earlier event.
///
/// A reorganisation and a revert are the same decision. The log keeps the branch that is abandoned.
public struct HeadReset: Hashable, Sendable {
  /// What goes back.
  public struct Parts: OptionSet, Hashable, Sendable {
    /// The parts as a sum of 1, 2 and 4.
    public let rawValue: UInt8
    /// Parts of a sum of 1, 2 and 4.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The blocks and the state; always goes back.
    public static let chain = Parts(rawValue: 1)
    /// The pool; without it, it keeps what it has, and takes in what stood in abandoned blocks.
    public static let pool = Parts(rawValue: 2)
    /// The chain's time, where that was shifted.
    public static let clock = Parts(rawValue: 4)
    /// Everything.
    public static let all: Parts = [.chain, .pool, .clock]
  }

  /// The chain whose head moved.
  public var layer: Layer
  /// The log sequence after which things stood as they stand again.
  public var position: UInt64
  /// What goes back; the chain always does.
  public var parts: Parts

  /// Makes a reset to where things stood after the event `position`.
  public init(layer: Layer, position: UInt64, parts: Parts = .all) {
    self.layer = layer
    self.position = position
    self.parts = parts.union(.chain)
  }
}

/// Why a head cannot go back to where it stood after an event.
public enum ResetRefusal: Error, Hashable, Sendable {
  /// The event has not happened.
  case notYet(position: UInt64, last: UInt64)
  /// The state after the event is no longer at hand.
  case forgotten(position: UInt64, oldest: UInt64)
  /// The block after the event stands on a branch that was abandoned since.
  case abandoned(position: UInt64, by: UInt64)
  /// There are not so many blocks.
  case tooDeep(depth: UInt64, number: UInt64)

  /// The refusal in words.
  public var message: String {
    switch self {
    case .notYet(let position, let last):
      "event \(position) has not happened, the last is \(last)"
    case .forgotten(let position, let oldest):
      "the head can go back to where it stood after event \(oldest), not \(position)"
    case .abandoned(let position, let by):
      "what followed event \(position) was abandoned by event \(by)"
    case .tooDeep(let depth, let number):
      "\(depth) blocks cannot be taken back, the head is block \(number) or the rest is not at hand"
    }
  }
}

extension Chain {
  /// The block that was the head after an event, if the head may go back there.
  ///
  /// - Throws: ``ResetRefusal``.
  func resetTarget(_ position: UInt64) throws(ResetRefusal) -> RecentBlock {
    let oldest = max(recent[0].sequence, pool.history.start)
    guard position >= oldest else { throw .forgotten(position: position, oldest: oldest) }
    if let range = abandoned.first(where: { $0.lowerBound < position && position < $0.upperBound })
    {
      throw .abandoned(position: position, by: range.upperBound)
    }
    let index = recent.lastIndex { $0.sequence <= position } ?? 0
    return recent[index]
  }

  /// What is remembered of the chain after an event whose states are no longer at hand, if
  /// everything is to go back there.
  func distantAnchor(of reset: HeadReset) -> Anchor? {
    let oldest = max(recent[0].sequence, pool.history.start)
    guard reset.position < oldest, reset.parts == .all else { return nil }
    return anchor(after: reset.position)
  }

  /// The position to which a reset takes so many blocks back.
  ///
  /// - Throws: ``ResetRefusal/tooDeep(depth:number:)``.
  public func position(depth: UInt64) throws(ResetRefusal) -> UInt64 {
    guard depth <= number, let target = block(number - depth) else {
      throw .tooDeep(depth: depth, number: number)
    }
    return target.sequence
  }

  /// Takes the head back to a block that is at hand.
  mutating func truncate(to target: RecentBlock, position: UInt64, at sequence: UInt64) {
    recent.removeLast(Int(number - target.header.number))
    if !target.edits.isEmpty {
      recent.removeLast()
      recent.append(target.asAfter(position))
    }
    noteAbandoned(after: position, at: sequence)
  }

  /// What followed an event is abandoned by another.
  mutating func noteAbandoned(after position: UInt64, at sequence: UInt64) {
    forgetAnchors(after: position)
    guard position + 1 < sequence else { return }
    abandoned.removeAll { $0.lowerBound >= position }
    abandoned.append(position..<sequence)
  }
}

extension Chain {
  /// The chain with a block on top that is known to follow, as far as executing the next one needs.
  public func extended(by outcome: BlockOutcome, at sequence: UInt64) -> Chain {
    var chain = self
    // As many blocks stay at hand as a chain of either kind keeps.
    chain.extend(by: outcome, at: sequence, isPlain: false)
    return chain
  }

  /// The chain up to a block that is at hand; nil where that is not.
  public func truncated(to number: UInt64) -> Chain? {
    guard number <= self.number, let target = block(number) else { return nil }
    var chain = self
    chain.truncate(to: target, position: target.sequence, at: target.sequence)
    return chain
  }
}

extension World {
  func decide(_ reset: HeadReset) throws(Refusal) -> Decision {
    guard let chain = self[reset.layer] else { throw .layerNotStarted(reset.layer) }
    let refusal: RollupRefusal?
    do throws(ResetRefusal) {
      guard reset.position <= sequence else {
        throw .notYet(position: reset.position, last: sequence)
      }
      let target = try target(of: reset, on: chain)
      refusal = rollupRefusal(of: reset.layer, to: target)
    } catch {
      throw .reset(error)
    }
    if let refusal { throw .rollup(refusal) }
    return Decision(events: [.headReset(reset)])
  }

  mutating func reset(_ reset: HeadReset) throws(Misfit) -> [Consequence] {
    guard let chain = self[reset.layer] else { throw .layerNotStarted(reset.layer) }
    let target: RecentBlock
    do throws(ResetRefusal) {
      guard reset.position <= sequence else {
        throw .notYet(position: reset.position, last: sequence)
      }
      target = try self.target(of: reset, on: chain)
    } catch {
      throw .reset(reset.layer, error)
    }
    if let refusal = rollupRefusal(of: reset.layer, to: target) { throw .rollup(refusal) }
    if let anchor = distantAnchor(of: reset, on: chain) {
      return try moveBack(reset.layer, to: anchor)
    }
    return try moveBack(
      reset.layer, to: target, position: reset.position,
      restoresPool: reset.parts.contains(.pool),
      restoresClock: reset.parts.contains(.clock))
  }

  /// The block that a reset makes the head.
  private func target(
    of reset: HeadReset, on chain: Chain
  ) throws(ResetRefusal) -> RecentBlock {
    if let anchor = distantAnchor(of: reset, on: chain) { return anchor.head }
    return try chain.resetTarget(reset.position)
  }

  /// What is remembered of a chain so long ago that nothing else of it is at hand; nothing where
  /// uses or a rollup would have to go back too.
  private func distantAnchor(of reset: HeadReset, on chain: Chain) -> Anchor? {
    guard rollup == nil, usage.isUntouched else { return nil }
    return chain.distantAnchor(of: reset)
  }

  /// Takes a layer's head back to what is remembered, and with it the pool and the controls.
  private mutating func moveBack(
    _ layer: Layer, to anchor: Anchor
  ) throws(Misfit) -> [Consequence] {
    let sequence = sequence + 1
    let returned = self[layer].map { anchor.returned(to: $0.pool) } ?? []
    self[layer]?.restore(anchor)
    self[layer]?.noteAbandoned(after: anchor.position, at: sequence)
    self[layer]?.forgetSnapshots(from: anchor.position)
    let number = anchor.head.header.number
    let consequences: [Consequence] =
      [
        .reset(layer, number: number, hash: anchor.head.hash),
        .editsUndone(layer, number: number, after: anchor.position),
      ] + returned.map { .pooled(layer, $0) }
    return layer == .two ? consequences : consequences + (try unfollow(toL1: number))
  }

  /// Takes a layer's head back to a block, and with it the pool and the uses.
  mutating func moveBack(
    _ layer: Layer, to target: RecentBlock, position: UInt64, restoresPool: Bool,
    restoresClock: Bool = false
  ) throws(Misfit) -> [Consequence] {
    let sequence = sequence + 1
    self[layer]?.truncate(to: target, position: position, at: sequence)
    if restoresClock {
      self[layer]?.restoreControls(to: position)
      if let anchor = self[layer]?.anchor(after: position) {
        self[layer]?.useControls(of: anchor)
      }
      self[layer]?.forgetSnapshots(from: position)
    }
    var consequences: [Consequence] = [
      .reset(layer, number: target.header.number, hash: target.hash)
    ]
    if !target.edits.isEmpty {
      consequences.append(
        .editsUndone(layer, number: target.header.number, after: position))
    }
    let returned =
      restoresPool
      ? self[layer]?.pool.restore(to: position)
      : self[layer]?.pool.returnIncluded(after: position, at: sequence)
    consequences += (returned ?? []).map { .pooled(layer, $0) }
    guard layer == .two, let pool = layerTwo?.pool else {
      return consequences + (try unfollow(toL1: target.header.number))
    }
    rollup?.truncateBlocks(after: target.header.number)
    let reopened = usage.reopen(after: position) { pool[$0] != nil }
    return consequences + reopened.map { .usage($0) }
  }
}
