import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives
import Testing

@Suite("A block")
struct BuildBlockTests {
  typealias Chain = DevelopmentChain

  @Test("takes valid candidates in their order and skips the others, saying why")
  func skipping() throws {
    let chain = Chain()
    let outcome = try chain.build([
      chain.transfer(nonce: 1), chain.transfer(), chain.transfer(),
      chain.transfer(from: Chain.poor, value: 0), chain.transfer(nonce: 1, gasLimit: 20_000),
      chain.transfer(nonce: 1, gasLimit: 30_000_001),
      chain.transfer(from: Chain.store, nonce: 1), chain.transfer(nonce: 1),
    ])
    #expect(outcome.block.transactions.map(\.nonce) == [0, 1])
    #expect(outcome.senders == [Chain.alice, Chain.alice])
    #expect(outcome.skipped.map(\.index) == [0, 2, 3, 4, 5, 6])
    #expect(
      outcome.skipped.map(\.refusal) == [
        .nonceTooHigh(expected: 0, got: 1), .nonceTooLow(expected: 1, got: 0),
        .insufficientFunds(sender: Chain.poor, balance: 0, cost: 200_000_000_000_000),
        .intrinsicGasTooLow(have: 20_000, need: 21_000),
        .gasLimitAboveBlock(limit: 30_000_001, block: 30_000_000),
        .senderNotExternallyOwned(sender: Chain.store, codeSizeInBytes: 16),
      ])
    #expect(try outcome.state.account(Chain.bob)?.balance == 1_000 * Chain.ether + 2)
    #expect(try outcome.state.account(Chain.alice)?.nonce == 2)
  }

  @Test("without its skipped candidates is the same block")
  func skippingLeavesNoTrace() throws {
    let chain = Chain()
    let plain = try chain.build([chain.transfer(), chain.transfer(nonce: 1)])
    let mixed = try chain.build([
      chain.transfer(gasLimit: 20_000), chain.transfer(),
      chain.transfer(nonce: 1, gasLimit: 30_000_001),
      chain.transfer(nonce: 1), chain.transfer(from: Chain.poor),
    ])
    #expect(plain.block == mixed.block)
    #expect(plain.state.root == mixed.state.root)
  }

  @Test("pays what is used and no more, burns the base fee, and tips the fee recipient")
  func payment() throws {
    let chain = Chain()
    let outcome = try chain.build([chain.transfer(value: 5)])
    let receipt = try #require(outcome.receipts.first)
    #expect(receipt.gasUsed == 21_000)
    let baseFee = try #require(outcome.block.header.baseFee)
    #expect(baseFee == 875_000_000)
    #expect(receipt.effectiveGasPrice == baseFee + 1_000_000_000)
    let paid = UInt256(21_000 as UInt64) * receipt.effectiveGasPrice
    #expect(
      try outcome.state.account(Chain.alice)?.balance == 1_000 * Chain.ether - paid - 5)
    #expect(
      try outcome.state.account(Chain.miner)?.balance
        == UInt256(21_000 as UInt64) * 1_000_000_000)
  }

  @Test("holds failed transactions too, with their gas gone and nothing else changed")
  func failures() throws {
    let chain = Chain()
    let word = Bytes(repeating: 0, count: 31) + [9]
    let outcome = try chain.build([
      chain.transfer(to: Chain.reverter, value: 7), chain.transfer(to: Chain.burner, nonce: 1),
      chain.transfer(to: Chain.store, nonce: 2, value: 0, data: word),
    ])
    #expect(outcome.receipts.map(\.succeeded) == [false, false, true])
    #expect(outcome.receipts[1].gasUsed == 100_000)
    #expect(outcome.receipts[0].gasUsed < 22_000)
    #expect(try outcome.state.account(Chain.reverter)?.balance == 0)
    #expect(try outcome.state.storage(Chain.store, 0) == 9)
    let log = try #require(outcome.receipts[2].logs.first)
    #expect(log == Log(address: Chain.store, topics: [], data: word))
    #expect(outcome.block.header.bloom.mayContain(Chain.store))
    #expect(!outcome.block.header.bloom.mayContain(Chain.alice))
    for receipt in outcome.receipts {
      #expect(try Receipt.decode(receipt.encoded).encoded == receipt.encoded)
    }
  }

  @Test("creates a contract where its receipt says")
  func creation() throws {
    let chain = Chain()
    // Returns the one byte 0x00 as code.
    let outcome = try chain.build([
      chain.transfer(to: nil, value: 3, data: [0x60, 1, 0x60, 0, 0xf3])
    ])
    let address = try #require(outcome.receipts.first?.contractAddress)
    #expect(address == Address.contract(createdBy: Chain.alice, nonce: 0))
    #expect(try outcome.state.code(at: address) == [0])
    #expect(try outcome.state.account(address)?.balance == 3)
    #expect(try outcome.state.account(address)?.nonce == 1)
  }

  @Test("ends when its gas is spent")
  func gasLimit() throws {
    let chain = Chain(gasLimit: 150_000)
    let outcome = try chain.build([
      chain.transfer(to: Chain.burner), chain.transfer(nonce: 1),
      chain.transfer(nonce: 1, gasLimit: 50_000),
    ])
    #expect(
      outcome.skipped.map(\.refusal) == [.blockGasExhausted(needed: 100_000, available: 50_000)])
    #expect(outcome.block.header.gasUsed == 121_000)
  }

  @Test("pays withdrawals and remembers its parent")
  func systemEffects() throws {
    var chain = Chain()
    let withdrawal = Withdrawal(
      index: 0, validatorIndex: 3, address: Chain.poor, amountInGwei: 7)
    chain.extend(try chain.build([], withdrawals: [withdrawal]))
    #expect(try chain.state.account(Chain.poor)?.balance == 7_000_000_000)
    #expect(
      try chain.state.storage(SystemContracts.historyStorage, 0) == UInt256(chain.hashes[0]))
    #expect(chain.head.withdrawalsRoot == Block.withdrawalsRoot([withdrawal]))
  }

  @Test(
    "is the same however its candidates' state came to be, on every fork", arguments: Fork.allCases)
  func importsItself(fork: Fork) throws {
    var chain = Chain(fork: fork)
    let address = try #require(Chain.key).address
    let fund = Transaction(
      legacyTo: address, chainID: nil, nonce: 0, gasPrice: 2_000_000_000, gasLimit: 21_000,
      value: Chain.ether)
    chain.extend(
      try chain.build([Candidate(transaction: fund, sender: Chain.alice)]))
    let chainID: UInt64? = fork >= .spuriousDragon ? 31_337 : nil
    let candidates = (0..<3 as Range<UInt64>).compactMap { nonce in
      chain.signed(
        Candidate(
          transaction: Transaction(
            legacyTo: nonce == 2 ? nil : Chain.store, chainID: chainID, nonce: nonce,
            gasPrice: 2_000_000_000, gasLimit: 100_000,
            data: Bytes(repeating: UInt8(nonce), count: 32)), sender: .zero))
    }
    let built = try chain.build(candidates)
    #expect(built.skipped.isEmpty)
    let decoded = try Block.decode(built.block.encoded)
    #expect(decoded == built.block)
    let imported = try importBlock(
      specification: chain.specification, parent: chain.head, state: chain.state,
      block: decoded, ancestorHashes: chain.ancestors, provider: Chain.provider)
    #expect(imported.block == built.block)
    #expect(imported.receipts == built.receipts)
    #expect(imported.state.root == built.state.root)
    #expect(imported.senders == built.senders)
  }
}
