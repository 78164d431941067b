import EVM
import Execution
import Primitives
import Testing

@Suite("An OP chain") struct RollupTests {
  typealias Chain = RollupChain

  /// The word with the Ecotone scalars of the L1Block contract.
  static let scalars = UInt256(1_368 as UInt64) << 96 | UInt256(810_949 as UInt64) << 64

  @Test("each upgrade brings its fork of Ethereum")
  func forks() {
    let expected: [(RollupFork, Fork)] = [
      (.bedrock, .paris), (.regolith, .paris), (.canyon, .shanghai), (.ecotone, .cancun),
      (.holocene, .cancun), (.isthmus, .prague), (.jovian, .prague),
    ]
    for (rollup, fork) in expected {
      let chain = Chain(.all(upTo: rollup))
      #expect(chain.specification.fork(of: chain.head) == fork)
      #expect(chain.specification.rollupFork(at: 0) == rollup)
    }
  }

  @Test("the L1 fee and the operator's fee go from the sender to their vaults")
  func vaults() throws {
    let operatorFee = UInt256(5_000_000 as UInt64) << 64 | UInt256(700 as UInt64)
    let chain = Chain(
      .all(upTo: .isthmus),
      parameters: [(1, 20_000_000_000), (3, Self.scalars), (7, 3), (8, operatorFee)])
    let candidate = Chain.transfer()
    let outcome = try chain.build([candidate])
    #expect(outcome.skipped.isEmpty)
    var parameters = RollupFeeParameters()
    parameters.baseFee = 20_000_000_000
    parameters.blobBaseFee = 3
    parameters.baseFeeScalar = 1_368
    parameters.blobBaseFeeScalar = 810_949
    let charge = parameters.l1Charge(RollupData(candidate.transaction.encoded), fork: .isthmus)
    #expect(charge.fee > 0)
    func balance(_ address: Address) throws -> UInt256 {
      try outcome.state.account(address)?.balance ?? .zero
    }
    #expect(try balance(Predeploys.l1FeeVault) == charge.fee)
    #expect(try balance(Predeploys.operatorFeeVault) == 21_000 * 5 + 700)
    let price = try #require(outcome.receipts.first).effectiveGasPrice
    let baseFee = try #require(outcome.block.header.baseFee)
    #expect(try balance(Predeploys.baseFeeVault) == 21_000 * baseFee)
    #expect(try balance(Predeploys.sequencerFeeVault) == 21_000 * (price - baseFee))
    let paid = charge.fee + 21_000 * 5 + 700 + 21_000 * price
    #expect(try balance(Chain.alice) == 1_000 * Chain.ether - paid)
  }

  @Test("the pool counts what is owed beside gas: L1's fee, and the operator's for all the gas")
  func poolValidation() throws {
    let operatorFee = UInt256(5_000_000 as UInt64) << 64 | UInt256(700 as UInt64)
    let chain = Chain(
      .all(upTo: .isthmus),
      parameters: [(1, 20_000_000_000), (3, Self.scalars), (7, 3), (8, operatorFee)])
    let candidate = Chain.transfer()
    let parameters = try chain.state.rollupFeeParameters(.isthmus)
    #expect(parameters.operatorFeeConstant == 700)
    let owed = parameters.mostOwed(by: candidate.transaction, fork: .isthmus)
    let l1 = parameters.l1Charge(RollupData(candidate.transaction.encoded), fork: .isthmus).fee
    #expect(owed == l1 + UInt256(candidate.transaction.gasLimit) * 5 + 700)
    var account = Account.empty
    func check() throws(TransactionRefusal) {
      try validate(
        candidate.transaction, sender: candidate.sender, account: account, head: chain.head,
        specification: chain.specification, rollupFees: parameters)
    }
    account.balance = try #require(candidate.transaction.maximumCost) + owed
    try check()
    account.balance = account.balance - 1
    #expect(throws: TransactionRefusal.self) { try check() }
  }

  @Test("a sender who cannot pay the L1 fee is refused")
  func poor() throws {
    let chain = Chain(.all(upTo: .fjord), parameters: [(1, 1 << 180), (3, Self.scalars), (7, 3)])
    let outcome = try chain.build([Chain.transfer()])
    guard case .insufficientFunds? = outcome.skipped.first?.refusal else {
      Issue.record("expected insufficient funds")
      return
    }
  }

  @Test("deposits count with all their gas before Regolith, system transactions with none")
  func regolith() throws {
    let deposits = [
      Chain.deposit(to: Predeploys.l1Block, gasLimit: 150_000_000, isSystem: true),
      Chain.deposit(to: Chain.alice),
    ]
    let bedrock = try Chain(.all(upTo: .bedrock)).build(deposits)
    #expect(bedrock.receipts.map(\.gasUsed) == [0, 200_000])
    #expect(bedrock.receipts.map(\.depositNonce) == [nil, nil])
    let regolith = try Chain(.all(upTo: .regolith)).build([deposits[1]])
    let receipt = try #require(regolith.receipts.first)
    #expect(receipt.gasUsed == 21_000)
    #expect(receipt.depositNonce == 0)
    #expect(receipt.consensusForm != receipt.encoded)
    let canyon = try Chain(.all(upTo: .canyon)).build([deposits[1]])
    let versioned = try #require(canyon.receipts.first)
    #expect(versioned.depositReceiptVersion == 1)
    #expect(versioned.consensusForm == versioned.encoded)
  }

  @Test("Canyon's first block deploys the contract for CREATE2, and later ones do not")
  func canyon() throws {
    let deployer = try #require(
      Address(hexadecimal: "0x13b0D85CcB8bf860b6b79AF3029fCA081AE9beF2"))
    var schedule = RollupSchedule.all(upTo: .regolith)
    schedule.canyonTime = 1_003
    var chain = Chain(schedule)
    let before = try chain.build([])
    #expect(try before.state.account(deployer) == nil)
    chain.head = before.block.header
    chain.state = before.state
    let first = try chain.build([])
    let hash = "0xb0550b5b431e30d38000efb7107aaa0ade03d48a7198a140edda9d27134468b2"
    #expect(try first.state.account(deployer)?.codeHash.hexadecimal == hash)
    #expect(try chain.importing(first.block).state.root == first.state.root)
    let late = try Chain(.all(upTo: .canyon)).build([])
    #expect(try late.state.account(deployer) == nil)
  }

  @Test("the base fee moves by a 50th before Canyon, by a 250th since, then as the header says")
  func baseFee() {
    var schedule = RollupSchedule.all(upTo: .regolith)
    schedule.canyonTime = 2_000
    schedule.holoceneTime = 3_000
    let specification = ChainSpecification(chainID: 1, rollup: schedule)
    var parent = BlockHeader(
      parentHash: .zero, feeRecipient: .zero, number: 1, gasLimit: 30_000_000, timestamp: 1_998)
    parent.baseFee = 1_000_000
    func next(_ timestamp: UInt64) -> UInt256 {
      nextBaseFee(parent: parent, specification: specification, timestamp: timestamp)
    }
    #expect(next(1_999) == 980_000)
    #expect(next(2_000) == 996_000)
    parent.timestamp = 3_000
    parent.extraData = RollupExtraData(changeDenominator: 10, elasticity: 2).encoded
    #expect(next(3_002) == 900_000)
  }

  @Test("since Holocene a header without the base fee's parameters is refused")
  func extraData() throws {
    let chain = Chain(.all(upTo: .holocene))
    let block = try chain.build([]).block
    #expect(block.header.extraData == [0, 0, 0, 0, 250, 0, 0, 0, 6])
    #expect(try chain.importing(block).block.hash == block.hash)
    for extraData in [[], [1], Bytes(repeating: 0, count: 9), block.header.extraData + [0]] {
      var wrong = block
      wrong.header.extraData = extraData
      #expect(throws: BlockRejection.self) { try chain.importing(wrong) }
    }
  }

  @Test("since Isthmus the header holds the root of the withdrawals' storage")
  func isthmus() throws {
    let chain = Chain(.all(upTo: .isthmus))
    let block = try chain.build([]).block
    let root = try chain.state.account(Predeploys.messagePasser)?.storageRoot
    #expect(block.header.withdrawalsRoot == root)
    #expect(chain.head.withdrawalsRoot == root)
    #expect(try chain.importing(block).block.hash == block.hash)
    var wrong = block
    wrong.header.withdrawalsRoot = .zero
    #expect(throws: BlockRejection.self) { try chain.importing(wrong) }
    var withdrawing = block
    withdrawing.withdrawals = [
      Withdrawal(index: 0, validatorIndex: 0, address: .zero, amountInGwei: 1)
    ]
    #expect(throws: BlockRejection.self) { try chain.importing(withdrawing) }
  }

  @Test("since Jovian the data's footprint stands in the header, limits the block, lifts the fee")
  func jovian() throws {
    var chain = Chain(.all(upTo: .jovian))
    var attributes = L1Attributes(format: .jovian)
    attributes.daFootprintGasScalar = 5_000
    let deposit = Chain.deposit(to: Chain.alice, data: attributes.input)
    let outcome = try chain.build([deposit, Chain.transfer()])
    #expect(outcome.block.header.blobGasUsed == 100 * 5_000)
    attributes.daFootprintGasScalar = .max
    let full = Chain.deposit(to: Chain.alice, data: attributes.input)
    let many = (0..<5).map { Chain.transfer(nonce: $0) }
    let limited = try chain.build([full] + many)
    #expect(limited.receipts.count == 5)
    #expect(limited.skipped.count == 1)
    chain.head = limited.block.header
    chain.state = limited.state
    let extra = RollupExtraData(changeDenominator: 50, elasticity: 6, lowestBaseFee: 7_000_000_000)
    let next = try chain.build([], extraData: extra.encoded)
    #expect(try #require(next.block.header.baseFee) > 1_000_000_000)
    chain.head = next.block.header
    chain.state = next.state
    #expect(try chain.build([]).block.header.baseFee == 7_000_000_000)
  }
}
