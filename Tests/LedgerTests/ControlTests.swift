import Cryptography
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Testing

/// What the operator of a development chain does by hand, and that a replay does it again.
@Suite struct ControlTests {
  private static let someone = Address(UInt256(0x50de))

  @Test("an edit changes the head's state at once, and going back undoes it")
  func edits() throws {
    var driver = try Driver()
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 0)))
    try driver.settle(now: 1_700_000_000)
    let before = driver.world
    let edit = AccountEdit(
      layer: .two,
      changes: [
        .init(
          address: Self.someone, balance: 77, nonce: 3, code: [0x00],
          slots: [.init(slot: 1, value: 9)])
      ])
    try driver.submit(.editAccounts(edit))
    let state = try #require(driver.world.layerTwo?.head.state)
    #expect(try state.account(Self.someone)?.nonce == 3)
    #expect(try state.storage(Self.someone, 1) == 9)
    #expect(try driver.balance(of: Self.someone) == 77)
    #expect(driver.world.componentRoots != before.componentRoots)
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 1)))
    try driver.settle(now: 1_700_000_010)
    #expect(try driver.balance(of: Self.someone) == 77)
    #expect(try driver.replayed().commitment == driver.world.commitment)
    try driver.submit(.resetHead(HeadReset(layer: .two, position: before.sequence)))
    #expect(try driver.balance(of: Self.someone) == 0)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("controls hold for the next blocks, those for one alone for one")
  func controls() throws {
    var driver = try Driver()
    let start = driver.world.sequence
    var controls = ChainControls()
    controls.clockOffset = 1_000
    controls.nextTimestamp = 1_700_005_000
    controls.nextBaseFee = 123
    controls.feeRecipient = Self.someone
    controls.gasLimit = 20_000_000
    try driver.submit(.changeControls(ControlChange(layer: .two, controls: controls)))
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 0)))
    try driver.settle(now: 1_700_000_000)
    let first = try #require(driver.world.layerTwo?.head.header)
    #expect(first.timestamp == 1_700_005_000)
    #expect(first.baseFee == 123)
    #expect(first.feeRecipient == Self.someone)
    #expect(first.gasLimit == 20_000_000)
    #expect(driver.world.layerTwo?.controls.nextTimestamp == nil)
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 1)))
    try driver.settle(now: 1_700_009_000)
    let second = try #require(driver.world.layerTwo?.head.header)
    #expect(second.timestamp == 1_700_010_000, "the shift stays")
    #expect(second.baseFee != 123)
    try driver.submit(.resetHead(HeadReset(layer: .two, position: start)))
    #expect(driver.world.layerTwo?.controls == ChainControls())
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("a transaction in another's name is recorded with the sender, who may have code")
  func impersonation() throws {
    var driver = try Driver()
    try driver.submit(
      .editAccounts(
        AccountEdit(
          layer: .two,
          changes: [
            .init(address: Self.someone, balance: 1_000_000_000_000_000_000, code: [0x00])
          ])))
    let target = Address(UInt256(0x7a7))
    let plain = Transaction(
      to: target, chainID: try #require(driver.world.layerTwo?.specification.chainID), nonce: 0,
      maxFeePerGas: 10_000_000_000, maxPriorityFeePerGas: 0, gasLimit: 21_000, value: 5)
    #expect(throws: Refusal.self) {
      try driver.submit(
        .impersonate(
          Impersonation(layer: .two, sender: Self.someone, encoded: plain.encoded)))
    }
    let marked = plain.impersonating(Self.someone)
    #expect(marked.hash != plain.impersonating(target).hash)
    try driver.submit(
      .impersonate(Impersonation(layer: .two, sender: Self.someone, encoded: marked.encoded)))
    try driver.settle(now: 1_700_000_000)
    #expect(try driver.balance(of: target) == 5)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("what is not in the pool is not dropped, and a time that has passed is refused")
  func refusals() throws {
    var driver = try Driver()
    #expect(throws: Refusal.self) {
      try driver.submit(.dropTransaction(.two, hash: .zero))
    }
    var controls = ChainControls()
    controls.nextTimestamp = 0
    #expect(throws: Refusal.self) {
      try driver.submit(.changeControls(ControlChange(layer: .two, controls: controls)))
    }
    let change = AccountEdit.Change(address: Self.someone, balance: 1)
    #expect(throws: Refusal.self) {
      try driver.submit(.editAccounts(AccountEdit(layer: .two, changes: [change, change])))
    }
  }

  @Test("withdrawals make a block due, reach their accounts once, and are in a replay")
  func withdrawals() throws {
    var driver = try Driver()
    var controls = ChainControls()
    controls.extraData = Bytes("opal".utf8)
    controls.withdrawals = (0..<20).map {
      Withdrawal(index: $0, validatorIndex: 7, address: Self.someone, amountInGwei: 3)
    }
    try driver.submit(.changeControls(ControlChange(layer: .two, controls: controls)))
    try driver.settle(now: 1_700_000_000)
    #expect(driver.world.layerTwo?.number == 2, "a block takes 16 of them")
    #expect(driver.world.layerTwo?.controls.withdrawals.isEmpty == true)
    #expect(driver.world.layerTwo?.head.header.extraData == Bytes("opal".utf8))
    #expect(try driver.balance(of: Self.someone) == 60_000_000_000)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("a change that was made from other controls is refused, as is what no block can have")
  func outdated() throws {
    var driver = try Driver()
    let basis = ChainControls()
    var first = basis
    first.gasLimit = 20_000_000
    try driver.submit(
      .changeControls(ControlChange(layer: .two, controls: first), basis: basis))
    var second = basis
    second.feeRecipient = Self.someone
    #expect(throws: Refusal.control(.changedMeanwhile)) {
      try driver.submit(
        .changeControls(ControlChange(layer: .two, controls: second), basis: basis))
    }
    var long = first
    long.extraData = Bytes(repeating: 1, count: 33)
    #expect(throws: Refusal.control(.extraData(sizeInBytes: 33, limit: 32))) {
      try driver.submit(.changeControls(ControlChange(layer: .two, controls: long)))
    }
    var many = first
    many.withdrawals = Array(
      repeating: Withdrawal(
        index: 0, validatorIndex: 0, address: Self.someone, amountInGwei: 1),
      count: Limits.waitingWithdrawals + 1)
    #expect(throws: Refusal.control(.tooManyWithdrawals(limit: Limits.waitingWithdrawals))) {
      try driver.submit(.changeControls(ControlChange(layer: .two, controls: many)))
    }
  }
}
