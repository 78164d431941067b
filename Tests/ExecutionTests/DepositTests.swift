import Cryptography
import EVM
import Execution
import Primitives
import Testing

@Suite("A deposit on an OP chain")
struct DepositTests {
  typealias Chain = DevelopmentChain
  let chain = Chain(isOptimism: true)

  func deposit(
    to: Address?, value: UInt256 = 0, mint: UInt256 = 0, gasLimit: UInt64 = 100_000,
    data: Bytes = []
  ) -> Candidate {
    let fields = DepositFields(
      sourceHash: Keccak256.hash([1]), from: Chain.poor, mint: mint, isSystemTransaction: false)
    return Candidate(
      transaction: Transaction(
        deposit: fields, to: to, value: value, gasLimit: gasLimit, data: data),
      sender: Chain.poor)
  }

  @Test("mints, calls and pays nothing")
  func success() throws {
    let outcome = try chain.build([deposit(to: Chain.bob, value: 3, mint: 10)])
    let receipt = try #require(outcome.receipts.first)
    #expect(receipt.succeeded)
    #expect(receipt.gasUsed == 21_000)
    #expect(receipt.depositNonce == 0)
    #expect(receipt.depositReceiptVersion == 1)
    #expect(receipt.effectiveGasPrice == 0)
    #expect(try Receipt.decode(receipt.encoded).encoded == receipt.encoded)
    #expect(try outcome.state.account(Chain.poor)?.balance == 7)
    #expect(try outcome.state.account(Chain.poor)?.nonce == 1)
    #expect(try outcome.state.account(Chain.bob)?.balance == 1_000 * Chain.ether + 3)
    #expect(try outcome.state.account(Chain.miner) == nil)
  }

  @Test("that fails keeps its mint and its nonce, whatever the reason")
  func failure() throws {
    let failing = [
      deposit(to: Chain.reverter, value: 1, mint: 10), deposit(to: Chain.burner, mint: 10),
      deposit(to: Chain.bob, value: 1_000, mint: 10),
      deposit(to: Chain.bob, mint: 10, gasLimit: 20_000),
    ]
    let outcome = try chain.build(failing)
    #expect(outcome.skipped.isEmpty)
    #expect(outcome.receipts.map(\.succeeded) == [false, false, false, false])
    #expect(outcome.receipts.map(\.depositNonce) == [0, 1, 2, 3])
    #expect(outcome.receipts[2].gasUsed == 100_000)
    #expect(outcome.receipts[3].gasUsed == 20_000)
    #expect(try outcome.state.account(Chain.poor)?.balance == 40)
    #expect(try outcome.state.account(Chain.poor)?.nonce == 4)
  }

  @Test("has no place on another chain, and blobs have none on this one")
  func kinds() throws {
    let plain = try Chain().build([deposit(to: Chain.bob)])
    #expect(plain.skipped.map(\.refusal) == [.typeNotSupported(.deposit)])
    var blob = chain.transfer()
    blob.transaction.kind = .blob
    let rollup = try chain.build([blob])
    #expect(rollup.skipped.map(\.refusal) == [.typeNotSupported(.blob)])
  }

  @Test("is imported as it was built, and the base fee goes to its vault")
  func imported() throws {
    let candidate = try #require(chain.signed(chain.transfer(value: 0)))
    let funding = deposit(to: candidate.sender, value: Chain.ether, mint: Chain.ether)
    let built = try chain.build([funding, candidate])
    #expect(built.skipped.isEmpty)
    let baseFee = try #require(built.block.header.baseFee)
    #expect(
      try built.state.account(SystemContracts.baseFeeVault)?.balance
        == UInt256(21_000 as UInt64) * baseFee)
    let imported = try importBlock(
      specification: chain.specification, parent: chain.head, state: chain.state,
      block: try Block.decode(built.block.encoded), ancestorHashes: chain.ancestors,
      provider: Chain.provider)
    #expect(imported.state.root == built.state.root)
  }
}
