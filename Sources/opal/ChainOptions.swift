import EventLog
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives

/// The options that shape a development chain before its first block; anvil's names.
enum ChainOptions {
  static let all: [Command.Option] = [
    .init("--accounts", "-a", value: "N", help: "so many funded accounts (10)"),
    .init("--balance", value: "ETH", help: "what each of them has (10000)"),
    .init("--mnemonic", "-m", value: "WORDS", help: "the phrase that they come from"),
    .init(
      "--mnemonic-random", value: "WORDS", leftOut: "12",
      help: "a new phrase of 12, 15, 18, 21 or 24 words, which the banner tells"),
    .init(
      "--mnemonic-seed-unsafe", value: "N",
      help: "the phrase that anvil makes of a number; anybody can guess it"),
    .init("--derivation-path", value: "PATH", help: "up to the index (m/44'/60'/0'/0/)"),
    .init("--fund-accounts", value: "ADDRESS:ETH", help: "a further funded account"),
    .init("--chain-id", value: "N", help: "the chain's number (31337)"),
    .init("--gas-limit", value: "GAS", help: "the first block's gas limit (30000000)"),
    .init("--disable-block-gas-limit", help: "no bound on a block's gas but that of the numbers"),
    .init(
      "--code-size-limit", value: "BYTES",
      help: "the largest contract; twice that to make it with (24576)"),
    .init("--disable-code-size-limit", help: "contracts of any size that gas can pay for"),
    .init("--disable-default-create2-deployer", help: "without the contract at 0x4e59…956c"),
    .init(
      "--block-base-fee-per-gas", "--base-fee", value: "WEI",
      help: "the first block's base fee (1000000000)"),
    .init("--timestamp", value: "SECONDS", help: "the first block's time (now)"),
    .init(
      "--hardfork", value: "NAME", choices: forks.map { $0.names[0] },
      help: "frontier, …, cancun, prague or osaka (prague)"),
  ]

  /// The forks that a chain may begin with, oldest first, each with the fields that start it.
  private static let forks: [(names: [String], fields: [String])] = [
    (["frontier"], []), (["homestead"], ["homesteadBlock"]),
    (["tangerine", "tangerinewhistle"], ["eip150Block"]),
    (["spuriousdragon"], ["eip155Block", "eip158Block"]), (["byzantium"], ["byzantiumBlock"]),
    (["constantinople"], ["constantinopleBlock"]), (["petersburg"], ["petersburgBlock"]),
    (["istanbul"], ["istanbulBlock"]), (["muirglacier"], ["muirGlacierBlock"]),
    (["berlin"], ["berlinBlock"]), (["london"], ["londonBlock"]),
    (["arrowglacier"], ["arrowGlacierBlock"]), (["grayglacier"], ["grayGlacierBlock"]),
    (["paris", "merge"], ["terminalTotalDifficulty"]), (["shanghai"], ["shanghaiTime"]),
    (["cancun"], ["cancunTime"]), (["prague", "latest"], ["pragueTime"]),
    (["osaka"], ["osakaTime"]),
  ]

  /// The phrase that the user's keys come from.
  static func phrase(_ arguments: Arguments) throws(Failure) -> String {
    let names = ["--mnemonic", "--mnemonic-random", "--mnemonic-seed-unsafe"]
    let given = names.filter { arguments.has($0) }
    guard given.count <= 1 else {
      throw .usage("\(given.joined(separator: " and ")) exclude each other")
    }
    if let words = try arguments.number("--mnemonic-random", in: 12...24) {
      guard words % 3 == 0 else {
        throw .usage("--mnemonic-random is \(words), not 12, 15, 18, 21 or 24")
      }
      return Mnemonic.phrase(entropy: SecureRandom.bytes(Int(words) / 3 * 4))
    }
    if let seed = try arguments.number("--mnemonic-seed-unsafe") {
      return Mnemonic.phrase(seed: seed)
    }
    return try arguments.value("--mnemonic") ?? Mnemonic.development
  }

  /// The keys that are held for the user.
  static func wallet(_ arguments: Arguments, phrase: String) throws(Failure) -> Wallet {
    let count = try arguments.number("--accounts", in: 1...10_000) ?? 10
    guard let mnemonic = Mnemonic(phrase) else { throw .usage("--mnemonic is no ASCII phrase") }
    let prefix = try path(try arguments.value("--derivation-path") ?? "m/44'/60'/0'/0/")
    let keys = (0..<UInt32(count)).compactMap { mnemonic.privateKey(path: prefix + [$0]) }
    guard keys.count == Int(count) else { throw .usage("the phrase has no keys at that path") }
    return Wallet(keys: keys)
  }

  /// Whether an option is given that the first block tells of.
  static func areGiven(_ arguments: Arguments) -> Bool {
    all.contains { arguments.has($0.names[0]) }
  }

  /// When a directory's chain begins unless an option says so: as its log has it, and now where
  /// there is none, as anvil and hardhat do; scripts reckon deadlines from the last block's time.
  static func beginning(of directory: DataDirectory) -> UInt64? {
    guard directory.holdsLog else { return NodeConfiguration.systemClock() / 1000 }
    return (try? LogReader(path: directory.log)).flatMap { declared(in: $0) }?.timestamp
  }

  /// With what a chain began, as its log has it.
  static func declared(in log: LogReader) -> Genesis? {
    let event = try? log.read { (log) throws(EventLogError) in
      let row = try log.row(at: 1)
      return try? Event.decode(kind: row.kind, payload: row.payload)
    }
    guard case .genesisDeclared(let genesis)? = event,
      let document = genesis.documents.first(where: { $0.layer == .two })
    else { return nil }
    return try? GenesisDocument.parse(document.json)
  }

  /// A genesis document with what the options change of it, and when it begins; nil where nothing
  /// is changed.
  static func genesis(
    _ arguments: Arguments, from document: Bytes, wallet: Wallet, beginning: UInt64?
  ) throws(Failure) -> Bytes? {
    guard areGiven(arguments) || beginning != nil else { return nil }
    guard var json = (try? JSON.parse(document))?.object,
      var config = json["config"]?.object, var alloc = json["alloc"]?.object
    else { throw .failed("the genesis document has no config or no alloc") }
    if let number = try arguments.number("--chain-id", in: 1...UInt64(Int64.max)) {
      config["chainId"] = .integer(number)
    }
    if let gas = try arguments.number("--gas-limit", in: 5_000...UInt64(Int64.max)) {
      json["gasLimit"] = .quantity(gas)
    }
    if arguments.has("--disable-block-gas-limit") {
      json["gasLimit"] = .quantity(UInt64(Int64.max))
    }
    if let limit = try codeSizeLimit(arguments) { config["contractSizeLimit"] = .integer(limit) }
    if arguments.has("--disable-default-create2-deployer") {
      alloc["0x4e59b44847b379578588920ca78fbf26c0b4956c"] = nil
    }
    if let fee = try arguments.number("--block-base-fee-per-gas") {
      json["baseFeePerGas"] = .quantity(fee)
    }
    let time = try arguments.number("--timestamp", in: 0...UInt64(Int64.max))
    if let time = time ?? beginning { json["timestamp"] = .quantity(time) }
    if let name = try arguments.value("--hardfork") { try choose(name.lowercased(), &config) }
    if config["londonBlock"] == nil { json["baseFeePerGas"] = nil }
    if areGiven(arguments) { try fund(&alloc, arguments, wallet) }
    json["config"] = .object(config)
    json["alloc"] = .object(alloc)
    return JSON.object(json).serialized()
  }

  /// The most bytes of a contract's code, where an option says so.
  private static func codeSizeLimit(_ arguments: Arguments) throws(Failure) -> UInt64? {
    let most = UInt64(Int32.max)
    let given = try arguments.number("--code-size-limit", in: 1...most)
    guard arguments.has("--disable-code-size-limit") else { return given }
    guard given == nil else {
      throw .usage("--code-size-limit and --disable-code-size-limit exclude each other")
    }
    return most
  }

  private static func choose(_ name: String, _ config: inout JSONObject) throws(Failure) {
    guard let chosen = forks.firstIndex(where: { $0.names.contains(name) }) else {
      throw .usage(
        "--hardfork is '\(name)', not one of \(forks.map { $0.names[0] }.joined(separator: ", "))")
    }
    for (index, fork) in forks.enumerated() {
      for field in fork.fields { config[field] = index <= chosen ? 0 : nil }
    }
    guard name == "osaka", var schedule = config["blobSchedule"]?.object else { return }
    schedule["osaka"] = schedule["osaka"] ?? schedule["prague"]
    config["blobSchedule"] = .object(schedule)
  }

  private static func fund(
    _ alloc: inout JSONObject, _ arguments: Arguments, _ wallet: Wallet
  ) throws(Failure) {
    let amount = try Amount.ether(try arguments.value("--balance") ?? "10000", "--balance")
    // The usual accounts make room for those that were asked for.
    for index in 0..<UInt32(10) {
      let key = Mnemonic(Mnemonic.development)?.privateKey(account: index)
      if let key { alloc[key.address.hexadecimal] = nil }
    }
    for account in wallet.accounts {
      alloc[account.hexadecimal] = ["balance": .quantity(amount)]
    }
    for text in arguments.values("--fund-accounts") {
      let parts = text.split(separator: ":", maxSplits: 1)
      guard let account = parts.first.flatMap({ Address(hexadecimal: String($0)) }) else {
        throw .usage("--fund-accounts is '\(text)', not ADDRESS:ETH")
      }
      let amount = try Amount.ether(parts.count > 1 ? String(parts[1]) : "10000", "--fund-accounts")
      alloc[account.hexadecimal] = ["balance": .quantity(amount)]
    }
  }

  /// The steps of a path such as `m/44'/60'/0'/0/`.
  private static func path(_ text: String) throws(Failure) -> [UInt32] {
    var parts = text.split(separator: "/")
    guard parts.first == "m", parts.count <= 16 else {
      throw .usage("--derivation-path is '\(text)', which does not begin with m/")
    }
    parts.removeFirst()
    var steps: [UInt32] = []
    for part in parts {
      let isHardened = part.hasSuffix("'") || part.hasSuffix("h")
      guard let step = UInt32(isHardened ? part.dropLast() : part), step < 1 << 31 else {
        throw .usage("--derivation-path is '\(text)', of which '\(part)' is no step")
      }
      steps.append(isHardened ? step | 1 << 31 : step)
    }
    return steps
  }
}

/// Amounts of money as people write them.
enum Amount {
  private static let units: [(name: String, digits: Int)] = [
    ("ether", 18), ("eth", 18), ("gwei", 9), ("wei", 0),
  ]

  /// So much ether, such as `1.5`, in wei.
  static func ether(_ text: String, _ option: String) throws(Failure) -> UInt256 {
    guard let amount = decimal(text, digits: 18) else {
      throw .usage("\(option): '\(text)' is no amount of ether")
    }
    return amount
  }

  /// An amount of wei: `1ether`, `2.5gwei`, `100`, `0x64`.
  static func wei(_ text: String, _ option: String) throws(Failure) -> UInt256 {
    if text.hasPrefix("0x"), let amount = UInt256(hexadecimal: text) { return amount }
    for unit in units where text.lowercased().hasSuffix(unit.name) {
      let number = text.dropLast(unit.name.count).filter { $0 != " " }
      if let amount = decimal(String(number), digits: unit.digits) { return amount }
    }
    guard let amount = UInt256(decimal: text) else {
      throw .usage("\(option): '\(text)' is no amount; 1ether, 2.5gwei and 100 are some")
    }
    return amount
  }

  /// A decimal fraction times ten to the power of `digits`; nil where something is left over.
  static func decimal(_ text: String, digits: Int) -> UInt256? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty else { return nil }
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    guard fraction.utf8.count <= digits else { return nil }
    let padding = String(repeating: "0", count: digits - fraction.utf8.count)
    return UInt256(decimal: whole + fraction + padding)
  }
}
