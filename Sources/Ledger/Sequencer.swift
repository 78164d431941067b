import Cryptography
import Execution
import Primitives

/// When a layer's next block is due, and what it should be made of.
///
/// A policy: a pure function of the world and the time, without a memory of its own, so a crash
/// loses nothing and a simulator can ask it as often as it likes.
public struct Sequencer: Sendable {
  /// What makes a block due.
  public enum Mode: Hashable, Sendable {
    /// A transaction that is ready for it.
    case instant
    /// The given number of seconds since the last block, transactions or none.
    case interval(seconds: UInt64)
    /// A new slot of the given number of seconds, and a transaction that is ready.
    case slots(seconds: UInt64)
    /// A request alone.
    case manual
  }

  /// The layer that is sequenced.
  public var layer: Layer
  /// What makes a block due.
  public var mode: Mode
  /// The address that the priority fees go to.
  public var feeRecipient: Address

  /// Makes a sequencer of a layer.
  public init(layer: Layer, mode: Mode, feeRecipient: Address = .zero) {
    self.layer = layer
    self.mode = mode
    self.feeRecipient = feeRecipient
  }

  /// The block that is due at `now`, in seconds since 1970, if one is.
  public func due(_ world: World, now: UInt64) -> Command? {
    guard let chain = world[layer] else { return nil }
    let last = chain.head.header.timestamp
    switch mode {
    case .manual: return nil
    case .instant:
      guard world.hasReadyTransaction(on: layer) else { return nil }
      return sealing(world, chain, timestamp: max(now, last &+ 1), allowsEmpty: false)
    case .interval(let seconds):
      let (next, overflow) = last.addingReportingOverflow(seconds)
      guard !overflow, now >= next else { return nil }
      return sealing(world, chain, timestamp: now, allowsEmpty: true)
    case .slots(let seconds):
      let slot = now - now % seconds
      guard slot > last, world.hasReadyTransaction(on: layer) else { return nil }
      return sealing(world, chain, timestamp: slot, allowsEmpty: false)
    }
  }

  /// The time, in seconds since 1970, at which a block may be due next; nil if only an event can
  /// make one due.
  public func nextWakeUp(_ world: World, now: UInt64) -> UInt64? {
    guard let chain = world[layer] else { return nil }
    switch mode {
    case .manual, .instant: return nil
    case .interval(let seconds):
      let (next, overflow) = chain.head.header.timestamp.addingReportingOverflow(seconds)
      return overflow ? nil : max(now, next)
    case .slots(let seconds): return chain.pool.count == 0 ? nil : now - now % seconds + seconds
    }
  }

  /// A sealing by hand, whatever the mode.
  public func sealNow(_ world: World, now: UInt64) -> Command? {
    world[layer].map { chain in
      let timestamp = max(now, chain.head.header.timestamp &+ 1)
      return sealing(world, chain, timestamp: timestamp, allowsEmpty: true)
    }
  }

  /// Randomness of a development chain: unforeseeable to contracts' authors, the same in a replay.
  private func sealing(
    _ world: World, _ chain: Chain, timestamp: UInt64, allowsEmpty: Bool
  ) -> Command {
    let randomness = Keccak256.hash(chain.head.hash.bytes + chain.head.header.prevRandao.bytes)
    return .sealBlock(
      SealingRequest(
        layer: layer, timestamp: timestamp, feeRecipient: feeRecipient, prevRandao: randomness,
        allowsEmpty: allowsEmpty))
  }
}
