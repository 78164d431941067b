import Contracts
import Derivation
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives

/// Crashes, changes of the configuration, and times in which nobody posts.
extension RollupScenario {
  /// A transaction of the system's owner to its configuration.
  mutating func configure(_ data: Bytes) throws {
    try driver.send(
      .one, from: 18, to: SystemConfigContract.address, value: .zero, gasLimit: 200_000, data: data)
  }

  mutating func reconfigure() throws {
    switch next(below: 4) {
    case 0:
      story.append("gas limit")
      try configure(SystemConfigContract.setGasLimit(30_000_000 + next(below: 30) * 1_000_000))
    case 1:
      story.append("fee scalars")
      try configure(
        SystemConfigContract.setGasConfig(
          baseFeeScalar: UInt32(next(below: 5_000)), blobBaseFeeScalar: UInt32(next(below: 9_000))))
    case 2:
      story.append("base fee parameters")
      try configure(
        SystemConfigContract.setBaseFeeParameters(
          denominator: UInt32(50 + next(below: 300)), elasticity: UInt32(2 + next(below: 9))))
    default:
      story.append("operator fee")
      try configure(
        SystemConfigContract.setOperatorFee(
          scalar: UInt32(next(below: 1_000)), constant: next(below: 1_000)))
    }
  }

  /// Another address may post from now on, or the usual one again.
  mutating func changeBatcher() throws {
    let index: UInt32 = next(below: 2) == 0 ? 5 : 14
    story.append("batcher \(index)")
    try configure(SystemConfigContract.setBatcher(Development.key(index).address))
  }

  /// L1 goes on without batches for longer than a sequencing window.
  mutating func letWindowPass() throws {
    story.append("no batches")
    for _ in 0..<14 {
      try driver.sealL1()
      if next(below: 2) == 0 { try driver.sealL2(confirmations: next(below: 9)) }
    }
  }

  /// L1 says of one of its last blocks that it is final; the follower hears of it or not.
  mutating func finalize() throws {
    guard let l1 = driver.world.layerOne, l1.number > 4 else { return }
    let number = l1.number - 1 - next(below: 4)
    story.append("final \(number)")
    try driver.submit(.finalizeL1(number: number))
    guard next(below: 2) == 0, followed == driver.log.count - 1,
      follower.rollup.epoch(number)?.reference.hash == driver.rollup.epoch(number)?.reference.hash
    else { return }
    try follower.submit(.finalizeL1(number: number))
    followed = driver.log.count
  }

  /// Derivation begins again, with the sequencer or with the follower.
  mutating func beginAgain() throws {
    story.append("derivation again")
    if next(below: 2) == 0 {
      try driver.submit(.resetDerivation)
    } else if follower.rollup.l1Head != nil {
      try follower.submit(.resetDerivation)
    }
  }

  /// The follower hears of the sequencer's blocks before L1 does, as far as it takes them.
  mutating func handOn() throws {
    story.append("blocks handed on")
    var blocks: [Hash: Block] = [:]
    for case .extended(.two, let outcome) in driver.consequences {
      blocks[outcome.hash] = outcome.block
    }
    let first = follower.rollup.unsafe.reference.number + 1
    for block in driver.rollup.blocks where block.reference.number >= first {
      guard let whole = blocks[block.reference.hash] else { return }
      let command = Command.receivePayload(encoded: whole.encoded)
      guard (try? follower.world.decide(command)) != nil else { return }
      try follower.submit(command)
    }
  }

  /// Everybody begins again from what the log says.
  mutating func crash() throws {
    story.append("crash")
    driver.world = try driver.replayed()
    var again = World(provider: NativeCryptographyProvider.shared, content: driver.content)
    for (event, _) in follower.log { _ = try again.apply(event, hint: nil) }
    follower.world = again
  }

  /// The power fails: the last events were not on disk yet, and nobody had heard of them.
  ///
  /// So every service stops at any step of its work, also between two events of one command.
  mutating func loseTail() throws {
    let tail = min(UInt64(driver.log.count - followed), 12)
    guard tail > 0 else { return }
    let lost = Int(1 + next(below: tail))
    story.append("lose \(lost) events")
    driver.log.removeLast(lost)
    driver.world = try driver.replayed()
  }
}
