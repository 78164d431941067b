import Derivation
import EVM
import Execution
import JSON
import Primitives

/// A rollup's configuration as op-node writes it in `rollup.json`, with what only Opal asks for
/// beside it in a member `opal`.
///
///     opal: {"l1_slot_time", "l1_finality_depth", "l1_blob_schedule": [{"timestamp", "target",
///            "max", "update_fraction"}], "certificates": {"verifier", "recency_window", "tau2"}}
public struct RollupDocument: Hashable, Sendable {
  /// What everybody who derives the chain agrees on.
  public var configuration: RollupConfiguration
  /// The seconds between L1 blocks.
  public var slotTime: UInt64 = 12
  /// How many L1 blocks on top make one final.
  public var finalityDepth: UInt64 = RollupDocument.usualFinalityDepth

  /// Two epochs of the beacon chain.
  public static let usualFinalityDepth: UInt64 = 64

  /// A document of a configuration.
  public init(configuration: RollupConfiguration) { self.configuration = configuration }

  /// Has batches stand elsewhere, and only commitments to them on L1.
  public mutating func useCommitments(
    _ kind: AltDAConfiguration.CommitmentKind = .keccak256,
    certificates: CertificateConfiguration? = nil
  ) {
    configuration.altDA = AltDAConfiguration(
      challengeContract: .zero, commitmentKind: kind, challengeWindow: 3_600,
      resolveWindow: 3_600, certificates: certificates)
  }

  /// Reads a document.
  ///
  /// Unknown members are passed over, as op-node has had many; forks of a later time than this
  /// program knows are refused.
  ///
  /// - Throws: ``GenesisError`` naming the member.
  public init(parsing text: Bytes) throws(GenesisError) {
    let json: JSON
    do throws(JSONError) {
      json = try JSON.parse(text)
    } catch {
      throw GenesisError(field: "", reason: "not JSON: \(error.message) at byte \(error.offset)")
    }
    let document = Fields(json: json, path: "")
    for unknown in ["karst_time", "interop_time"] where json[unknown]?.isNull == false {
      throw GenesisError(field: unknown, reason: "this fork is not supported")
    }
    guard let blockTime = try document.positive("block_time") else {
      throw GenesisError(field: "block_time", reason: "is missing")
    }
    configuration = RollupConfiguration(
      genesis: try RollupGenesis(document.child("genesis")), blockTime: blockTime,
      maximumSequencerDrift: try document.number("max_sequencer_drift") ?? 600,
      sequencingWindowSize: try document.required(
        document.number("seq_window_size"), "seq_window_size"),
      channelTimeoutBeforeGranite: try document.number("channel_timeout") ?? 300,
      l1ChainID: try document.required(document.number("l1_chain_id"), "l1_chain_id"),
      l2ChainID: try document.required(document.number("l2_chain_id"), "l2_chain_id"),
      schedule: try RollupDocument.schedule(document), deltaTime: try document.number("delta_time"),
      batchInbox: try document.required(
        document.address("batch_inbox_address"), "batch_inbox_address"),
      depositContract: try document.required(
        document.address("deposit_contract_address"), "deposit_contract_address"),
      systemConfigurationContract: try document.required(
        document.address("l1_system_config_address"), "l1_system_config_address"))
    configuration.pectraBlobScheduleTime = try document.number("pectra_blob_schedule_time")
    try readFees(document)
    try readAltDA(document)
    try readOpal(document)
  }

  private static func schedule(_ document: Fields) throws(GenesisError) -> RollupSchedule {
    var schedule = RollupSchedule()
    schedule.regolithTime = try document.number("regolith_time")
    schedule.canyonTime = try document.number("canyon_time")
    schedule.ecotoneTime = try document.number("ecotone_time")
    schedule.fjordTime = try document.number("fjord_time")
    schedule.graniteTime = try document.number("granite_time")
    schedule.holoceneTime = try document.number("holocene_time")
    schedule.isthmusTime = try document.number("isthmus_time")
    schedule.jovianTime = try document.number("jovian_time")
    return schedule
  }

  private mutating func readFees(_ document: Fields) throws(GenesisError) {
    guard document.json["chain_op_config"]?.isNull == false else { return }
    let fees = try document.child("chain_op_config")
    let usual = BaseFeeParameters.optimism
    configuration.baseFeeParameters = BaseFeeParameters(
      elasticity: try fees.positive("eip1559Elasticity") ?? usual.elasticity,
      changeDenominator: try fees.positive("eip1559DenominatorCanyon") ?? usual.changeDenominator)
    if let denominator = try fees.positive("eip1559Denominator") {
      configuration.schedule.changeDenominatorBeforeCanyon = denominator
    }
  }

  private mutating func readAltDA(_ document: Fields) throws(GenesisError) {
    guard document.json["alt_da"]?.isNull == false else { return }
    let fields = try document.child("alt_da")
    let kind: AltDAConfiguration.CommitmentKind
    switch fields.json["da_commitment_type"]?.string {
    case nil, "KeccakCommitment": kind = .keccak256
    case "GenericCommitment": kind = .generic
    default:
      throw GenesisError(field: "alt_da.da_commitment_type", reason: "is neither kind")
    }
    let challengeContract = try fields.address("da_challenge_contract_address") ?? .zero
    guard kind == .generic || challengeContract == .zero else {
      // A commitment whose challenge was lost does not count, and nobody here would know.
      throw GenesisError(
        field: "alt_da.da_challenge_contract_address", reason: "challenges are not followed")
    }
    configuration.altDA = AltDAConfiguration(
      challengeContract: challengeContract, commitmentKind: kind,
      challengeWindow: try fields.number("da_challenge_window") ?? 0,
      resolveWindow: try fields.number("da_resolve_window") ?? 0)
  }

  private mutating func readOpal(_ document: Fields) throws(GenesisError) {
    guard document.json["opal"]?.isNull == false else { return }
    let fields = try document.child("opal")
    slotTime = try fields.positive("l1_slot_time") ?? slotTime
    finalityDepth = try fields.number("l1_finality_depth") ?? finalityDepth
    if fields.json["certificates"]?.isNull == false {
      configuration.altDA?.certificates = try CertificateConfiguration(
        fields.child("certificates"))
    }
    guard let entries = fields.json["l1_blob_schedule"]?.array else { return }
    var schedule: [BlobScheduleEntry] = []
    for (index, json) in entries.enumerated() {
      let entry = Fields(json: json, path: "opal.l1_blob_schedule[\(index)]")
      schedule.append(
        BlobScheduleEntry(
          timestamp: try entry.required(entry.number("timestamp"), "timestamp"),
          parameters: BlobParameters(
            target: try entry.required(entry.number("target"), "target"),
            maximum: try entry.required(entry.number("max"), "max"),
            updateFraction: try entry.required(
              entry.positive("update_fraction"), "update_fraction"))))
    }
    configuration.l1BlobSchedule = schedule.sorted { $0.timestamp < $1.timestamp }
  }
}

extension RollupGenesis {
  init(_ genesis: Fields) throws(GenesisError) {
    self.init(
      l1: try BlockIdentifier(genesis.child("l1")), l2: try BlockIdentifier(genesis.child("l2")),
      l2Time: try genesis.required(genesis.number("l2_time"), "l2_time"),
      systemConfiguration: try SystemConfiguration(genesis.child("system_config")))
  }
}

extension BlockIdentifier {
  init(_ fields: Fields) throws(GenesisError) {
    self.init(
      hash: try fields.required(fields.hash("hash"), "hash"),
      number: try fields.required(fields.number("number"), "number"))
  }
}

extension SystemConfiguration {
  init(_ fields: Fields) throws(GenesisError) {
    var batcher = try fields.address("batcherAddr")
    if batcher == nil { batcher = try fields.address("batcherAddress") }
    self.init(
      batcher: try fields.required(batcher, "batcherAddr"),
      overhead: UInt256(try fields.hash("overhead") ?? .zero),
      scalar: try fields.required(fields.hash("scalar"), "scalar"),
      gasLimit: try fields.required(fields.number("gasLimit"), "gasLimit"))
    if let parameters = try fields.bytes("eip1559Params") {
      guard parameters.count == 8 else {
        throw GenesisError(field: "eip1559Params", reason: "has not eight bytes")
      }
      let word = UInt256(bigEndian: parameters[...]).lowUInt64
      changeDenominator = UInt32(truncatingIfNeeded: word >> 32)
      elasticity = UInt32(truncatingIfNeeded: word)
    }
    if let word = try fields.hash("operatorFeeParams") {
      operatorFeeScalar = UInt32(truncatingIfNeeded: word.word2)
      operatorFeeConstant = word.word3
    }
    lowestBaseFee = try fields.number("minBaseFee") ?? 0
    let footprint = try fields.number("daFootprintGasScalar") ?? 0
    guard let footprint = UInt16(exactly: footprint) else {
      throw GenesisError(field: "daFootprintGasScalar", reason: "is above 16 bits")
    }
    daFootprintGasScalar = footprint
  }
}
