import Cryptography
import EVM
import EventLog
import Execution
import Ledger
import NativeCryptography
import Node
import Primitives
import Testing

@Suite("Where two logs part")
struct DifferenceTests {
  /// Stores calldata's first word plus slot 1 into slot 1.
  private static let code: Bytes =
    [0x60, 0x0b, 0x60, 0x0c, 0x60, 0, 0x39, 0x60, 0x0b, 0x60, 0, 0xf3]
    + [0x60, 0, 0x35, 0x60, 1, 0x54, 0x01, 0x60, 1, 0x55, 0]

  /// What the first account creates first.
  private static let contract = Address(
    UInt256(hexadecimal: "0x5fbdb2315678afecb367f032d93f642f64180aa3") ?? .zero)

  private func fill(_ place: Place, _ commands: [Command]) throws {
    let node = try place.node()
    let unsigned = Transaction(
      to: nil, chainID: 31337, nonce: 0, maxFeePerGas: 10_000_000_000,
      maxPriorityFeePerGas: 1, gasLimit: 200_000, value: .zero, data: Self.code)
    let creation = unsigned.signed(with: Project.key(0).sign(unsigned.signingHash))
    _ = try node.submit(.submit(creation))
    for command in commands { _ = try node.submit(command) }
    node.stop()
  }

  private func call(_ nonce: UInt64, _ word: UInt256) -> Command {
    .submit(
      transfer(
        nonce: nonce, to: Self.contract, value: .zero, gasLimit: 100_000,
        data: word.bigEndianBytes))
  }

  private func edit(_ word: UInt256) -> Command {
    .editAccounts(
      AccountEdit(
        layer: .two,
        changes: [
          .init(
            address: Self.contract, slots: [AccountChange.Slot(slot: 1, value: word)])
        ]))
  }

  private func compare(_ first: [Command], _ second: [Command]) throws -> LogComparison {
    let (one, other) = (try Place(), try Place())
    try fill(one, first)
    try fill(other, second)
    return try LogComparer(one.directory, other.directory).run()
  }

  private func difference(_ first: [Command], _ second: [Command]) throws -> LogDifference {
    guard case .parts(let difference) = try compare(first, second) else {
      throw NodeError.refused("the logs do not part")
    }
    return difference
  }

  @Test("logs of the same events are the same, and one that goes on extends the other")
  func sameness() throws {
    let calls = [call(1, 5), call(2, 6)]
    guard case .same(let count) = try compare(calls, calls) else {
      Issue.record("the same events make another log")
      return
    }
    guard
      case .extends(let common, let isFirstLonger, let longer) =
        try compare(calls, [calls[0]])
    else {
      Issue.record("a longer log is no extension")
      return
    }
    #expect(isFirstLonger && common < longer && longer == count)
  }

  @Test("another calldata parts at the instruction that loads it")
  func calldata() throws {
    let difference = try difference(
      [call(1, 5), call(2, 6), call(3, 1)], [call(1, 5), call(2, 7), call(3, 1)])
    let block = try #require(difference.block)
    #expect(block.number == 3 && block.layer == .two)
    let transaction = try #require(block.transaction)
    #expect(transaction.index == 0 && transaction.fields.contains { $0.name == "input" })
    #expect(transaction.step?.opcode == 0x35 && transaction.step?.position == 2)
    #expect(block.slot?.address == Self.contract && block.slot?.slot == 1)
    #expect(block.slot?.first == 11 && block.slot?.second == 12)
  }

  @Test("another word written by hand parts at the instruction that loads the slot")
  func storage() throws {
    let difference = try difference(
      [call(1, 5), edit(70), call(2, 6)], [call(1, 5), edit(71), call(2, 6)])
    #expect(difference.slot?.address == Self.contract && difference.slot?.slot == 1)
    #expect(difference.slot?.first == 70 && difference.slot?.second == 71)
    let block = try #require(difference.block)
    #expect(block.number == 3)
    let step = try #require(block.transaction?.step)
    #expect(step.opcode == 0x54 && step.slot == 1 && step.address == Self.contract)
    #expect(step.outcome.first != step.outcome.second)
    #expect(block.slot?.first == 76 && block.slot?.second == 77)
  }

  @Test("what two controls, or two accounts written by hand, say otherwise is named")
  func operators() throws {
    func shift(_ seconds: Int64) -> Command {
      var controls = ChainControls()
      controls.clockOffset = seconds
      controls.gasLimit = 20_000_000
      return .changeControls(ControlChange(layer: .two, controls: controls))
    }
    let shifted = try difference([shift(5), call(1, 5)], [shift(6), call(1, 5)])
    let offset = try #require(shifted.fields.first { $0.name == "clock offset" })
    #expect(offset.first == "5 s" && offset.second == "6 s")
    #expect(!shifted.fields.contains { $0.name == "gas limit" })
    func balance(_ wei: UInt256) -> Command {
      .editAccounts(
        AccountEdit(layer: .two, changes: [.init(address: Self.contract, balance: wei)]))
    }
    let edited = try difference([balance(5)], [balance(6)])
    #expect(
      edited.fields.first { $0.name == "account" }?.first == Self.contract.checksummed)
    #expect(edited.fields.first { $0.name == "balance" }?.second == "6")
  }

  @Test("a transaction that only one block has is named")
  func missing() throws {
    let difference = try difference([call(1, 5)], [.submit(transfer(nonce: 1, value: 2))])
    #expect(difference.block?.transaction?.fields.contains { $0.name == "to" } == true)
  }

  @Test("a forged commitment is told by what a replay gives")
  func forged() throws {
    let (one, other) = (try Place(), try Place())
    try fill(one, [call(1, 5)])
    let rows = try one.rows()
    try Files.makeDirectory(other.directory.path)
    let log = try EventLog(path: other.directory.log, mode: .readWrite)
    var forged = rows
    forged[2].commitment = .zero
    try log.append(forged)
    guard case .parts(let difference) = try LogComparer(one.directory, other.directory).run()
    else {
      Issue.record("a forged commitment goes unnoticed")
      return
    }
    #expect(difference.sequence == 3 && difference.fields.map(\.name) == ["commitment"])
    #expect(difference.replayed == rows[2].commitment)
  }
}
