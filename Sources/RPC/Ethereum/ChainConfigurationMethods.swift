import EVM
import Execution
import JSON
import Ledger
import Primitives

extension EthereumService {
  /// What the chain's rules are, and what of its history is at hand.
  var chainConfigurationMethods: [String: RPCMethod] {
    [
      "eth_config": immediate(0) { [self] (_) throws(RPCError) in
        let chain = try chain()
        return ChainTimeline(chain).json(at: chain.head.header.timestamp)
      },
      "eth_capabilities": immediate(0, capabilities),
      "eth_protocolVersion": immediate(0) { _ in "0x41" },
      "eth_networkId": immediate(0) { [self] (_) throws(RPCError) in
        .string(String(try chain().specification.chainID))
      },
    ]
  }

  private func capabilities(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let chain = try chain()
    let all: JSON = ["disabled": false, "oldestBlock": "0x0"]
    return [
      "head": ["number": .quantity(chain.number), "hash": .data(chain.head.hash)],
      "state": all, "tx": all, "logs": all, "receipts": all, "blocks": all,
      "stateproofs": all,
    ]
  }
}

/// The upgrades of a chain that begin at a time, and how nodes tell each apart (EIP-7910,
/// EIP-2124).
struct ChainTimeline {
  private let specification: ChainSpecification
  private let genesisHash: Hash
  private let genesisTime: UInt64
  /// When the rules change, ascending; each time once.
  private let times: [UInt64]

  init(_ chain: Chain) {
    specification = chain.specification
    genesisHash = chain.genesisHash
    genesisTime = chain.genesisTimestamp
    let forks = specification.forks
    var times = specification.blobSchedule.map(\.timestamp)
    times += [forks.shanghaiTime, forks.cancunTime, forks.pragueTime, forks.osakaTime]
      .compactMap { $0 }
    self.times = Set(times).sorted()
  }

  /// The configuration that holds at a time, the one after it, and the last that is known.
  func json(at time: UInt64) -> JSON {
    let current = times.last { $0 <= time }
    let next = times.first { $0 > time }
    return [
      "current": current.map(configuration) ?? .null,
      "next": next.map(configuration) ?? .null,
      "last": next == nil ? .null : times.last.map(configuration) ?? .null,
    ]
  }

  private func configuration(from time: UInt64) -> JSON {
    let fork = specification.forks.fork(number: .max, timestamp: time, isMerged: true)
    var json = JSONObject()
    json["activationTime"] = .integer(time <= genesisTime ? 0 : time)
    json["blobSchedule"] = fork >= .cancun ? blobs(at: time) : .null
    json["chainId"] = .quantity(specification.chainID)
    json["forkId"] = .data(forkIdentifier(at: time))
    var precompiles = JSONObject()
    let names = Journal.precompiles(of: fork, rollup: specification.rollupFork(at: time))
      .map { (name: Self.name(ofPrecompile: $0.word2), address: $0) }
    for (name, address) in names.sorted(by: { $0.name < $1.name }) {
      precompiles[name] = .data(address)
    }
    json["precompiles"] = .object(precompiles)
    json["systemContracts"] = contracts(fork)
    return .object(json)
  }

  private func blobs(at time: UInt64) -> JSON {
    let parameters = specification.blobParameters(at: time)
    return [
      "target": .integer(parameters.target), "max": .integer(parameters.maximum),
      "baseFeeUpdateFraction": .integer(parameters.updateFraction),
    ]
  }

  private func contracts(_ fork: Fork) -> JSON {
    var json = JSONObject()
    if fork >= .cancun { json["BEACON_ROOTS_ADDRESS"] = .data(SystemContracts.beaconRoots) }
    guard fork >= .prague else { return .object(json) }
    json["CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS"] = .data(
      SystemContracts.consolidationRequests)
    json["DEPOSIT_CONTRACT_ADDRESS"] = .data(specification.depositContract)
    json["HISTORY_STORAGE_ADDRESS"] = .data(SystemContracts.historyStorage)
    json["WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS"] = .data(SystemContracts.withdrawalRequests)
    return .object(json)
  }

  /// The checksum over the genesis and all upgrades up to a time (EIP-2124, EIP-6122).
  private func forkIdentifier(at time: UInt64) -> Bytes {
    let forks = specification.forks
    let blocks = [
      forks.homesteadBlock, forks.daoForkBlock, forks.tangerineWhistleBlock,
      forks.spuriousDragonBlock, forks.byzantiumBlock, forks.constantinopleBlock,
      forks.petersburgBlock, forks.istanbulBlock, forks.muirGlacierBlock, forks.berlinBlock,
      forks.londonBlock, forks.arrowGlacierBlock, forks.grayGlacierBlock,
      forks.mergeNetsplitBlock,
    ].compactMap { $0 }.filter { $0 > 0 }
    var checksum = Self.checksum(genesisHash.bytes, continuing: 0)
    let passed = Set(blocks).sorted() + times.filter { $0 > genesisTime && $0 <= time }
    for point in passed {
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: point >> (56 - 8 * $0)) }
      checksum = Self.checksum(bytes, continuing: checksum)
    }
    return (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * $0)) }
  }

  /// CRC-32 as in IEEE 802.3.
  private static func checksum(_ bytes: Bytes, continuing start: UInt32) -> UInt32 {
    var sum = ~start
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    return ~sum
  }

  private static func name(ofPrecompile number: UInt32) -> String {
    let names: [UInt32: String] = [
      0x01: "ECREC", 0x02: "SHA256", 0x03: "RIPEMD160", 0x04: "ID", 0x05: "MODEXP",
      0x06: "BN254_ADD", 0x07: "BN254_MUL", 0x08: "BN254_PAIRING", 0x09: "BLAKE2F",
      0x0a: "KZG_POINT_EVALUATION", 0x0b: "BLS12_G1ADD", 0x0c: "BLS12_G1MSM",
      0x0d: "BLS12_G2ADD", 0x0e: "BLS12_G2MSM", 0x0f: "BLS12_PAIRING_CHECK",
      0x10: "BLS12_MAP_FP_TO_G1", 0x11: "BLS12_MAP_FP2_TO_G2", 0x100: "P256VERIFY",
    ]
    return names[number] ?? "PRECOMPILE_\(number)"
  }
}
