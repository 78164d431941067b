import Blobs
import Cryptography
import Derivation
import EVM
import Execution
import JSON
import Primitives

extension RollupDocument {
  /// The Keccak-256 of the document as it is written here: it names the rollup, since both geneses'
  /// hashes and all that everybody agrees on are in it.
  public var fingerprint: Hash { Keccak256.hash(json.serialized()) }

  /// The document in op-node's form.
  public var json: JSON {
    var json: JSON = [
      "genesis": configuration.genesis.json,
      "block_time": .integer(configuration.blockTime),
      "max_sequencer_drift": .integer(configuration.maximumSequencerDrift),
      "seq_window_size": .integer(configuration.sequencingWindowSize),
      "channel_timeout": .integer(configuration.channelTimeoutBeforeGranite),
      "l1_chain_id": .integer(configuration.l1ChainID),
      "l2_chain_id": .integer(configuration.l2ChainID),
    ]
    let schedule = configuration.schedule
    let times: [(String, UInt64?)] = [
      ("regolith_time", schedule.regolithTime), ("canyon_time", schedule.canyonTime),
      ("delta_time", configuration.deltaTime), ("ecotone_time", schedule.ecotoneTime),
      ("fjord_time", schedule.fjordTime), ("granite_time", schedule.graniteTime),
      ("holocene_time", schedule.holoceneTime), ("isthmus_time", schedule.isthmusTime),
      ("jovian_time", schedule.jovianTime),
      ("pectra_blob_schedule_time", configuration.pectraBlobScheduleTime),
    ]
    for (name, time) in times {
      if let time { json.set(name, .integer(time)) }
    }
    json.set("batch_inbox_address", .string(configuration.batchInbox.hexadecimal))
    json.set("deposit_contract_address", .string(configuration.depositContract.hexadecimal))
    json.set(
      "l1_system_config_address", .string(configuration.systemConfigurationContract.hexadecimal))
    json.set(
      "chain_op_config",
      [
        "eip1559Elasticity": .integer(configuration.baseFeeParameters.elasticity),
        "eip1559Denominator": .integer(schedule.changeDenominatorBeforeCanyon),
        "eip1559DenominatorCanyon": .integer(configuration.baseFeeParameters.changeDenominator),
      ])
    if let altDA = configuration.altDA { json.set("alt_da", altDA.json) }
    json.set("opal", opal)
    return json
  }

  private var opal: JSON {
    var json: JSON = [
      "l1_slot_time": .integer(slotTime), "l1_finality_depth": .integer(finalityDepth),
      "l1_blob_schedule": .array(
        configuration.l1BlobSchedule.map { entry in
          [
            "timestamp": .integer(entry.timestamp),
            "target": .integer(entry.parameters.target),
            "max": .integer(entry.parameters.maximum),
            "update_fraction": .integer(entry.parameters.updateFraction),
          ]
        }),
    ]
    if let certificates = configuration.altDA?.certificates {
      json.set("certificates", certificates.json)
    }
    return json
  }
}

extension JSON {
  fileprivate mutating func set(_ name: String, _ value: JSON) {
    guard case .object(var members) = self else { return }
    members[name] = value
    self = .object(members)
  }
}

extension RollupGenesis {
  fileprivate var json: JSON {
    [
      "l1": l1.json, "l2": l2.json, "l2_time": .integer(l2Time),
      "system_config": systemConfiguration.json,
    ]
  }
}

extension BlockIdentifier {
  /// The block as op-node writes it.
  public var json: JSON { ["hash": .string(hash.hexadecimal), "number": .integer(number)] }
}

extension SystemConfiguration {
  /// The configuration as op-node writes it.
  public var json: JSON {
    let operatorFee = Hash(0, 0, UInt64(operatorFeeScalar), operatorFeeConstant)
    return [
      "batcherAddr": .string(batcher.hexadecimal),
      "overhead": .string(Hash(overhead).hexadecimal), "scalar": .string(scalar.hexadecimal),
      "gasLimit": .integer(gasLimit),
      "eip1559Params": .string(Hexadecimal.encodePrefixed(encodedBaseFeeParameters)),
      "operatorFeeParams": .string(operatorFee.hexadecimal),
      "minBaseFee": .integer(lowestBaseFee),
      "daFootprintGasScalar": .integer(daFootprintGasScalar),
    ]
  }
}

extension CertificateConfiguration {
  fileprivate var json: JSON {
    [
      "verifier": .string(verifier.hexadecimal), "recency_window": .integer(recencyWindow),
      "tau2": .string(Hexadecimal.encodePrefixed(tau2.bytes)),
    ]
  }

  /// A configuration as the document has it.
  init(_ fields: Fields) throws(GenesisError) {
    guard let tau2 = G2Words(bytes: try fields.bytes("tau2")?[...] ?? []), tau2.point != nil else {
      throw GenesisError(field: "certificates.tau2", reason: "is no point of G2 in 128 bytes")
    }
    self.init(
      verifier: try fields.required(fields.address("verifier"), "verifier"),
      recencyWindow: try fields.number("recency_window")
        ?? CertificateConfiguration.usualRecencyWindow, tau2: tau2)
  }
}

extension AltDAConfiguration {
  fileprivate var json: JSON {
    [
      "da_challenge_contract_address": .string(challengeContract.hexadecimal),
      "da_commitment_type": commitmentKind == .keccak256 ? "KeccakCommitment" : "GenericCommitment",
      "da_challenge_window": .integer(challengeWindow),
      "da_resolve_window": .integer(resolveWindow),
    ]
  }
}
