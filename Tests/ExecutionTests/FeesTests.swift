import EVM
import Execution
import Primitives
import Testing

@Suite("The fees")
struct FeesTests {
  private func parent(gasUsed: UInt64, baseFee: UInt256?) -> BlockHeader {
    var header = BlockHeader(
      parentHash: .zero, feeRecipient: .zero, number: 5, gasLimit: 20_000_000, timestamp: 0)
    header.gasUsed = gasUsed
    header.baseFee = baseFee
    return header
  }

  @Test("of a block follow the parent's gas as in EIP-1559's own test")
  func baseFee() {
    let specification = ChainSpecification(chainID: 1, forks: .all(upTo: .london))
    func next(_ gasUsed: UInt64, _ fee: UInt256?) -> UInt256 {
      nextBaseFee(parent: parent(gasUsed: gasUsed, baseFee: fee), specification: specification)
    }
    #expect(next(10_000_000, 1_000_000_000) == 1_000_000_000)
    #expect(next(9_000_000, 1_000_000_000) == 987_500_000)
    #expect(next(11_000_000, 1_000_000_000) == 1_012_500_000)
    #expect(next(0, 1_000_000_000) == 875_000_000)
    #expect(next(20_000_000, 1_000_000_000) == 1_125_000_000)
    #expect(next(10_000_001, 7) == 8)
    #expect(next(0, 7) == 7)
    #expect(next(5, nil) == initialBaseFee)
    #expect(next(20_000_000, .max) == .max)
  }

  @Test("of blobs grow with the excess as in EIP-4844's own test")
  func blobFee() {
    let cancun = BlobParameters.cancun
    #expect(cancun.fee(excess: 0) == 1)
    #expect(cancun.fee(excess: 2_314_057) == 1)
    #expect(cancun.fee(excess: 2_314_058) == 2)
    #expect(cancun.fee(excess: 10 * 1024 * 1024) == 23)
    #expect(cancun.fee(excess: .max) == .max)
    #expect(BlobParameters.prague.fee(excess: 10 * 1024 * 1024) == 8)
  }

  @Test("of blobs are held up by the base fee since Osaka")
  func excess() {
    let prague = BlobParameters.prague
    let used: UInt64 = 9 << 17
    #expect(prague.nextExcess(parentExcess: 0, parentUsed: 0, reserveBaseFee: nil) == 0)
    #expect(prague.nextExcess(parentExcess: 0, parentUsed: used, reserveBaseFee: nil) == 3 << 17)
    #expect(prague.nextExcess(parentExcess: 0, parentUsed: used, reserveBaseFee: 16) == 3 << 17)
    // 2^13 * 17 > 2^17: the blobs are too cheap, and a third of them counts.
    #expect(
      prague.nextExcess(parentExcess: 9 << 17, parentUsed: used, reserveBaseFee: 17)
        == (9 << 17) + (3 << 17))
    #expect(prague.nextExcess(parentExcess: .max, parentUsed: 1, reserveBaseFee: nil) == .max)
  }

  @Test("of a transaction are the cap or the base fee with the tip")
  func effectivePrice() {
    let transaction = Transaction(
      to: .zero, chainID: 1, nonce: 0, maxFeePerGas: 10, maxPriorityFeePerGas: 3, gasLimit: 1)
    #expect(transaction.effectiveGasPrice(baseFee: 5) == 8)
    #expect(transaction.effectiveGasPrice(baseFee: 9) == 10)
    #expect(transaction.effectiveGasPrice(baseFee: .max) == 10)
    #expect(transaction.maximumCost == 10)
    var dear = transaction
    dear.maxFeePerGas = .max
    dear.gasLimit = 2
    #expect(dear.maximumCost == nil)
  }

  @Test("come with the schedule of the fork")
  func schedule() {
    var forks = ForkSchedule.all(upTo: .shanghai)
    forks.cancunTime = 10
    forks.pragueTime = 20
    let specification = ChainSpecification(chainID: 1, forks: forks)
    #expect(specification.fork(number: 1, timestamp: 9, isMerged: true) == .shanghai)
    #expect(specification.fork(number: 1, timestamp: 10, isMerged: true) == .cancun)
    #expect(specification.fork(number: 1, timestamp: 25, isMerged: true) == .prague)
    #expect(specification.fork(number: 1, timestamp: 25, isMerged: false) == .london)
    #expect(specification.blobParameters(at: 19) == .cancun)
    #expect(specification.blobParameters(at: 20) == .prague)
  }
}
