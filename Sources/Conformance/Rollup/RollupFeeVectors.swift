import EVM
import Execution
import JSON
import Primitives

/// Fees of OP chains: the compressed length, the L1 fee, the operator's fee, the base fee.
enum RollupFeeVectors {
  @Sendable static func compressedSize(_ test: Fixture) throws(FixtureError) -> Verdict {
    let size = FastLZ.compressedSize(of: try test.field("input").bytes())
    return .compare("len", try test.field("len").uint256(), UInt256(UInt64(size)))
  }

  @Sendable static func l1Fee(_ test: Fixture) throws(FixtureError) -> Verdict {
    let fork = try RollupVectors.fork(try test.field("fork"))
    let fields = try test.field("params")
    var parameters = RollupFeeParameters()
    parameters.baseFee = try fields.field("baseFee").uint256()
    parameters.overhead = try fields.optional("overhead")?.uint256() ?? .zero
    parameters.scalar = try fields.optional("scalar")?.uint256() ?? .zero
    parameters.blobBaseFee = try fields.optional("blob")?.uint256() ?? .zero
    parameters.baseFeeScalar = try fields.optional("bfs")?.uint32() ?? 0
    parameters.blobBaseFeeScalar = try fields.optional("bbfs")?.uint32() ?? 0
    let charge: L1Charge
    if let transaction = try fields.optional("tx")?.bytes() {
      let isFree = transaction.isEmpty || transaction[0] == TransactionKind.deposit.rawValue
      charge =
        isFree ? .none : parameters.l1Charge(RollupData(transaction), fork: fork)
    } else {
      let size = try fields.field("flzn").uint64()
      charge = parameters.l1Charge(RollupData(compressedSizeInBytes: size), fork: fork)
    }
    return .all(
      .compare("l1Fee", try test.field("l1Fee").uint256(), charge.fee),
      .compare("l1GasUsed", try test.field("l1GasUsed").uint256(), charge.gasUsed))
  }

  @Sendable static func operatorFee(_ test: Fixture) throws(FixtureError) -> Verdict {
    var parameters = RollupFeeParameters()
    parameters.operatorFeeScalar = try test.field("operatorFeeScalar").uint32()
    parameters.operatorFeeConstant = try test.field("operatorFeeConstant").uint64()
    let fee = parameters.operatorFee(
      gas: try test.field("gas").uint64(), fork: try RollupVectors.fork(try test.field("fork")))
    return .compare("operatorFee", try test.field("operatorFee").uint256(), fee)
  }

  /// Extra data from a sequencer's wish, or read back.
  @Sendable static func extraData(_ test: Fixture) throws(FixtureError) -> Verdict {
    let fork = try RollupVectors.fork(try test.field("fork"))
    let mayFail = test.json["error"] != nil
    if try test.field("op").text() == "encode" {
      let defaults = BaseFeeParameters(
        elasticity: max(try test.field("defaultElasticity").uint64(), 1),
        changeDenominator: max(try test.field("defaultDenominator").uint64(), 1))
      let extra = RollupExtraData(
        parameters: try test.optional("eip1559Params")?.bytes() ?? [],
        lowestBaseFee: try test.optional("minBaseFee")?.uint64(), defaults: defaults, fork: fork)
      if mayFail { return .check("extraData", false, extra != nil) }
      return .compare(
        "extraData", try test.field("extraData").bytes(), extra?.encoded ?? [])
    }
    let bytes = try test.field("extraData").bytes()
    let extra = RollupExtraData(bytes, fork: fork)
    guard let extra, !mayFail else { return .check("extraData", !mayFail, extra != nil) }
    return .all(
      .compare(
        "denominator", try test.field("denominator").uint256(),
        UInt256(UInt64(extra.changeDenominator))),
      .compare(
        "elasticity", try test.field("elasticity").uint256(), UInt256(UInt64(extra.elasticity))),
      .compare("encoded", bytes, extra.encoded))
  }

  /// The base fee after a block whose header names its parameters.
  @Sendable static func baseFee(_ test: Fixture) throws(FixtureError) -> Verdict {
    let lowest = try test.optional("minBaseFee")?.uint64() ?? 0
    let fork = lowest == 0 ? RollupFork.isthmus : .jovian
    var parent = BlockHeader(
      parentHash: .zero, feeRecipient: .zero, number: 1,
      gasLimit: try test.field("gasLimit").uint64(), timestamp: 1)
    parent.gasUsed = try test.field("gasUsed").uint64()
    parent.baseFee = try test.field("baseFee").uint256()
    parent.blobGasUsed = try test.optional("blobGasUsed")?.uint64() ?? 0
    let extra = RollupExtraData(
      changeDenominator: try test.field("denominator").uint32(),
      elasticity: try test.field("elasticity").uint32(),
      lowestBaseFee: fork >= .jovian ? lowest : nil)
    parent.extraData = extra.encoded
    let specification = ChainSpecification(chainID: 10, rollup: .all(upTo: fork))
    return .compare(
      "next", try test.field("next").uint256(),
      nextBaseFee(parent: parent, specification: specification))
  }
}

extension L1Charge {
  /// That of a deposit.
  fileprivate static let none = L1Charge(gasUsed: .zero, fee: .zero)
}

extension Fixture {
  /// A number of at most 32 bits.
  func uint32() throws(FixtureError) -> UInt32 {
    guard let number = UInt32(exactly: try uint64()) else {
      throw fault("a number of more than 32 bits")
    }
    return number
  }
}

/// The attributes of L1 blocks, both ways.
enum AttributesVectors {
  @Sendable static func scalars(_ test: Fixture) throws(FixtureError) -> Verdict {
    let scalars = EcotoneScalars(word: try test.field("scalar").hash())
    guard test.json["error"] == nil, let scalars else {
      return .check("scalar", test.json["error"] == nil, scalars != nil)
    }
    return .all(
      .compare("base", try test.field("base").uint256(), UInt256(UInt64(scalars.baseFeeScalar))),
      .compare(
        "blob", try test.field("blob").uint256(), UInt256(UInt64(scalars.blobBaseFeeScalar))))
  }

  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let input = try test.field("calldata").bytes()
    let attributes = L1Attributes(input: input)
    guard let fields = test.optional("decoded"), let attributes else {
      return .check("calldata", test.json["decoded"] != nil, attributes != nil)
    }
    for (name, got) in numbers(attributes) {
      guard let expected = try fields.optional(name)?.uint256() else { continue }
      if expected != got { return .compare(name, expected, got) }
    }
    return .all(
      .compare("fork", try fields.field("fork").text(), name(attributes.format)),
      .compare("hash", try fields.field("hash").hash(), attributes.hash),
      .compare("batcherHash", try fields.field("batcherHash").hash(), attributes.batcherHash),
      .compare("encoded", input, attributes.input))
  }

  private static func name(_ format: L1Attributes.Format) -> String {
    switch format {
    case .bedrock: "bedrock"
    case .ecotone: "ecotone"
    case .isthmus: "isthmus"
    case .jovian: "jovian"
    }
  }

  private static func numbers(_ attributes: L1Attributes) -> [(String, UInt256)] {
    [
      ("number", UInt256(attributes.number)), ("timestamp", UInt256(attributes.timestamp)),
      ("basefee", attributes.baseFee), ("blobBaseFee", attributes.blobBaseFee),
      ("sequenceNumber", UInt256(attributes.sequenceNumber)),
      ("l1FeeOverhead", attributes.overhead), ("l1FeeScalar", attributes.scalar),
      ("baseFeeScalar", UInt256(UInt64(attributes.baseFeeScalar))),
      ("blobBaseFeeScalar", UInt256(UInt64(attributes.blobBaseFeeScalar))),
      ("operatorFeeScalar", UInt256(UInt64(attributes.operatorFeeScalar))),
      ("operatorFeeConstant", UInt256(attributes.operatorFeeConstant)),
      ("daFootprintGasScalar", UInt256(UInt64(attributes.daFootprintGasScalar))),
    ]
  }
}
