import Derivation
import EVM
import Execution
import Foundation
import Ledger
import Primitives
import Testing

/// Garbage, bad transactions, lost channels, reorganisations, changes of the configuration, crashes:
/// who follows L1 and who runs it end with the same chain.
@Suite struct RollupScenarioTests {
  /// Some of the seeds; all 200 where the long sets are asked for, and those that `OPAL_SEEDS` names,
  /// as in `160-200`.
  static let seeds: [UInt64] = {
    let named = ProcessInfo.processInfo.environment["OPAL_SEEDS"] ?? ""
    let bounds = named.split(separator: "-").compactMap { UInt64($0) }
    if let first = bounds.first, let last = bounds.last, first <= last {
      return Array(first...last)
    }
    let isFull = ProcessInfo.processInfo.environment["OPAL_CONFORMANCE"] == "full"
    return Array(1...(isFull ? 200 : 12))
  }()

  @Test("a follower ends with the sequencer's chain, whatever happened", arguments: seeds)
  func follower(_ seed: UInt64) throws {
    var scenario = try RollupScenario(seed: seed)
    try scenario.run(slots: 30)
    try scenario.settle()
    let sequencer = scenario.driver.rollup
    let follower = scenario.follower.rollup
    #expect(sequencer.safe.reference == follower.safe.reference, "\(scenario.story)")
    #expect(follower.unsafe.reference == follower.safe.reference)
    #expect(
      scenario.follower.world.layerTwo?.head.hash == follower.safe.reference.hash)
    #expect(sequencer.unsafe.reference.number - sequencer.safe.reference.number < 7)
    #expect(
      try scenario.driver.replayed().componentRoots == scenario.driver.world.componentRoots)
  }

  @Test(
    "so where operators have derivation begin again, and hand on blocks ahead of L1",
    arguments: seeds.prefix(seeds.count > 12 ? seeds.count : 4))
  func operators(_ seed: UInt64) throws {
    var scenario = try RollupScenario(seed: seed &* 1_000_003, hasOperators: true)
    try scenario.run(slots: 30)
    try scenario.settle()
    let (sequencer, follower) = (scenario.driver.rollup, scenario.follower.rollup)
    #expect(sequencer.safe.reference == follower.safe.reference, "\(scenario.story)")
    #expect(follower.unsafe.reference == follower.safe.reference, "\(scenario.story)")
    #expect(
      try scenario.driver.replayed().componentRoots == scenario.driver.world.componentRoots)
  }

  @Test("a deposit gets into the chain of a follower without any sequencer")
  func forcedInclusion() throws {
    var driver = try RollupDriver { $0.configuration.sequencingWindowSize = 6 }
    var follower = try RollupFollower(driver)
    try driver.submit(.setSequencing(isActive: false))
    let receiver = Address(UInt256(0xd00d))
    try driver.sealL1()
    try driver.deposit(to: receiver, value: 99)
    try driver.sealL1()
    let included = try #require(driver.world.layerOne?.number)
    while try follower.world.layerTwo?.head.state.account(receiver) == nil {
      try driver.sealL1()
      try follower.follow(driver)
      let number = try #require(driver.world.layerOne?.number)
      try #require(number <= included + 8, "within the sequencing window")
    }
    #expect(try follower.world.layerTwo?.head.state.account(receiver)?.balance == 99)
  }

  @Test("what is no L1 block, or follows none, is refused by name")
  func hostileBlocks() throws {
    var driver = try RollupDriver()
    var follower = try RollupFollower(driver)
    for _ in 0..<3 { try driver.sealL1() }
    let all = driver.l1Blocks.values.sorted { $0.encoded.count < $1.encoded.count }
    try follower.follow(driver)
    let before = follower.world.commitment
    var hostile: [OutsideL1Block] = [
      OutsideL1Block(encoded: [], receipts: [], content: []),
      OutsideL1Block(encoded: [0xc0], receipts: [], content: []),
      OutsideL1Block(encoded: all[0].encoded, receipts: [[1, 2, 3]], content: []),
      all[0],
    ]
    for block in all {
      var bent = block
      bent.receipts.append([0xc0])
      hostile += [block, bent]
      // A header that was bent is another one: it may stand where it says, and nothing traps.
      for index in stride(from: 0, to: block.encoded.count, by: 13) {
        var other = block
        other.encoded[index] ^= 0x41
        var copy = follower
        try? copy.submit(.receiveL1Block(other))
      }
    }
    for block in hostile {
      #expect(throws: Refusal.self) { try follower.submit(.receiveL1Block(block)) }
    }
    #expect(follower.world.commitment == before)
  }
}
