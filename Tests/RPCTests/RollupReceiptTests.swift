import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Primitives
import RPC
import Testing
import Views

/// What the receipts of an OP chain tell of the fees beside gas, as op-geth does.
@Suite("Receipts of an OP chain") struct RollupReceiptTests {
  /// The fields of a small transfer's receipt that other chains do not have.
  private func fields(
    _ fork: RollupFork, _ attributes: L1Attributes, kind: TransactionKind = .dynamicFee
  ) -> [String: String] {
    let deposit = Transaction(
      deposit: DepositFields(
        sourceHash: .zero, from: L1Attributes.depositor, mint: .zero, isSystemTransaction: false),
      to: Predeploys.l1Block, value: .zero, gasLimit: 1_000_000, data: attributes.input)
    let transfer = Transaction(
      to: Address(UInt256(2)), chainID: 901, nonce: 5, maxFeePerGas: 100, maxPriorityFeePerGas: 2,
      gasLimit: 21_000
    ).signed(with: Signature(r: 8, s: 9, yParity: true))
    let stored = StoredReceipt(
      receipt: Receipt(kind: kind, outcome: .status(true), cumulativeGasUsed: 50_000, logs: []),
      transaction: StoredTransaction(
        transaction: kind == .deposit ? deposit : transfer, hash: .zero, sender: .zero,
        block: BlockReference(layer: .two, number: 1, hash: .zero, timestamp: 7, baseFee: 1),
        index: 1),
      firstLogIndex: 0)
    let specification = ChainSpecification(chainID: 901, rollup: .all(upTo: fork))
    let json = EthereumJSON.receipt(stored, specification: specification, first: deposit)
    let plain = EthereumJSON.receipt(stored, specification: specification)
    var own: [String: String] = [:]
    for (name, value) in json.object ?? .init() where plain[name] == nil {
      own[name] = value.string
    }
    return own
  }

  /// Base's of block 21,713,817, whose fee for a short transaction is known.
  private func base(_ format: L1Attributes.Format) -> L1Attributes {
    var attributes = L1Attributes(format: format)
    attributes.baseFee = 14_121_491_676
    attributes.blobBaseFee = 1_324_954_204
    attributes.baseFeeScalar = 2_269
    attributes.blobBaseFeeScalar = 1_055_762
    return attributes
  }

  private let fjord = [
    "l1BaseFeeScalar": "0x8dd", "l1BlobBaseFee": UInt256(1_324_954_204).hexadecimal,
    "l1BlobBaseFeeScalar": "0x101c12",
    "l1Fee": UInt256(191_150_293_412).hexadecimal,
    "l1GasPrice": UInt256(14_121_491_676).hexadecimal,
    "l1GasUsed": "0x640",
  ]

  @Test("from Fjord on they have two scalars, and the fee of the compressed bytes")
  func twoScalars() {
    #expect(fields(.fjord, base(.ecotone)) == fjord)
    #expect(fields(.isthmus, base(.isthmus)) == fjord, "no operator's fee, nothing of it")
  }

  @Test("from Isthmus on they have the operator's fee, where there is one")
  func operatorFee() {
    var attributes = base(.isthmus)
    attributes.operatorFeeConstant = 300
    let expected = fjord.merging(["operatorFeeScalar": "0x0", "operatorFeeConstant": "0x12c"]) {
      $1
    }
    #expect(fields(.isthmus, attributes) == expected)
  }

  @Test(
    "from Jovian on they have the footprint of the data", arguments: [0, 400, 1_000] as [UInt16])
  func footprint(scalar: UInt16) {
    var attributes = base(.jovian)
    attributes.daFootprintGasScalar = scalar
    let gas = UInt64(scalar == 0 ? 400 : scalar)
    let expected = fjord.merging([
      "daFootprintGasScalar": UInt256(gas).hexadecimal,
      "blobGasUsed": UInt256(100 * gas).hexadecimal,
    ]) { $1 }
    #expect(fields(.jovian, attributes) == expected)
  }

  @Test("before Ecotone, and in its first block, they have one scalar in decimals")
  func oneScalar() {
    var attributes = L1Attributes(format: .bedrock)
    attributes.baseFee = 1_000_000_000
    attributes.overhead = 188
    attributes.scalar = 684_000
    for fork in [RollupFork.regolith, .ecotone] {
      let own = fields(fork, attributes)
      #expect(own.keys.sorted() == ["l1Fee", "l1FeeScalar", "l1GasPrice", "l1GasUsed"])
      #expect(own["l1FeeScalar"] == "0.684")
    }
  }

  @Test(
    "scalars are written as Go writes numbers",
    arguments: [
      (0, "0"), (1_000_000, "1"), (684_000, "0.684"), (100, "0.0001"), (12, "1.2e-05"),
      (1, "1e-06"), (1_234_567_890, "1234.56789"),
      (12_345_678_906, "12345.67891"), (99_999_999_999, "100000"),
      (10_000_000_000_000_000, "1e+10"), (123_000_000_000_000_000, "1.23e+11"),
    ] as [(UInt64, String)])
  func decimals(scalar: UInt64, text: String) {
    var attributes = L1Attributes(format: .bedrock)
    attributes.scalar = UInt256(scalar)
    #expect(fields(.bedrock, attributes)["l1FeeScalar"] == text)
  }

  @Test("deposits owe nothing, and foreign first transactions tell nothing")
  func nothing() {
    #expect(fields(.isthmus, base(.isthmus), kind: .deposit) == [:])
  }
}
