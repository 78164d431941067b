import EVM
import Execution
import JSON
import Primitives

/// Why a genesis document cannot be read: which field, and what is wrong with it.
public struct GenesisError: Error, Hashable, Sendable {
  /// The field's path, as in `alloc.0x….balance`; empty for the document as a whole.
  public var field: String
  /// What is wrong.
  public var reason: String

  /// The error in words.
  public var message: String { field.isEmpty ? reason : "\(field): \(reason)" }
}

/// Reads geth's genesis.json, the form that the field exchanges chains' beginnings in.
public enum GenesisDocument {
  /// Parses a document.
  ///
  /// The largest contract is `config.contractSizeLimit`, as Besu's documents have it, in bytes.
  /// Fork blocks and times that are absent are forks that never come. Unknown fields of `config`
  /// are refused when they name a fork's time, since ignoring one would be another chain.
  ///
  /// - Throws: ``GenesisError`` naming the field.
  public static func parse(_ text: Bytes) throws(GenesisError) -> Genesis {
    let json: JSON
    do throws(JSONError) {
      json = try JSON.parse(text)
    } catch {
      throw GenesisError(field: "", reason: "not JSON: \(error.message) at byte \(error.offset)")
    }
    let document = Fields(json: json, path: "")
    var genesis = Genesis(specification: try specification(try document.child("config")))
    genesis.nonce = try document.number("nonce") ?? 0
    genesis.timestamp = try document.number("timestamp") ?? 0
    genesis.extraData = try document.bytes("extraData") ?? []
    genesis.gasLimit = try document.required(document.number("gasLimit"), "gasLimit")
    genesis.difficulty = try document.quantity("difficulty") ?? .zero
    genesis.prevRandao = try document.hash("mixHash") ?? .zero
    genesis.feeRecipient = try document.address("coinbase") ?? .zero
    genesis.baseFee = try document.quantity("baseFeePerGas")
    genesis.excessBlobGas = try document.number("excessBlobGas") ?? 0
    genesis.blobGasUsed = try document.number("blobGasUsed") ?? 0
    genesis.alloc = try accounts(try document.child("alloc"))
    return genesis
  }

  private static func specification(
    _ config: Fields
  ) throws(GenesisError) -> ChainSpecification {
    var forks = ForkSchedule()
    forks.homesteadBlock = try config.number("homesteadBlock")
    forks.tangerineWhistleBlock = try config.number("eip150Block")
    forks.spuriousDragonBlock = try config.number("eip158Block")
    forks.byzantiumBlock = try config.number("byzantiumBlock")
    forks.constantinopleBlock = try config.number("constantinopleBlock")
    forks.petersburgBlock = try config.number("petersburgBlock")
    forks.istanbulBlock = try config.number("istanbulBlock")
    forks.muirGlacierBlock = try config.number("muirGlacierBlock")
    forks.berlinBlock = try config.number("berlinBlock")
    forks.londonBlock = try config.number("londonBlock")
    forks.arrowGlacierBlock = try config.number("arrowGlacierBlock")
    forks.grayGlacierBlock = try config.number("grayGlacierBlock")
    forks.mergeNetsplitBlock = try config.number("mergeNetsplitBlock")
    forks.terminalTotalDifficulty = try config.quantity("terminalTotalDifficulty")
    forks.shanghaiTime = try config.number("shanghaiTime")
    forks.cancunTime = try config.number("cancunTime")
    forks.pragueTime = try config.number("pragueTime")
    forks.osakaTime = try config.number("osakaTime")
    for unknown in ["amsterdamTime", "verkleTime", "interopTime", "karstTime"]
    where config.json[unknown]?.isNull == false {
      throw GenesisError(field: "config." + unknown, reason: "this fork is not supported")
    }
    if config.json["optimism"]?.isNull == false { return try rollupSpecification(config) }
    for unknown in ["regolithTime", "canyonTime", "ecotoneTime", "isthmusTime"]
    where config.json[unknown]?.isNull == false {
      throw GenesisError(
        field: "config." + unknown, reason: "is a fork of OP chains, and optimism is missing")
    }
    var rules = ChainSpecification(
      chainID: try config.required(config.number("chainId"), "chainId"), forks: forks,
      blobSchedule: try blobSchedule(config),
      depositContract: try config.address("depositContractAddress")
        ?? ChainSpecification.mainnetDepositContract)
    if let limit = try config.number("contractSizeLimit") {
      guard let size = Int32(exactly: limit), size > 0 else {
        throw GenesisError(
          field: "config.contractSizeLimit", reason: "is not from 1 to \(Int32.max)")
      }
      rules.codeSizeLimit = Int(size)
    }
    return rules
  }

  /// The rules of an OP Stack chain, as op-geth writes them.
  private static func rollupSpecification(
    _ config: Fields
  ) throws(GenesisError) -> ChainSpecification {
    if config.json["contractSizeLimit"]?.isNull == false {
      throw GenesisError(
        field: "config.contractSizeLimit", reason: "OP chains have contracts of Ethereum's size")
    }
    var schedule = RollupSchedule()
    schedule.regolithTime = try config.number("regolithTime")
    schedule.canyonTime = try config.number("canyonTime")
    schedule.ecotoneTime = try config.number("ecotoneTime")
    schedule.fjordTime = try config.number("fjordTime")
    schedule.graniteTime = try config.number("graniteTime")
    schedule.holoceneTime = try config.number("holoceneTime")
    schedule.isthmusTime = try config.number("isthmusTime")
    schedule.jovianTime = try config.number("jovianTime")
    let fees = try config.child("optimism")
    if let denominator = try fees.positive("eip1559Denominator") {
      schedule.changeDenominatorBeforeCanyon = denominator
    }
    let usual = BaseFeeParameters.optimism
    return ChainSpecification(
      chainID: try config.required(config.number("chainId"), "chainId"), rollup: schedule,
      baseFeeParameters: BaseFeeParameters(
        elasticity: try fees.positive("eip1559Elasticity") ?? usual.elasticity,
        changeDenominator: try fees.positive("eip1559DenominatorCanyon")
          ?? usual.changeDenominator))
  }

  /// The blob parameters with the times at which their forks begin; nil for the usual ones.
  private static func blobSchedule(
    _ config: Fields
  ) throws(GenesisError) -> [BlobScheduleEntry]? {
    guard config.json["blobSchedule"]?.isNull == false else { return nil }
    let schedule = try config.child("blobSchedule")
    guard let members = schedule.json.object else {
      throw GenesisError(field: schedule.path, reason: "is not an object")
    }
    var entries: [BlobScheduleEntry] = []
    for member in members {
      let entry = try schedule.child(member.key)
      guard let time = try config.number(member.key + "Time") else { continue }
      entries.append(
        BlobScheduleEntry(
          timestamp: time,
          parameters: BlobParameters(
            target: try entry.required(entry.number("target"), "target"),
            maximum: try entry.required(entry.number("max"), "max"),
            updateFraction: try entry.required(
              entry.number("baseFeeUpdateFraction"), "baseFeeUpdateFraction"))))
    }
    return entries
  }

  private static func accounts(
    _ alloc: Fields
  ) throws(GenesisError) -> [(address: Address, account: GenesisAccount)] {
    guard let members = alloc.json.object else {
      throw GenesisError(field: alloc.path, reason: "is not an object")
    }
    var accounts: [(address: Address, account: GenesisAccount)] = []
    for member in members {
      let fields = try alloc.child(member.key)
      let digits = member.key.utf8.starts(with: "0x".utf8) ? member.key : "0x" + member.key
      guard let address = Address(hexadecimal: digits) else {
        throw GenesisError(field: fields.path, reason: "is not an address")
      }
      let account = GenesisAccount(
        balance: try fields.quantity("balance") ?? .zero, nonce: try fields.number("nonce") ?? 0,
        code: try fields.bytes("code") ?? [], storage: try storage(fields))
      accounts.append((address, account))
    }
    return accounts.sorted { $0.address < $1.address }
  }

  private static func storage(
    _ account: Fields
  ) throws(GenesisError) -> [(slot: UInt256, value: UInt256)] {
    guard account.json["storage"]?.isNull == false else { return [] }
    let storage = try account.child("storage")
    guard let members = storage.json.object else {
      throw GenesisError(field: storage.path, reason: "is not an object")
    }
    var slots: [(slot: UInt256, value: UInt256)] = []
    for member in members {
      guard let slot = UInt256(hexadecimal: member.key) else {
        throw GenesisError(field: storage.path + "." + member.key, reason: "is not a slot")
      }
      slots.append((slot, try storage.quantity(member.key) ?? .zero))
    }
    return slots.sorted { $0.slot < $1.slot }
  }
}
