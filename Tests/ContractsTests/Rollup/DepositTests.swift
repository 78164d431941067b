import Contracts
import Cryptography
import EVM
import Execution
import JSON
import Primitives
import TestSupport
import Testing

@Suite struct DepositTests {
  private let portal = PortalContract.address

  @Test("a deposit's log is read by derivation as the transaction that was asked for")
  func deposit() throws {
    let pair = try RollupPair()
    let outcome = try pair.l1.send(
      Parts.alice, portal,
      PortalContract.deposit(to: Parts.bob, value: 7, gasLimit: 50_000, data: [1, 2, 3]),
      value: 9)
    let deposit = try #require(try pair.deposits(outcome).first)
    #expect(deposit.deposit?.from == Parts.alice && deposit.to == Parts.bob)
    #expect(deposit.deposit?.mint == 9 && deposit.value == 7 && deposit.gasLimit == 50_000)
    #expect(deposit.data == [1, 2, 3])
    #expect(
      outcome.logs[0].data.count == 64 + 96
        && TransactionDeposited(topics: outcome.logs[0].topics, data: outcome.logs[0].data)?
          .opaqueData.count == 76
    )
  }

  @Test(
    "a deposit's log is byte for byte that of the vectors",
    .enabled(if: Project.hasVectors("op/deposit_logs.json")))
  func vectors() throws {
    let cases = try Fixtures.rollupVectors("deposit_logs")
    var count = 0
    for entry in cases where entry["ok"]?.bool == true {
      let topics = try entry["topics"].elements().map { try $0.asHash() }
      let log = Log(address: portal, topics: topics, data: try entry["data"].asBytes())
      let deposit = try Transaction.deposit(from: log, l1BlockHash: .zero, logIndex: 0)
      // Two of the vectors ask for less gas than any portal lets pass.
      let least = PortalContract.minimumGasLimit(dataSizeInBytes: deposit.data.count)
      let from = try #require(deposit.deposit?.from)
      let mint = try #require(deposit.deposit?.mint)
      if deposit.gasLimit < least || deposit.gasLimit > 20_000_000 { continue }
      let chain = try RollupChain(layer: 1)
      try chain.fund(from, mint)
      // An event may name a recipient of a creation, but the portal lets none pass.
      if deposit.to == nil, !UInt256(topics[2]).isZero { continue }
      let outcome = try chain.send(
        from, portal,
        PortalContract.deposit(
          to: deposit.to, value: deposit.value, gasLimit: deposit.gasLimit, data: deposit.data),
        value: mint)
      #expect(outcome.logs == [log], "\(entry["id"]?.string ?? "")")
      count += 1
    }
    #expect(count > 0)
  }

  @Test("a contract's deposits come from its alias, and a delegating account's from itself")
  func aliasing() throws {
    let chain = try RollupChain(layer: 1)
    let contract = Sample.account("24eb0f74a434b2f4f07744652630ce90367aab71")
    let call = PortalContract.deposit(to: Parts.bob, value: 0, gasLimit: 21_000, data: [])
    let outcome = try chain.send(contract, portal, call, origin: Parts.alice)
    #expect(
      Address(suffixOf: outcome.logs[0].topics[1])
        == Sample.account("35fc0f74a434b2f4f07744652630ce90367abc82"))
    #expect(
      AddressAlias.removed(from: AddressAlias.applied(to: contract)) == contract)
    try chain.place([0xef, 0x01, 0x00] + Parts.bob.bytes, at: contract)
    let delegating = try chain.send(contract, portal, call, origin: Parts.alice)
    #expect(Address(suffixOf: delegating.logs[0].topics[1]) == contract)
    try chain.place([0xef, 0x01, 0x01] + Parts.bob.bytes, at: contract)
    let other = try chain.send(contract, portal, call, origin: Parts.alice)
    #expect(Address(suffixOf: other.logs[0].topics[1]) != contract)
  }

  @Test(
    "aliases are those of the vectors",
    .enabled(if: Project.hasVectors("op/address_alias.json")))
  func aliasVectors() throws {
    let cases = try Fixtures.rollupVectors("address_alias")
    for entry in cases {
      let l1 = try entry["l1"].asAddress()
      let l2 = try entry["l2"].asAddress()
      #expect(AddressAlias.applied(to: l1) == l2 && AddressAlias.removed(from: l2) == l1)
    }
  }

  @Test("ether sent without input is a deposit of it to its sender")
  func plain() throws {
    let pair = try RollupPair()
    let before = try pair.l2.balance(Parts.alice)
    let outcome = try pair.l1.send(Parts.alice, portal, value: 12)
    let deposit = try #require(try pair.deposits(outcome).first)
    #expect(deposit.gasLimit == PortalContract.plainDepositGasLimit && deposit.to == Parts.alice)
    #expect(try pair.deliver(outcome).first?.status == .success)
    #expect(try pair.l2.balance(Parts.alice) == before &+ 12)
  }

  @Test("too little gas, too much data and a creation with a recipient are refused")
  func refusals() throws {
    let chain = try RollupChain(layer: 1)
    func refusal(gas: UInt64, size: Int) throws -> String? {
      try chain.refusal(
        Parts.alice, portal,
        PortalContract.deposit(
          to: Parts.bob, value: 0, gasLimit: gas, data: Bytes(repeating: 1, count: size)))
    }
    #expect(try refusal(gas: 20_999, size: 0) == "OptimismPortal_GasLimitTooLow")
    #expect(try refusal(gas: 21_000, size: 0) == nil)
    #expect(try refusal(gas: 21_039, size: 1) == "OptimismPortal_GasLimitTooLow")
    #expect(try refusal(gas: 21_040, size: 1) == nil)
    #expect(try refusal(gas: 4_821_000, size: 120_000) == nil)
    #expect(try refusal(gas: 4_900_000, size: 120_001) == "OptimismPortal_CalldataTooLarge")
    let creation = ABI.call(
      "depositTransaction(address,uint256,uint64,bool,bytes)",
      [.address(Parts.bob), .uint(UInt256.zero), .uint(100_000 as UInt64), .bool(true), .bytes([])])
    #expect(try chain.refusal(Parts.alice, portal, creation) == "OptimismPortal_BadTarget")
    #expect(
      PortalContract.minimumGasLimit(dataSizeInBytes: 120_000) == 4_821_000)
  }
}

extension RollupChain {
  /// Gives an account ether, as no transaction could.
  func fund(_ address: Address, _ amount: UInt256) throws {
    let journal = Journal(reader: state.reader(blockHashes: NumberedHashes()), fork: .prague)
    journal.beginTransaction()
    try journal.addBalance(amount, to: address)
    _ = journal.endTransaction()
    try state.apply(journal.diff())
  }
}
