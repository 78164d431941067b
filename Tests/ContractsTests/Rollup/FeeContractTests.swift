import Contracts
import Cryptography
import EVM
import Execution
import JSON
import Primitives
import TestSupport
import Testing

@Suite struct FeeContractTests {
  private let oracle = GasPriceOracleContract.address

  /// A chain whose L1Block knows some attributes.
  private func chain(_ attributes: L1Attributes) throws -> RollupChain {
    let chain = try RollupChain(layer: 2)
    try chain.send(LayerTwoAddresses.depositor, L1BlockContract.address, attributes.input)
    return chain
  }

  static func attributes(_ format: L1Attributes.Format, _ numbers: inout SeededNumbers)
    -> L1Attributes
  {
    var attributes = L1Attributes(format: format)
    attributes.number = numbers.next()
    attributes.timestamp = numbers.next()
    attributes.baseFee = UInt256(numbers.next() >> 20)
    attributes.hash = Keccak256.hash(UInt256(numbers.next()))
    attributes.sequenceNumber = numbers.next()
    attributes.batcherHash = Keccak256.hash(UInt256(numbers.next()))
    attributes.overhead = UInt256(numbers.next(below: 5_000))
    attributes.scalar = UInt256(numbers.next(below: 2_000_000))
    // OP's own oracle multiplies this by 16 in 32 bits.
    attributes.baseFeeScalar = UInt32(truncatingIfNeeded: numbers.next() >> 36)
    attributes.blobBaseFeeScalar = UInt32(truncatingIfNeeded: numbers.next())
    attributes.blobBaseFee = UInt256(numbers.next() >> 20)
    attributes.operatorFeeScalar = UInt32(truncatingIfNeeded: numbers.next())
    attributes.operatorFeeConstant = numbers.next()
    attributes.daFootprintGasScalar = UInt16(truncatingIfNeeded: numbers.next())
    return attributes
  }

  static func parameters(_ attributes: L1Attributes) -> RollupFeeParameters {
    var parameters = RollupFeeParameters()
    parameters.baseFee = attributes.baseFee
    parameters.blobBaseFee = attributes.blobBaseFee
    parameters.overhead = attributes.overhead
    parameters.scalar = attributes.scalar
    parameters.baseFeeScalar = attributes.baseFeeScalar
    parameters.blobBaseFeeScalar = attributes.blobBaseFeeScalar
    parameters.operatorFeeScalar = attributes.operatorFeeScalar
    parameters.operatorFeeConstant = attributes.operatorFeeConstant
    return parameters
  }

  /// Bytes like those of transactions: now with repetitions, now without.
  static func data(_ numbers: inout SeededNumbers) -> Bytes {
    let alphabet = 1 + numbers.next(below: 256)
    let count = Int(numbers.next(below: numbers.next(below: 8) == 0 ? 9_000 : 300))
    var data = (0..<count).map { _ in UInt8(numbers.next(below: alphabet)) }
    if count > 20, numbers.next(below: 2) == 0 { data += data.prefix(count / 2) + data }
    return data
  }

  @Test("the oracle's fees are those that execution charges, a signature's 68 bytes included")
  func fees() throws {
    var numbers = SeededNumbers(state: 21)
    let attributes = Self.attributes(.isthmus, &numbers)
    let chain = try chain(attributes)
    let parameters = Self.parameters(attributes)
    for _ in 0..<60 {
      let data = Self.data(&numbers)
      let size = UInt64(FastLZ.compressedSize(of: data)) + 68
      let charge = parameters.l1Charge(RollupData(compressedSizeInBytes: size), fork: .isthmus)
      #expect(try chain.read(GasPriceOracleContract.l1Fee(data)) == charge.fee)
      #expect(try chain.read(GasPriceOracleContract.l1GasUsed(data)) == charge.gasUsed)
      let bound = GasPriceOracleContract.l1FeeUpperBound(sizeInBytes: UInt64(data.count))
      let longest = UInt64(data.count) + 68
      let bounding = RollupData(compressedSizeInBytes: longest + longest / 255 + 16)
      #expect(
        try chain.read(bound) == parameters.l1Charge(bounding, fork: .isthmus).fee)
      let gas = numbers.next(below: 100_000_000)
      #expect(
        try chain.read(GasPriceOracleContract.operatorFee(gas: UInt256(gas)))
          == parameters.operatorFee(gas: gas, fork: .isthmus))
    }
  }

  @Test("the fees follow the upgrades, which the depositor alone begins, in their order")
  func upgrades() throws {
    var numbers = SeededNumbers(state: 22)
    let depositor = LayerTwoAddresses.depositor
    var attributes = Self.attributes(.bedrock, &numbers)
    let chain = try chain(attributes)
    try chain.place(0, in: 0, of: oracle)
    let data = Self.data(&numbers) + [0, 0, 7]
    var signed = RollupData(data)
    signed.otherCount += 68
    signed.compressedSizeInBytes += 68
    func check(_ fork: RollupFork) throws {
      let parameters = Self.parameters(attributes)
      // Regolith counts no signature by itself; a signed transaction has it in its bytes.
      let charge = parameters.l1Charge(signed, fork: fork == .bedrock ? .regolith : fork)
      #expect(try chain.read(GasPriceOracleContract.l1Fee(data)) == charge.fee)
      #expect(
        try chain.read(GasPriceOracleContract.operatorFee(gas: 9_999_999))
          == parameters.operatorFee(gas: 9_999_999, fork: fork))
    }
    try check(.bedrock)
    for (name, fork, format) in [
      ("Ecotone", RollupFork.ecotone, L1Attributes.Format.ecotone), ("Fjord", .fjord, .ecotone),
      ("Isthmus", .isthmus, .isthmus), ("Jovian", .jovian, .jovian),
    ] {
      let begin = GasPriceOracleContract.begin(name)
      #expect(try chain.refusal(Parts.alice, oracle, begin) != nil)
      try chain.send(depositor, oracle, begin)
      #expect(try chain.read(GasPriceOracleContract.hasBegun(name)))
      #expect(try chain.refusal(depositor, oracle, begin) != nil)
      attributes = Self.attributes(format, &numbers)
      try chain.send(depositor, L1BlockContract.address, attributes.input)
      try check(fork)
    }
  }

  @Test(
    "the oracle compresses as the vectors do",
    .enabled(if: Project.hasVectors("op/fastlz_len.json")))
  func compression() throws {
    var attributes = L1Attributes(format: .isthmus)
    attributes.baseFee = 1_000_000
    attributes.baseFeeScalar = 1
    let chain = try chain(attributes)
    let cases = try Fixtures.rollupVectors("fastlz_len")
    let parameters = Self.parameters(attributes)
    for entry in cases.prefix(60) {
      let data = try entry["input"].asBytes()
      let size = try #require(entry["len"]?.uint64)
      let charge = parameters.l1Charge(
        RollupData(compressedSizeInBytes: size + 68), fork: .isthmus)
      #expect(try chain.read(GasPriceOracleContract.l1Fee(data)) == charge.fee)
    }
  }

  @Test("L1Block keeps attributes of each format where the fee rules look for them")
  func layout() throws {
    var numbers = SeededNumbers(state: 23)
    for format in [L1Attributes.Format.bedrock, .ecotone, .isthmus, .jovian] {
      let attributes = Self.attributes(format, &numbers)
      let chain = try chain(attributes)
      #expect(try chain.read(L1BlockContract.number) == attributes.number)
      #expect(try chain.read(L1BlockContract.timestamp) == attributes.timestamp)
      #expect(try chain.read(L1BlockContract.hash) == attributes.hash)
      #expect(try chain.read(L1BlockContract.sequenceNumber) == attributes.sequenceNumber)
      #expect(try chain.read(L1BlockContract.baseFee) == attributes.baseFee)
      #expect(try chain.read(L1BlockContract.batcherHash) == attributes.batcherHash)
      let slot = { (index: UInt256) in
        try chain.state.storage(L1BlockContract.address, index)
      }
      #expect(try slot(1) == attributes.baseFee)
      if format != .bedrock {
        #expect(try slot(7) == attributes.blobBaseFee)
        let packed = Hash(try slot(3))
        #expect(
          packed.word2 == UInt64(attributes.baseFeeScalar) << 32
            | UInt64(attributes.blobBaseFeeScalar))
      }
      if format == .isthmus || format == .jovian {
        let packed = Hash(try slot(8))
        #expect(packed.word3 == attributes.operatorFeeConstant)
        #expect(UInt32(truncatingIfNeeded: packed.word2) == attributes.operatorFeeScalar)
      }
      if format == .jovian {
        #expect(Hash(try slot(8)).word2 >> 32 == UInt64(attributes.daFootprintGasScalar))
      }
      #expect(
        try chain.refusal(Parts.alice, L1BlockContract.address, attributes.input) != nil)
    }
  }

  @Test("a vault hands its fees to its recipient on L1")
  func vault() throws {
    let pair = try RollupPair()
    let vault = FeeVaultContract.sequencer
    #expect(
      try pair.l2.refusal(Parts.bob, vault.address, FeeVaultContract.withdraw)
        == "FeeVault: withdrawal amount must be greater than minimum withdrawal amount")
    let fees = UInt256(20_000_000_000_000_000)
    try pair.l2.fund(vault.address, fees)
    let outcome = try pair.l2.send(Parts.bob, vault.address, FeeVaultContract.withdraw)
    let message = try pair.withdrawal(outcome)
    #expect(message.target == Parts.feeRecipient && message.value == fees)
    #expect(try pair.l2.read(vault.totalProcessed) == fees)
    let before = try pair.l1.balance(Parts.feeRecipient)
    try pair.complete(message)
    #expect(try pair.l1.balance(Parts.feeRecipient) == before &+ fees)
  }
}
