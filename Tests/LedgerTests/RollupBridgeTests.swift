import Contracts
import Derivation
import EVM
import Execution
import Ledger
import Primitives
import Testing

/// Ether and messages out of the rollup: from a withdrawal on L2 to the call on L1, with the batcher,
/// derivation and the proposer between them.
@Suite struct RollupBridgeTests {
  static let receiver = Address(UInt256(0xf00d))

  /// L1 and L2 go on with all services, so many slots.
  private func advance(_ driver: inout RollupDriver, slots: Int) throws {
    for _ in 0..<slots {
      try driver.sealL1()
      try driver.sealL2()
      try driver.post()
      try driver.propose()
    }
  }

  private func withdrawal(_ driver: RollupDriver) throws -> LayerMessage {
    for case .extended(.two, let outcome) in driver.consequences.reversed() {
      for log in outcome.receipts.flatMap(\.logs) {
        if let passed = MessagePassed(topics: log.topics, data: log.data) {
          return passed.withdrawal
        }
      }
    }
    throw Missing()
  }

  struct Missing: Error {}

  @Test("ether withdrawn on L2 is paid on L1 once the claim it stands under is old enough")
  func ether() throws {
    var driver = try RollupDriver()
    driver.proposer.intervalInBlocks = 6
    try driver.send(
      .two, to: MessagePasserContract.address, value: 5_000, gasLimit: 300_000,
      data: MessagePasserContract.initiateWithdrawal(
        target: RollupBridgeTests.receiver, gasLimit: 100_000, data: []))
    try advance(&driver, slots: 6)
    let message = try withdrawal(driver)
    let count = try driver.world.read(DisputeGameFactoryContract.gameCount, on: .one)
    let index = try #require(count > 0 ? count - 1 : nil, "the proposer has claimed something")
    let game = DisputeGameContract(
      try driver.world.read(DisputeGameFactoryContract.game(at: index), on: .one).address)
    let number = try driver.world.read(game.blockNumber, on: .one)
    let output = try #require(driver.world.outputRoot(at: number))
    #expect(try driver.world.read(game.rootClaim, on: .one) == output.hash)
    let block = try #require(driver.world.layerTwo?.block(number))
    let proof = try block.state.accountProof(
      MessagePasserContract.address, slots: [message.sentMessagesSlot])
    let call = PortalContract.prove(
      message, gameIndex: UInt256(index), output: output, proof: proof.storage[0].nodes)
    try driver.send(
      .one, to: PortalContract.address, value: .zero, gasLimit: 1_000_000, data: call)
    try driver.sealL1()
    // A week for the proof; half of one until the claim is decided, and another until it counts.
    for _ in 0..<3 {
      driver.now += 302_500
      try driver.sealL1()
      try driver.propose()
      try driver.sealL1()
    }
    #expect(try driver.world.read(game.status, on: .one) == .defenderWins)
    #expect(try driver.balance(.one, RollupBridgeTests.receiver) == .zero)
    try driver.send(
      .one, to: PortalContract.address, value: .zero, gasLimit: 1_000_000,
      data: PortalContract.finalize(message))
    try driver.sealL1()
    #expect(try driver.balance(.one, RollupBridgeTests.receiver) == 5_000)
    let anchor = try driver.world.read(AnchorStateRegistryContract.anchor, on: .one)
    #expect(anchor.blockNumber >= number, "the proposer has closed the games that are final")
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }

  @Test("after a long sleep L2 catches up with L1, which hurries for its batches")
  func longSleep() throws {
    var driver = try RollupDriver()
    try advance(&driver, slots: 2)
    driver.now += 3_600
    let sequencers = [
      Sequencer(layer: .one, mode: .everySlot(seconds: 12)),
      Sequencer(layer: .two, mode: .instant),
    ]
    for _ in 0..<10_000 {
      var isDone = true
      for command in sequencers.compactMap({ $0.due(driver.world, now: driver.now) }) {
        try driver.submit(command)
        isDone = false
      }
      if try driver.post() > 0 { isDone = false }
      if isDone { break }
    }
    let l1 = try #require(driver.world.layerOne?.head.header.timestamp)
    #expect(driver.rollup.unsafe.reference.timestamp + 12 >= l1)
    #expect(l1 < driver.now + 60, "L1 is hardly ahead of the clock")
    #expect(driver.rollup.safe.reference.number > 900)
  }
}
