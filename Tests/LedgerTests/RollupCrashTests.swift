import Contracts
import Derivation
import EVM
import Execution
import Foundation
import Ledger
import NativeCryptography
import Primitives
import Testing

/// The services' memory is the log: whoever stops at any event goes on from there as if nothing had
/// been, posts nothing twice, claims nothing twice, and loses nothing.
@Suite struct RollupCrashTests {
  /// A few slots of everybody's work.
  private func work(_ driver: inout RollupDriver, slots: Int) throws {
    for slot in 0..<slots {
      try driver.send(.two, value: UInt256(UInt64(slot + 1)))
      try driver.deposit(to: Address(UInt256(0xd00d)), value: 1)
      try driver.sealL1()
      try driver.sealL2()
      try driver.post()
      try driver.propose()
    }
  }

  /// The times of the L2 blocks in the batches that L1 has, in its order.
  private func postedTimes(_ driver: RollupDriver) throws -> [UInt64] {
    guard let l1 = driver.world.layerOne else { return [] }
    let configuration = driver.rollup.configuration
    var frames: [Frame] = []
    for number in 0...l1.number {
      guard let hash = l1.block(number)?.hash, let outside = driver.l1Blocks[hash] else { continue }
      for transaction in try Block.decode(outside.encoded).transactions
      where transaction.to == configuration.batchInbox {
        frames += try Frame.decode(transaction.data)
      }
    }
    var times: [UInt64] = []
    for frame in frames {
      #expect(frame.isLast, "these channels are short")
      var content = try ChannelContent(
        channel: frame.data, limit: RollupConfiguration.contentLimitSinceFjord, isFjord: true)
      while let encoded = try content.next() {
        guard case .span(let span) = try Batch.decode(encoded, chainID: configuration.l2ChainID)
        else { continue }
        let first = configuration.genesis.l2Time + span.relativeTimestamp
        times += span.blocks.indices.map { first + UInt64($0) * configuration.blockTime }
      }
    }
    return times
  }

  /// Whether every event is asked for, as before a release.
  private let isFull = ProcessInfo.processInfo.environment["OPAL_CONFORMANCE"] == "full"

  @Test("after a crash between any two events all goes on, and nothing is posted or claimed twice")
  func crashes() throws {
    var whole = try RollupDriver()
    whole.proposer.intervalInBlocks = 6
    try work(&whole, slots: 4)
    let stride = isFull ? 1 : 3
    for length in Swift.stride(from: 2, through: whole.log.count, by: stride) {
      var driver = whole
      driver.log.removeLast(whole.log.count - length)
      driver.world = try driver.replayed()
      // Who restarts does what is due, and then the day goes on.
      try driver.post()
      try driver.propose()
      try work(&driver, slots: 4)
      try driver.sealL1()
      try driver.post()
      try driver.sealL1()
      let safe = driver.rollup.safe.reference
      #expect(safe.number == driver.rollup.unsafe.reference.number, "after \(length) events")
      let times = try postedTimes(driver)
      #expect(times == times.sorted() && Set(times).count == times.count, "after \(length) events")
      #expect(times.last == safe.timestamp)
      let count = try driver.world.read(DisputeGameFactoryContract.gameCount, on: .one)
      var claims: [UInt64] = []
      for index in 0..<count {
        let game = DisputeGameContract(
          try driver.world.read(DisputeGameFactoryContract.game(at: index), on: .one).address)
        let number = try driver.world.read(game.blockNumber, on: .one)
        #expect(
          try driver.world.read(game.rootClaim, on: .one)
            == driver.world.outputRoot(at: number)?.hash)
        claims.append(number)
      }
      #expect(claims == claims.sorted() && Set(claims).count == claims.count)
      #expect(count > 1)
      var follower = try RollupFollower(driver)
      try follower.follow(driver)
      #expect(follower.rollup.safe.reference == safe)
    }
  }
}
