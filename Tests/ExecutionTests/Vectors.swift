import EVM
import Execution
import Foundation
import JSON
import Primitives
import TestSupport

/// Other projects' vectors, read.
enum Vectors {
  static let root = Project.vectors

  static func exists(_ path: String) -> Bool { Project.hasVectors(path) }

  static func bytes(_ path: String) throws -> Bytes {
    Bytes(try Data(contentsOf: root.appending(path: path)))
  }

  /// The requests and responses in the files of a folder of recorded JSON-RPC exchanges.
  static func exchanges(_ folder: String) throws -> [(request: JSON, response: JSON)] {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: folder).path)
    var found: [(request: JSON, response: JSON)] = []
    for name in names.sorted() where name.hasSuffix(".io") {
      var request = JSON.null
      for line in String(decoding: try bytes(folder + "/" + name), as: UTF8.self).split(
        separator: "\n")
      {
        if line.hasPrefix(">> ") { request = try JSON.parse(String(line.dropFirst(3))) }
        if line.hasPrefix("<< ") {
          found.append((request, try JSON.parse(String(line.dropFirst(3)))))
        }
      }
    }
    return found
  }

  static func json(_ path: String) throws -> JSON { try JSON.parse(try bytes(path)) }
}

/// What a vector's JSON does not have.
struct MissingField: Error {
  let name: String
}

extension JSON {
  func field(_ name: String) throws -> JSON {
    guard let value = self[name] else { throw MissingField(name: name) }
    return value
  }

  /// A number in hexadecimal or decimal text, or plain.
  func uint256() throws -> UInt256 {
    if let number = uint64 { return UInt256(number) }
    guard let text = string else { throw MissingField(name: "number") }
    if text.hasPrefix("0x") {
      guard let bytes = Hexadecimal.decode(text.count % 2 == 0 ? text : "0x0" + text.dropFirst(2)),
        bytes.drop(while: { $0 == 0 }).count <= 32
      else { throw MissingField(name: text) }
      return UInt256(bigEndian: bytes.drop { $0 == 0 })
    }
    guard let value = UInt256(decimal: text) else { throw MissingField(name: text) }
    return value
  }

  func uint64Value() throws -> UInt64 {
    guard let value = try uint256().asUInt64 else { throw MissingField(name: "64-bit number") }
    return value
  }

  func byteArray() throws -> Bytes {
    guard let text = string, let bytes = Hexadecimal.decode(text) else {
      throw MissingField(name: "bytes")
    }
    return bytes
  }

  func address() throws -> Address {
    guard let address = Address(checking: try byteArray()) else {
      throw MissingField(name: "address")
    }
    return address
  }

  func hash() throws -> Hash {
    guard let hash = Hash(checking: try byteArray()) else { throw MissingField(name: "hash") }
    return hash
  }

  /// The accounts of a genesis or a pre-state.
  func accounts() throws -> [(address: Address, account: GenesisAccount)] {
    guard let object else { throw MissingField(name: "accounts") }
    return try object.map { name, fields in
      var account = GenesisAccount()
      account.balance = try fields["balance"]?.uint256() ?? .zero
      account.nonce = try fields["nonce"]?.uint64Value() ?? 0
      account.code = try fields["code"]?.byteArray() ?? []
      account.storage = try (fields["storage"]?.object.map { Array($0) } ?? []).map { slot, word in
        (try JSON.string(slot).uint256(), try word.uint256())
      }
      guard let bytes = Hexadecimal.decode(name), let address = Address(checking: bytes) else {
        throw MissingField(name: name)
      }
      return (address, account)
    }
  }
}

extension Genesis {
  /// The genesis that geth's `genesis.json` describes.
  init(geth json: JSON) throws {
    let config = try json.field("config")
    var forks = ForkSchedule()
    forks.homesteadBlock = config["homesteadBlock"]?.uint64
    forks.tangerineWhistleBlock = config["eip150Block"]?.uint64
    forks.spuriousDragonBlock = config["eip158Block"]?.uint64
    forks.byzantiumBlock = config["byzantiumBlock"]?.uint64
    forks.constantinopleBlock = config["constantinopleBlock"]?.uint64
    forks.petersburgBlock = config["petersburgBlock"]?.uint64
    forks.istanbulBlock = config["istanbulBlock"]?.uint64
    forks.muirGlacierBlock = config["muirGlacierBlock"]?.uint64
    forks.berlinBlock = config["berlinBlock"]?.uint64
    forks.londonBlock = config["londonBlock"]?.uint64
    forks.arrowGlacierBlock = config["arrowGlacierBlock"]?.uint64
    forks.grayGlacierBlock = config["grayGlacierBlock"]?.uint64
    forks.terminalTotalDifficulty = try config["terminalTotalDifficulty"]?.uint256()
    forks.shanghaiTime = config["shanghaiTime"]?.uint64
    forks.cancunTime = config["cancunTime"]?.uint64
    forks.pragueTime = config["pragueTime"]?.uint64
    forks.osakaTime = config["osakaTime"]?.uint64
    var schedule: [BlobScheduleEntry] = []
    for (name, parameters) in config["blobSchedule"]?.object.map({ Array($0) }) ?? [] {
      guard let time = config[name + "Time"]?.uint64 else { continue }
      schedule.append(
        BlobScheduleEntry(
          timestamp: time,
          parameters: BlobParameters(
            target: try parameters.field("target").uint64Value(),
            maximum: try parameters.field("max").uint64Value(),
            updateFraction: try parameters.field("baseFeeUpdateFraction").uint64Value())))
    }
    self.init(
      specification: ChainSpecification(
        chainID: try config.field("chainId").uint64Value(), forks: forks,
        blobSchedule: schedule.isEmpty ? nil : schedule,
        depositContract: try config["depositContractAddress"]?.address()
          ?? ChainSpecification.mainnetDepositContract))
    timestamp = try json.field("timestamp").uint64Value()
    gasLimit = try json.field("gasLimit").uint64Value()
    difficulty = try json.field("difficulty").uint256()
    nonce = try json.field("nonce").uint64Value()
    extraData = try json.field("extraData").byteArray()
    prevRandao = try json.field("mixHash").hash()
    feeRecipient = try json.field("coinbase").address()
    alloc = try json.field("alloc").accounts()
  }
}
