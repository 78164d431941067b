import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Testing

/// Derivation that begins again loses nothing, and says nothing twice.
@Suite struct DerivationResetTests {
  private func slot(_ driver: inout RollupDriver, _ number: Int) throws {
    try driver.send(.two, value: UInt256(UInt64(number + 1)))
    try driver.deposit(to: Address(UInt256(0xd00d)), value: 1)
    try driver.sealL1()
    try driver.sealL2()
    try driver.post()
  }

  @Test(
    "heads stay as they are, and the chain goes on as if nothing had been",
    arguments: [Batcher.Carrier.calldata, .commitments, .blobs])
  func transparent(_ carrier: Batcher.Carrier) throws {
    func make() throws -> RollupDriver {
      var driver = try RollupDriver { document in
        if carrier == .commitments { document.useCommitments() }
        document.finalityDepth = 8
      }
      driver.batcher.carrier = carrier
      return driver
    }
    var (driver, twin) = (try make(), try make())
    var follower = try RollupFollower(driver)
    for number in 0..<70 {
      try slot(&driver, number)
      try slot(&twin, number)
      if number % 9 == 4 || number > 66 {
        let heads = (driver.rollup.safe, driver.rollup.unsafe, driver.rollup.finalized)
        let drops = driver.rollup.droppedInputs
        let consequences = driver.consequences.count
        try driver.submit(.resetDerivation)
        #expect(driver.rollup.safe == heads.0)
        #expect(driver.rollup.unsafe == heads.1)
        #expect(driver.rollup.finalized == heads.2)
        #expect(driver.rollup.droppedInputs == drops)
        #expect(driver.consequences.count == consequences)
        try follower.follow(driver)
        let safe = follower.rollup.safe
        try follower.submit(.resetDerivation)
        #expect(follower.rollup.safe == safe)
      }
    }
    try driver.sealL1()
    try twin.sealL1()
    try follower.follow(driver)
    #expect(driver.rollup.safe == twin.rollup.safe)
    #expect(driver.rollup.safe.reference.number > 400)
    #expect(follower.rollup.safe.reference == driver.rollup.safe.reference)
    #expect(driver.world.layerTwo?.head.hash == twin.world.layerTwo?.head.hash)
    // A channel's timeout below the safe head's origin.
    let start = try #require(driver.world.derivationStart)
    #expect(start.number == driver.rollup.safe.reference.l1Origin.number - 50)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("in the middle of a channel, whose first frames are read again")
  func middleOfChannel() throws {
    var driver = try RollupDriver()
    driver.batcher.transactionLimitInBytes = 400
    try driver.send(.two, value: 5, gasLimit: 100_000, data: Bytes(repeating: 7, count: 900))
    try driver.sealL1()
    try driver.sealL2()
    try driver.post()
    let waiting = driver.world.layerOne?.pool.all ?? []
    #expect(waiting.count > 1)
    // The last frame comes a block later than the others.
    let last = try #require(waiting.max { $0.transaction.nonce < $1.transaction.nonce })
    try driver.submit(.dropTransaction(.one, hash: last.hash))
    try driver.sealL1()
    #expect(driver.rollup.safe.reference.number == 0)
    try driver.submit(.resetDerivation)
    try driver.submit(.submitTransaction(.one, encoded: last.transaction.encoded))
    try driver.sealL1()
    #expect(driver.rollup.safe.reference.number == 6)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("L1 may be reorganised right after it, over it, and before it")
  func reorganisation() throws {
    var driver = try RollupDriver()
    var follower = try RollupFollower(driver)
    for number in 0..<8 { try slot(&driver, number) }
    try follower.follow(driver)
    for depth in [1, 3, 2] as [UInt64] {
      try driver.submit(.resetDerivation)
      try follower.submit(.resetDerivation)
      let l1 = try #require(driver.world.layerOne)
      let reset = HeadReset(layer: .one, position: try l1.position(depth: depth), parts: .chain)
      try driver.submit(.resetHead(reset))
      try driver.submit(.resetDerivation)
      for number in 0..<3 { try slot(&driver, number) }
      try driver.sealL1()
      try follower.follow(driver)
      #expect(follower.rollup.safe.reference == driver.rollup.safe.reference)
      #expect(driver.rollup.safe.reference.number > 20)
    }
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("what was passed over before is not told again, and what comes later is told")
  func drops() throws {
    var driver = try RollupDriver()
    try slot(&driver, 0)
    let inbox = driver.rollup.configuration.batchInbox
    for _ in 0..<2 {
      try driver.send(.one, from: 3, to: inbox, value: .zero, gasLimit: 100_000, data: [0, 1])
      try driver.sealL1()
      try driver.submit(.resetDerivation)
      try driver.submit(.resetDerivation)
    }
    let told = driver.consequences.filter { consequence in
      if case .inputDropped(let input) = consequence { input.rule == .wrongSender } else { false }
    }
    #expect(told.count == 2)
    #expect(driver.rollup.droppedInputs.count { $0.rule == .wrongSender } == 2)
  }
}
