import Contracts
import Cryptography
import Foundation
import JSON
import Primitives
import Testing
import TestSupport

/// The project's own files that these tests compare the Swift side with.
enum Fixtures {
  /// The folder that holds Package.swift.
  static let root = Project.root

  /// The JSON in a file below the root.
  static func json(_ path: String) throws -> JSON {
    try JSON.parse(Bytes(try Data(contentsOf: root.appending(path: path))))
  }

  /// The cases of a file of other projects' vectors about OP chains.
  static func rollupVectors(_ name: String) throws -> [JSON] {
    let path = Project.vectors.appending(path: "op/\(name).json")
    return try JSON.parse(Bytes(try Data(contentsOf: path)))["cases"].elements()
  }

  /// Values that web3.py and eth-account made of the same inputs.
  static func golden() throws -> JSON { try json("Tests/Vectors/contracts.json") }

  /// A compiled contract.
  static func artifact(_ name: String) throws -> JSON {
    try json("contracts/artifacts/\(name).json")
  }

  static let contracts: [(name: String, address: Address)] = [
    ("DatanetRegistry", DatanetRegistryContract.address),
    ("ModelMarket", ModelMarketContract.address),
    ("Attribution", AttributionContract.address),
  ]

  /// The canonical signatures of one kind of entry in a contract's interface.
  static func signatures(_ kind: String, of contract: String) throws -> [String] {
    let entries = try artifact(contract)["abi"].elements()
    return try entries.filter { entry in entry["type"]?.string == kind }.map { entry in
      let inputs = try entry["inputs"].elements()
      let name = try #require(entry["name"]?.string)
      return try name + "("
        + inputs.map { try typeName($0) }.joined(separator: ",") + ")"
    }
  }

  private static func typeName(_ input: JSON) throws -> String {
    let type = try #require(input["type"]?.string)
    guard let members = input["components"]?.array else { return type }
    let inner = try members.map { try typeName($0) }.joined(separator: ",")
    return "(" + inner + ")" + type.dropFirst("tuple".count)
  }
}

/// What texts in hexadecimal spell.
extension JSON {
  func asBytes() throws -> Bytes {
    let text = try #require(string)
    return try #require(Hexadecimal.decode(text))
  }
  func asHash() throws -> Hash {
    let bytes = try asBytes()
    return try #require(Hash(checking: bytes))
  }
  func asNumber() throws -> UInt256 {
    let text = try #require(string)
    return try #require(UInt256(hexadecimal: text))
  }
}

/// The same of values that should be there.
extension JSON? {
  func asBytes() throws -> Bytes { try #require(self).asBytes() }
  func asHash() throws -> Hash { try #require(self).asHash() }
  func asNumber() throws -> UInt256 { try #require(self).asNumber() }
  func asAddress() throws -> Address {
    let bytes = try asBytes()
    return try #require(Address(checking: bytes))
  }
  func asSignature() throws -> Signature {
    let bytes = try asBytes()
    return try #require(Signature(bytes65: bytes))
  }
  func elements() throws -> [JSON] { try #require(self?.array) }
  func members() throws -> JSONObject { try #require(self?.object) }
}

/// The values that the golden file was made of.
enum Sample {
  static let owner = account("70997970c51812dc3a010c7d01b50e0d17dc79c8")
  static let contributor = account("3c44cdddb6a900fa2b585dd299e03d12fa4293bc")
  static let engine = account("15d34aaf54267db7d7c367839aaf71a00a2c6a65")
  static let payer = account("9965507d1a55bcc2695c58ba16fb37d819b0a4dc")
  static let domain = UsageDomain(chainID: 31337)

  static func account(_ text: String) -> Address { Address(Hexadecimal.decode(text) ?? []) }

  /// 32 times the same byte.
  static func hash(_ byte: UInt8) -> Hash { Hash(Bytes(repeating: byte, count: 32)) }

  static let authorization = Authorization(
    payer: payer, engine: engine, models: [hash(0xaa), hash(0xbb)],
    maximumFee: UInt256(1_000_000_000_000_000), expiry: 2_000_000_000, nonce: 7)

  static let receipt = UsageReceipt(
    authorization: authorization.digest(domain), payer: payer, model: hash(0xaa),
    adapters: [hash(0xbb)], requestHash: hash(5), outputHash: hash(6), promptTokens: 7,
    completionTokens: 11, fee: 29011, attributionRoot: hash(9), sequence: 3)
}

/// SplitMix64: the same numbers on every run.
struct SeededNumbers {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func next(below bound: UInt64) -> UInt64 { next() % bound }
}
