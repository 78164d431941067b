import Cryptography
import Derivation
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
    /// A transaction that is ready, and the given number of seconds since the last block.
    case mixed(seconds: UInt64)
    /// A new slot of the given number of seconds, and a transaction that is ready.
    case slots(seconds: UInt64)
    /// A new slot of the given number of seconds, transactions or none.
    case everySlot(seconds: UInt64)
    /// A request alone.
    case manual
  }

  /// The layer that is sequenced.
  public var layer: Layer
  /// What makes a block due.
  public var mode: Mode
  /// The address that the priority fees go to.
  public var feeRecipient: Address
  /// Which of the ready transactions come first.
  public var order = TransactionOrder.fees
  /// The most transactions of a plain chain's block; as many as there is gas for if nil.
  public var transactionLimit: Int?

  /// How many L1 blocks must stand on top of one before a rollup's block has it as origin.
  public var originConfirmations: UInt64

  /// Makes a sequencer of a layer.
  public init(
    layer: Layer, mode: Mode, feeRecipient: Address = .zero, originConfirmations: UInt64 = 0
  ) {
    self.layer = layer
    self.mode = mode
    self.feeRecipient = feeRecipient
    self.originConfirmations = originConfirmations
  }

  /// The block that is due at `now`, in seconds since 1970, if one is.
  public func due(_ world: World, now: UInt64) -> Command? {
    guard let chain = world[layer] else { return nil }
    let last = chain.head.header.timestamp
    let now = world.time(at: now, on: chain)
    if layer == .two, let rollup = world.rollup { return due(rollup, world, chain, now: now) }
    let hasWithdrawals = !chain.controls.withdrawals.isEmpty
    switch mode(on: chain) {
    case .manual: return nil
    case .instant:
      guard hasWithdrawals || world.hasReadyTransaction(on: layer) else { return nil }
      return sealing(world, chain, timestamp: max(now, last &+ 1), allowsEmpty: hasWithdrawals)
    case .interval(let seconds):
      let (next, overflow) = last.addingReportingOverflow(seconds)
      guard !overflow, now >= next else { return nil }
      return sealing(world, chain, timestamp: now, allowsEmpty: true)
    case .mixed(let seconds):
      if hasWithdrawals || world.hasReadyTransaction(on: layer) {
        return sealing(
          world, chain, timestamp: max(now, last &+ 1), allowsEmpty: hasWithdrawals)
      }
      let (next, overflow) = last.addingReportingOverflow(seconds)
      guard !overflow, now >= next else { return nil }
      return sealing(world, chain, timestamp: now, allowsEmpty: true)
    case .slots(let seconds):
      let slot = now - now % seconds
      guard slot > last, world.hasReadyTransaction(on: layer) else { return nil }
      return sealing(world, chain, timestamp: slot, allowsEmpty: false)
    case .everySlot(let seconds):
      let slot = now - now % seconds
      if slot > last { return sealing(world, chain, timestamp: slot, allowsEmpty: true) }
      guard let rollup = world.rollup else { return nil }
      let (unsafe, safe) = (rollup.unsafe.reference, rollup.safe.reference)
      // Where L2 makes a block at once for each transaction, L1 keeps pace with it.
      if unsafe.timestamp >= last &+ seconds {
        return sealing(
          world, chain, timestamp: last - last % seconds &+ seconds, allowsEmpty: true)
      }
      // Where L2 has a long sleep to make up for and waits for L1, its batches need no slot.
      guard unsafe.timestamp < last, unsafe.number - safe.number >= Limits.unsafeBlockCount,
        world.hasReadyTransaction(on: .one)
      else { return nil }
      return sealing(world, chain, timestamp: last &+ 1, allowsEmpty: false)
    }
  }

  /// The time, in seconds since 1970, at which a block may be due next; nil if only an event can
  /// make one due.
  public func nextWakeUp(_ world: World, now: UInt64) -> UInt64? {
    guard let chain = world[layer] else { return nil }
    if layer == .two, let rollup = world.rollup, !rollup.isSequencing { return nil }
    let time = world.time(at: now, on: chain)
    switch mode(on: chain) {
    case .manual, .instant: return nil
    case .interval(let ownSeconds), .mixed(let ownSeconds):
      let isRollup = layer == .two && world.rollup != nil
      let seconds = isRollup ? world.rollup?.configuration.blockTime ?? ownSeconds : ownSeconds
      let (next, overflow) = chain.head.header.timestamp.addingReportingOverflow(seconds)
      let wait = next - min(next, time)
      return overflow ? nil : now.addingReportingOverflow(wait).partialValue
    case .everySlot(let seconds): return now + (seconds - time % seconds)
    case .slots(let seconds): return chain.pool.count == 0 ? nil : now + (seconds - time % seconds)
    }
  }

  /// A sealing by hand, whatever the mode.
  public func sealNow(_ world: World, now: UInt64) -> Command? {
    world[layer].map { chain in
      let timestamp = max(chain.controls.time(at: now), chain.head.header.timestamp &+ 1)
      return sealing(world, chain, timestamp: timestamp, allowsEmpty: true)
    }
  }

  /// The block of a rollup that is due: at its block time, or earlier for a transaction.
  private func due(_ rollup: Rollup, _ world: World, _ chain: Chain, now: UInt64) -> Command? {
    let safe = rollup.safe.reference.number
    guard rollup.isSequencing, chain.number - safe < Limits.unsafeBlockCount else { return nil }
    let (next, overflow) = chain.head.header.timestamp.addingReportingOverflow(
      rollup.configuration.blockTime)
    guard !overflow else { return nil }
    switch mode {
    case .manual: return nil
    case .interval, .mixed, .slots, .everySlot:
      guard now >= next else { return nil }
      return sealing(world, chain, timestamp: next, allowsEmpty: true)
    case .instant:
      if let l1 = rollup.l1Head, l1.timestamp >= next {
        return sealing(world, chain, timestamp: next, allowsEmpty: true)
      }
      guard world.hasReadyTransaction(on: .two) else { return nil }
      return sealing(world, chain, timestamp: next, allowsEmpty: false)
    }
  }

  /// What makes a block due: the operator's wish, or the sequencer's own mode.
  private func mode(on chain: Chain) -> Mode {
    switch chain.controls.mode {
    case nil: mode
    case .manual: .manual
    case .instant: .instant
    case .interval(let seconds): .interval(seconds: seconds)
    }
  }

  /// Randomness of a development chain: unforeseeable to contracts' authors, the same in a replay.
  private func sealing(
    _ world: World, _ chain: Chain, timestamp: UInt64, allowsEmpty: Bool
  ) -> Command {
    let randomness = Keccak256.hash(
      UInt256(chain.head.hash), UInt256(chain.head.header.prevRandao))
    var request = SealingRequest(
      layer: layer, timestamp: chain.nextTimestamp(usually: timestamp),
      feeRecipient: chain.controls.feeRecipient ?? feeRecipient,
      prevRandao: chain.controls.nextPrevRandao ?? randomness,
      allowsEmpty: allowsEmpty, originConfirmations: originConfirmations, order: order)
    request.transactionLimit = transactionLimit
    return .sealBlock(request)
  }
}

extension World {
  /// A chain's time when the clock says `now`, in seconds since 1970; a rollup's is its L1's.
  func time(at now: UInt64, on chain: Chain) -> UInt64 {
    guard rollup != nil, let layerOne else { return chain.controls.time(at: now) }
    return layerOne.controls.time(at: now)
  }
}

extension Chain {
  /// The next block's time: the operator's wish, or `usual`, both in seconds since 1970.
  public func nextTimestamp(usually usual: UInt64) -> UInt64 {
    if let next = controls.nextTimestamp { return next }
    guard let step = controls.timestampStep else { return usual }
    return head.header.timestamp &+ max(step, 1)
  }
}
