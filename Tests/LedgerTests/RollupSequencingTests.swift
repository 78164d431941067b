import Contracts
import Derivation
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Testing

/// A rollup's sequencer: origins, deposits, drift, and that it can be stopped.
@Suite struct RollupSequencingTests {
  @Test("blocks follow at the block time, and take each L1 block as origin when they are as old")
  func origins() throws {
    var driver = try RollupDriver()
    try driver.sealL1()
    try driver.sealL2()
    #expect(driver.world.layerTwo?.number == 6)
    #expect(driver.rollup.blocks.map(\.reference.l1Origin.number) == [0, 0, 0, 0, 0, 0, 1])
    #expect(driver.rollup.blocks.map(\.reference.sequenceNumber) == [0, 1, 2, 3, 4, 5, 0])
    try driver.sealL1()
    try driver.sealL2(confirmations: 1)
    #expect(driver.rollup.blocks.last?.reference.l1Origin.number == 1)
    #expect(driver.rollup.unsafe.reference.timestamp == RollupDriver.start + 24)
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }

  @Test("a deposit on L1 arrives in the first block of its epoch")
  func deposit() throws {
    var driver = try RollupDriver()
    let receiver = Address(UInt256(0xd00d))
    try driver.deposit(to: receiver, value: 12_345)
    try driver.sealL1()
    try driver.sealL2()
    #expect(try driver.balance(.two, receiver) == 12_345)
    #expect(driver.rollup.blocks.last?.transactions.count == 2)
  }

  @Test("a transaction stands behind the deposits, and pays the L1 fee")
  func transfer() throws {
    var driver = try RollupDriver()
    try driver.sealL1()
    try driver.send(.two, value: 77)
    try driver.sealL2()
    #expect(try driver.balance(.two, Address(UInt256(0xabc))) == 77)
    #expect(try driver.balance(.two, Predeploys.l1FeeVault) > .zero)
    #expect(driver.rollup.block(1)?.sequenced.count == 1)
  }

  @Test("who cannot pay the L1 fee beside gas and value gets no place in the pool")
  func poorSender() throws {
    var driver = try RollupDriver()
    try driver.sealL1()
    let gas = UInt256(21_000) * 20_000_000_000
    let poor = Development.key(40).address
    try driver.send(.two, to: poor, value: gas + 5)
    try driver.sealL2()
    #expect(try driver.balance(.two, poor) == gas + 5)
    #expect(throws: Refusal.self) { try driver.send(.two, from: 40, value: 5) }
    try driver.send(.two, to: poor, value: 1_000_000_000_000_000)
    try driver.sealL1()
    try driver.sealL2()
    try driver.send(.two, from: 40, value: 5)
    #expect(driver.world.layerTwo?.pool.count == 1)
  }

  @Test("past the drift there are only deposits, until the origin moves on")
  func drift() throws {
    var driver = try RollupDriver()
    driver.now += 1_802
    try driver.sealL2()
    #expect(driver.world.layerTwo?.number == 900, "the chain waits for L1 to say something")
    try driver.send(.two, value: 5)
    #expect(driver.world.layerTwo?.pool.count == 1)
  }

  @Test("a stopped sequencer makes no block; it is started and stopped once each")
  func stopping() throws {
    var driver = try RollupDriver()
    try driver.submit(.setSequencing(isActive: false))
    try driver.sealL1()
    try driver.sealL2()
    #expect(driver.world.layerTwo?.number == 0)
    #expect(throws: Refusal.rollup(.sequencingUnchanged(isActive: false))) {
      try driver.submit(.setSequencing(isActive: false))
    }
    try driver.submit(.setSequencing(isActive: true))
    try driver.sealL2()
    #expect(driver.world.layerTwo?.number == 6)
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }

  @Test("a deposit-type transaction is none that a pool takes")
  func depositInPool() throws {
    var driver = try RollupDriver()
    let deposit = Transaction(
      deposit: DepositFields(
        sourceHash: .zero, from: Address(UInt256(1)), mint: 5, isSystemTransaction: false),
      to: Address(UInt256(2)), value: 5, gasLimit: 100_000, data: [])
    for layer in Layer.allCases {
      #expect(throws: Refusal.self) {
        try driver.submit(.submitTransaction(layer, encoded: deposit.encoded))
      }
    }
  }

  @Test("an L1 reorganisation takes along the L2 blocks whose origin is gone")
  func reorganisation() throws {
    var driver = try RollupDriver()
    let receiver = Address(UInt256(0xd00d))
    for _ in 0..<3 {
      try driver.sealL1()
      try driver.sealL2()
    }
    try driver.deposit(to: receiver, value: 9)
    try driver.sealL1()
    try driver.send(.two, value: 3)
    try driver.sealL2()
    #expect(try driver.balance(.two, receiver) == 9)
    let position = try #require(try driver.world.layerOne?.position(depth: 2))
    try driver.submit(.resetHead(HeadReset(layer: .one, position: position, parts: .chain)))
    #expect(driver.rollup.unsafe.reference.l1Origin.number == 2)
    #expect(driver.world.layerTwo?.head.hash == driver.rollup.unsafe.reference.hash)
    #expect(try driver.balance(.two, receiver) == .zero)
    #expect(driver.world.layerTwo?.pool.count == 1, "the transaction waits again")
    try driver.sealL1()
    try driver.sealL2()
    #expect(try driver.balance(.two, receiver) == 9, "the deposit is on the new branch too")
    #expect(try driver.balance(.two, Address(UInt256(0xabc))) == 3)
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }
}

/// Batches on L1, and what follows from them.
@Suite struct RollupDerivationTests {
  @Test(
    "what the batcher posts becomes safe when L1 has it",
    arguments: [
      (Batcher.BatchForm.span, Batcher.Carrier.calldata), (.singular, .calldata),
      (.span, .commitments),
    ])
  func safeHead(_ form: Batcher.BatchForm, _ carrier: Batcher.Carrier) throws {
    var driver = try RollupDriver { document in
      guard carrier == .commitments else { return }
      document.configuration.altDA = AltDAConfiguration(
        challengeContract: .zero, commitmentKind: .keccak256, challengeWindow: 1_000,
        resolveWindow: 1_000)
    }
    driver.batcher.form = form
    driver.batcher.carrier = carrier
    for _ in 0..<6 {
      try driver.send(.two, value: 2)
      try driver.deposit(to: Address(UInt256(0xd00d)), value: 4)
      try driver.sealL1()
      try driver.sealL2()
      try driver.post()
    }
    #expect(driver.rollup.safe.reference.number == 30, "all but what has just been posted")
    #expect(driver.world.layerTwo?.number == 36)
    #expect(driver.rollup.safeHeads.last?.l1.number == 6)
    let resets = driver.consequences.contains { if case .reset = $0 { true } else { false } }
    #expect(!resets, "the blocks that were there are those that L1 says")
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }

  @Test("without a batch in time the chain goes on with what L1 has alone")
  func sequencingWindow() throws {
    var driver = try RollupDriver { $0.configuration.sequencingWindowSize = 4 }
    try driver.submit(.setSequencing(isActive: false))
    let receiver = Address(UInt256(0xd00d))
    try driver.deposit(to: receiver, value: 4)
    for _ in 0..<4 { try driver.sealL1() }
    #expect(try driver.balance(.two, receiver) == .zero)
    for _ in 0..<3 { try driver.sealL1() }
    #expect(try driver.balance(.two, receiver) == 4)
    #expect(driver.rollup.safe.reference.hash == driver.rollup.unsafe.reference.hash)
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }
}
