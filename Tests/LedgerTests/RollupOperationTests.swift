import Contracts
import Derivation
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import Testing

/// What an operator does to a rollup's L1 by hand, and what is refused.
@Suite struct RollupOperationTests {
  private func running(slots: Int) throws -> RollupDriver {
    var driver = try RollupDriver()
    for _ in 0..<slots {
      try driver.sealL1()
      try driver.sealL2()
      try driver.post()
    }
    return driver
  }

  @Test("what is said to be final is so at once, with what L2 derived from it, and stays")
  func finality() throws {
    var driver = try running(slots: 6)
    #expect(driver.rollup.finalized.number == 0)
    try driver.submit(.finalizeL1(number: 4))
    #expect(driver.rollup.l1Finalized?.number == 4)
    #expect(driver.rollup.l1Safe?.number == 4)
    #expect(driver.rollup.finalized == driver.rollup.safeHead(at: 4)?.l2)
    #expect(driver.rollup.finalized.number > 0)
    // Nothing new, and nothing that is not there.
    let count = driver.log.count
    try driver.submit(.finalizeL1(number: 3))
    #expect(driver.log.count == count)
    #expect(throws: Refusal.rollup(.finalityUnknown(number: 99))) {
      try driver.submit(.finalizeL1(number: 99))
    }
    let l1 = try #require(driver.world.layerOne)
    let deep = HeadReset(layer: .one, position: try l1.position(depth: 3), parts: .chain)
    #expect(throws: Refusal.rollup(.finalizedL1(number: 3, oldest: 4))) {
      try driver.submit(.resetHead(deep))
    }
    let shallow = HeadReset(layer: .one, position: try l1.position(depth: 2), parts: .chain)
    try driver.submit(.resetHead(shallow))
    #expect(driver.rollup.l1Finalized?.number == 4)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("a follower does not go back below what it took as final")
  func followerFinality() throws {
    var driver = try running(slots: 5)
    var follower = try RollupFollower(driver)
    try follower.follow(driver)
    try follower.submit(.finalizeL1(number: 4))
    #expect(follower.rollup.finalized == driver.rollup.safeHead(at: 4)?.l2)
    let l1 = try #require(driver.world.layerOne)
    let reset = HeadReset(layer: .one, position: try l1.position(depth: 2), parts: .chain)
    try driver.submit(.resetHead(reset))
    try driver.sealL1()
    #expect(throws: Refusal.self) { try follower.follow(driver) }
    #expect(follower.rollup.l1Head?.number == 5)
  }

  @Test("of a rollup's L1 the time may be shifted, and L2's goes with it; all else is refused")
  func time() throws {
    var driver = try running(slots: 2)
    var controls = try #require(driver.world.layerOne).controls
    controls.clockOffset = 600
    try driver.submit(.changeControls(ControlChange(layer: .one, controls: controls)))
    let sequencers = [
      Sequencer(layer: .one, mode: .everySlot(seconds: 12)),
      Sequencer(layer: .two, mode: .interval(seconds: 2)),
    ]
    #expect(sequencers.allSatisfy { $0.due(driver.world, now: driver.now) != nil })
    for sequencer in sequencers {
      while let command = sequencer.due(driver.world, now: driver.now) {
        try driver.submit(command)
      }
    }
    #expect(driver.world.layerOne?.head.header.timestamp == driver.now + 600)
    #expect(driver.rollup.unsafe.reference.timestamp == driver.now + 600)
    for sequencer in sequencers {
      let wakeUp = try #require(sequencer.nextWakeUp(driver.world, now: driver.now))
      #expect(wakeUp > driver.now && wakeUp <= driver.now + 12)
    }
    for change in [
      { $0.clockOffset += 5_000_000 }, { $0.nextTimestamp = .max }, { $0.timestampStep = .max },
    ] as [(inout ChainControls) -> Void] {
      var late = controls
      change(&late)
      #expect(throws: Refusal.self) {
        try driver.submit(.changeControls(ControlChange(layer: .one, controls: late)))
      }
    }
    controls.mode = .manual
    try driver.submit(.changeControls(ControlChange(layer: .one, controls: controls)))
    #expect(sequencers[0].due(driver.world, now: driver.now + 100) == nil)

    var limited = controls
    limited.gasLimit = 5
    let edit = AccountEdit(layer: .one, changes: [.init(address: .zero, balance: 1)])
    for command in [
      Command.changeControls(ControlChange(layer: .one, controls: limited)), .editAccounts(edit),
    ] {
      #expect(throws: Refusal.control(.carriesRollup)) { try driver.submit(command) }
    }
    #expect(throws: Refusal.control(.isRollup)) {
      try driver.submit(.changeControls(ControlChange(layer: .two, controls: controls)))
    }
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("what derivation passes over is told with the rule's name, and forgotten with its L1 block")
  func drops() throws {
    var driver = try running(slots: 2)
    let inbox = driver.rollup.configuration.batchInbox
    try driver.send(.one, from: 3, to: inbox, value: .zero, gasLimit: 100_000, data: [0, 1, 2])
    try driver.sealL1()
    let told = driver.consequences.compactMap { consequence -> DroppedInput? in
      if case .inputDropped(let input) = consequence { input } else { nil }
    }
    #expect(told.map(\.rule) == [.wrongSender])
    #expect(driver.rollup.droppedInputs == told)
    #expect(told.first?.message.contains("sender is not the batcher") == true)
    let l1 = try #require(driver.world.layerOne)
    let position = try l1.position(depth: 1)
    try driver.submit(
      .resetHead(HeadReset(layer: .one, position: position, parts: [.chain, .pool])))
    #expect(driver.rollup.droppedInputs.isEmpty)
  }

  @Test(
    "a rollup whose commitments can be challenged is refused, as nobody here follows challenges")
  func challenges() throws {
    var document = RollupDocument(configuration: try RollupDriver().rollup.configuration)
    document.useCommitments()
    #expect(try RollupDocument(parsing: document.json.serialized()) == document)
    document.configuration.altDA?.challengeContract = Address(UInt256(5))
    #expect(throws: GenesisError.self) {
      try RollupDocument(parsing: document.json.serialized())
    }
    document.useCommitments(.generic)
    #expect(try RollupDocument(parsing: document.json.serialized()) == document)
  }

  @Test("the fingerprint names the rollup: whatever is changed, it is another one")
  func fingerprint() throws {
    let document = try RollupDriver().rollup.document
    #expect(
      try RollupDocument(parsing: document.json.serialized()).fingerprint
        == document.fingerprint)
    for change in [
      { $0.configuration.batchInbox = .zero }, { $0.configuration.genesis.l2.hash = .zero },
      { $0.configuration.genesis.systemConfiguration.batcher = .zero }, { $0.slotTime += 1 },
      { $0.configuration.sequencingWindowSize += 1 },
    ] as [(inout RollupDocument) -> Void] {
      var other = document
      change(&other)
      #expect(other.fingerprint != document.fingerprint)
    }
  }

  @Test("another batcher's posts count from the block on that names it, and the old one's again")
  func batcherChange() throws {
    var driver = try running(slots: 2)
    var follower = try RollupFollower(driver)
    func name(_ index: UInt32) throws {
      try driver.send(
        .one, from: 18, to: SystemConfigContract.address, value: .zero, gasLimit: 200_000,
        data: SystemConfigContract.setBatcher(Development.key(index).address))
      try driver.sealL1()
    }
    try name(5)
    #expect(driver.rollup.batcher == Development.key(5).address)
    try driver.sealL2()
    #expect(try driver.post() == 0, "who may not post does not")
    try name(14)
    #expect(try driver.post() > 0, "and does so as soon as it may, though no L2 block says so yet")
    try driver.sealL1()
    #expect(driver.rollup.safe.reference.number >= 18)
    try follower.follow(driver)
    #expect(follower.rollup.safe.reference == driver.rollup.safe.reference)
  }

  @Test("what waits behind a missing nonce of the batcher's keeps no batch from L1")
  func missingNonce() throws {
    var driver = try running(slots: 2)
    let l1 = try #require(driver.world.layerOne)
    let nonce = try l1.head.state.account(driver.batcher.address)?.nonce ?? 0
    let next = l1.pool.nextNonce(sender: driver.batcher.address, from: nonce)
    let late = Transaction(
      to: driver.rollup.configuration.batchInbox, chainID: l1.specification.chainID,
      nonce: next + 1, maxFeePerGas: 20_000_000_000, maxPriorityFeePerGas: 1, gasLimit: 100_000,
      data: [0])
    let signed = late.signed(with: Development.key(14).sign(late.signingHash))
    try driver.submit(.submitTransaction(.one, encoded: signed.encoded, content: []))
    for _ in 0..<3 {
      try driver.sealL1()
      let safe = driver.rollup.safe.reference.number
      try driver.sealL2()
      try driver.post()
      try driver.sealL1()
      #expect(driver.rollup.safe.reference.number > safe)
    }
    #expect(driver.world.layerOne?.pool.count == 0)
  }

  @Test("a channel whose end comes too late does not count, and what follows does")
  func channelTimeout() throws {
    var driver = try running(slots: 1)
    try driver.sealL1()
    let block = try #require(driver.rollup.unsafeBlocks.first ?? driver.rollup.blocks.last)
    let content = try ChannelWriter.content(
      [.singular(block.batch)], chainID: driver.rollup.configuration.l2ChainID)
    let frames = try #require(
      ChannelWriter.frames(
        of: RollupDriver.stored(content), channel: ChannelIdentifier(high: 1, low: 2),
        frameLimit: 60))
    func post(_ frame: Frame) throws {
      try driver.send(
        .one, from: 14, to: driver.rollup.configuration.batchInbox, value: .zero,
        gasLimit: 1_000_000, data: Frame.encode([frame]))
      try driver.sealL1()
    }
    try post(frames[0])
    for _ in 0..<51 { try driver.sealL1() }
    for frame in frames.dropFirst() { try post(frame) }
    #expect(driver.rollup.droppedInputs.contains { $0.rule == .channelTimeout })
    let safe = driver.rollup.safe.reference.number
    try driver.sealL2()
    try driver.post()
    try driver.sealL1()
    #expect(driver.rollup.safe.reference.number > safe)
  }
}
