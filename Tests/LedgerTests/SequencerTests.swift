import Cryptography
import Execution
import Ledger
import NativeCryptography
import Primitives
import Testing

/// When a development chain's blocks are due, and of what.
@Suite struct SequencerTests {
  private static let now: UInt64 = 1_700_000_000

  /// What a mode makes of a world: the request for a block, if one is due.
  private func due(
    _ mode: Sequencer.Mode, _ driver: Driver, now: UInt64, order: TransactionOrder = .fees
  ) -> SealingRequest? {
    var sequencer = Sequencer(layer: .two, mode: mode)
    sequencer.order = order
    guard case .sealBlock(let request)? = sequencer.due(driver.world, now: now) else { return nil }
    return request
  }

  @Test func `A mixed chain makes a block for each transaction, and one each so many seconds`()
    throws
  {
    var driver = try Driver()
    let mode = Sequencer.Mode.mixed(seconds: 5)
    try driver.submit(.sealBlock(try #require(due(mode, driver, now: Self.now))))
    #expect(due(mode, driver, now: Self.now + 4) == nil)
    let wakeUp = Sequencer(layer: .two, mode: mode).nextWakeUp(driver.world, now: Self.now + 1)
    #expect(wakeUp == Self.now + 5)
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 0)))
    let full = try #require(due(mode, driver, now: Self.now + 2))
    #expect(full.timestamp == Self.now + 2 && !full.allowsEmpty)
    try driver.submit(.sealBlock(full))
    #expect(due(mode, driver, now: Self.now + 6) == nil)
    let empty = try #require(due(mode, driver, now: Self.now + 7))
    #expect(empty.allowsEmpty)
    try driver.submit(.sealBlock(empty))
    #expect(driver.world.layerTwo?.number == 3)
  }

  @Test func `First come, first served, if that is asked for, and nobody's nonces turned round`()
    throws
  {
    var driver = try Driver()
    for (sender, nonce, tip) in [(1, 1, 9), (2, 0, 1), (1, 0, 5), (3, 0, 7)]
      as [(UInt32, UInt64, UInt64)]
    {
      let transfer = Driver.transfer(from: sender, nonce: nonce, tip: tip)
      try driver.submit(.submitTransaction(.two, encoded: transfer))
    }
    let request = try #require(due(.instant, driver, now: Self.now, order: .arrival))
    let chain = try #require(driver.world.layerTwo)
    let senders = chain.readyTransactions(.arrival).map(\.sender)
    let expected = [2, 1, 3, 1].map { Development.key(UInt32($0)).address }
    // The second of sender 1 came first, and waited for its first.
    #expect(Set(senders) == Set(expected) && senders.first == expected[0])
    try driver.submit(.sealBlock(request))
    #expect(driver.world.layerTwo?.pool.count == 0)
    guard case .blockSealed(let sealing)? = driver.log.last?.event else {
      Issue.record("no block was sealed")
      return
    }
    #expect(sealing.order == chain.readyTransactions(.arrival).map(\.transaction.hash))
    #expect(sealing.order != chain.readyTransactions(.fees).map(\.transaction.hash))
  }
}
