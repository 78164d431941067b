import Derivation
import EVM
import Execution
import JSON
import Primitives

/// Configurations of rollups, and what changes them.
enum ConfigurationVectors {
  /// A log that changes the system configuration.
  @Sendable static func update(_ test: Fixture) throws(FixtureError) -> Verdict {
    var log = Log(address: .zero, topics: [], data: try test.field("data").bytes())
    for topic in try test.field("topics").elements() { log.topics.append(try topic.hash()) }
    let isExpected = test.json["ok"]?.bool ?? true
    let update: SystemConfigurationUpdate
    do throws(SystemConfigurationUpdateError) {
      update = try SystemConfigurationUpdate(log)
    } catch {
      return .check("log", isExpected, false)
    }
    guard isExpected else { return .check("log", false, true) }
    func number(_ field: String, _ got: UInt64) throws(FixtureError) -> Verdict {
      .compare(field, try test.field(field).uint256(), UInt256(got))
    }
    switch update {
    case .batcher(let address):
      return .compare("batcher", try test.field("batcher").address().bytes, address.bytes)
    case .feeScalars(let overhead, let scalar):
      return .all(
        .compare("word0", try test.field("word0").hash(), Hash(overhead)),
        .compare("word1", try test.field("word1").hash(), scalar))
    case .gasLimit(let limit): return try number("gasLimit", limit)
    case .unsafeBlockSigner(let address):
      return .compare(
        "unsafeBlockSigner", try test.field("unsafeBlockSigner").address().bytes, address.bytes)
    case .baseFeeParameters(let changeDenominator, let elasticity):
      return .all(
        try number("denominator", UInt64(changeDenominator)),
        try number("elasticity", UInt64(elasticity)))
    case .operatorFee(let scalar, let constant):
      return .all(
        try number("operatorFeeScalar", UInt64(scalar)),
        try number("operatorFeeConstant", constant))
    case .lowestBaseFee(let fee): return try number("minBaseFee", fee)
    case .daFootprintGasScalar(let scalar):
      return try number("daFootprintGasScalar", UInt64(scalar))
    }
  }

  /// A chain of the superchain registry: each fork holds from its time on, and each value arrives.
  @Sendable static func chain(_ test: Fixture) throws(FixtureError) -> Verdict {
    let fields = try test.field("config")
    let configuration = try RollupConfiguration(registry: fields)
    let genesis = try fields.field("genesis")
    let system = configuration.genesis.systemConfiguration
    let names: [(String, RollupFork)] = [
      ("canyon_time", .canyon), ("ecotone_time", .ecotone), ("fjord_time", .fjord),
      ("granite_time", .granite), ("holocene_time", .holocene), ("isthmus_time", .isthmus),
      ("jovian_time", .jovian),
    ]
    for (name, fork) in names {
      let time = try fields.field("hardforks").optional(name)?.uint64()
      let holds = configuration.isActive(fork, at: time ?? .max)
      let early = time.map { $0 > 0 && configuration.isActive(fork, at: $0 - 1) } ?? false
      guard holds == (time != nil), !early else { return .check(name, time != nil, holds) }
    }
    let isAltDA = fields.json["data_availability_type"]?.string == "alt-da"
    let hasAltDA = fields.optional("alt_da") != nil
    let delta = try fields.field("hardforks").optional("delta_time")?.uint64()
    return .all(
      .compare(
        "chain_id", try fields.field("chain_id").uint256(),
        UInt256(configuration.specification.chainID)),
      .compare(
        "l2.number of l2_time", try genesis.field("l2").field("number").uint256(),
        UInt256(
          configuration.blockNumber(at: try genesis.field("l2_time").uint64()) ?? .max)),
      .compare(
        "time of the next block",
        UInt256(
          try genesis.field("l2_time").uint64() + fields.field("block_time").uint64()),
        UInt256(
          configuration.timestamp(ofBlock: configuration.genesis.l2.number + 1) ?? 0)),
      .compare(
        "scalar", try genesis.field("system_config").field("scalar").hash(), system.scalar),
      .check("scalar", true, EcotoneScalars(word: system.scalar) != nil),
      .check("delta_time", true, delta.map { configuration.isDelta(at: $0) } ?? true),
      .check("alt_da", hasAltDA, configuration.altDA != nil),
      .check("data_availability_type", true, isAltDA || !hasAltDA))
  }

  /// The word of a protocol's version.
  @Sendable static func version(_ test: Fixture) throws(FixtureError) -> Verdict {
    let word = try test.field("encoded").hash()
    guard let version = ProtocolVersion(word) else { return .check("encoded", true, false) }
    func number(_ field: String, _ got: UInt32) throws(FixtureError) -> Verdict {
      .compare(field, try test.field(field).uint256(), UInt256(UInt64(got)))
    }
    return .all(
      try number("major", version.major), try number("minor", version.minor),
      try number("patch", version.patch), try number("preRelease", version.preRelease),
      .compare("display", try test.field("display").text(), version.text),
      .compare("encoded", word, version.encoded))
  }
}

extension RollupConfiguration {
  /// A chain as the superchain registry writes it.
  init(registry fields: Fixture) throws(FixtureError) {
    let genesis = try fields.field("genesis")
    let system = try genesis.field("system_config")
    let forks = try fields.field("hardforks")
    let specification = try ChainSpecification(
      rollup: fields.field("chain_id"), times: forks, fees: fields.field("optimism"))
    let addresses = fields.optional("addresses")
    func identifier(_ name: String) throws(FixtureError) -> BlockIdentifier {
      let block = try genesis.field(name)
      return BlockIdentifier(
        hash: try block.field("hash").hash(), number: try block.field("number").uint64())
    }
    let blockTime = try fields.field("block_time").uint64()
    guard blockTime > 0, let schedule = specification.rollup else {
      throw fields.fault("is no rollup's configuration")
    }
    self.init(
      genesis: RollupGenesis(
        l1: try identifier("l1"), l2: try identifier("l2"),
        l2Time: try genesis.field("l2_time").uint64(),
        systemConfiguration: SystemConfiguration(
          batcher: try system.field("batcherAddress").address(),
          overhead: try system.field("overhead").uint256(),
          scalar: try system.field("scalar").hash(),
          gasLimit: try system.field("gasLimit").uint64())),
      blockTime: blockTime,
      maximumSequencerDrift: try fields.field("max_sequencer_drift").uint64(),
      sequencingWindowSize: try fields.field("seq_window_size").uint64(), l1ChainID: 1,
      l2ChainID: specification.chainID, schedule: schedule,
      deltaTime: try forks.optional("delta_time")?.uint64(),
      batchInbox: try fields.field("batch_inbox_addr").address(),
      depositContract: try addresses?.optional("OptimismPortalProxy")?.address() ?? .zero,
      systemConfigurationContract: try addresses?.optional("SystemConfigProxy")?.address()
        ?? .zero,
      altDA: try fields.optional("alt_da").map { (altDA) throws(FixtureError) in
        try AltDAConfiguration(registry: altDA)
      })
    pectraBlobScheduleTime = try forks.optional("pectra_blob_schedule_time")?.uint64()
    baseFeeParameters = specification.baseFeeParameters
  }
}

extension AltDAConfiguration {
  fileprivate init(registry fields: Fixture) throws(FixtureError) {
    let kind = fields.json["da_commitment_type"]?.string
    guard kind == "KeccakCommitment" || kind == "GenericCommitment" else {
      throw fields.fault("its kind of commitment is unknown")
    }
    self.init(
      challengeContract: try fields.field("da_challenge_contract_address").address(),
      commitmentKind: kind == "KeccakCommitment" ? .keccak256 : .generic,
      challengeWindow: try fields.field("da_challenge_window").uint64(),
      resolveWindow: try fields.field("da_resolve_window").uint64())
  }
}
