import EVM
import Execution
import Foundation
import JSON
import Ledger
import NativeCryptography
import Primitives
import RPC
import TestSupport
import Testing
import Views

/// The chain of Ethereum's execution-apis, brought into a world and from there into views.
private final class ImportedChain: Sendable {
  static let folder = Project.vectors.appending(path: "rpc-compat/tests")

  static let isThere = FileManager.default.fileExists(
    atPath: folder.appending(path: "chain.rlp").path)

  /// Imported once for all tests.
  static let shared = Result { try ImportedChain() }

  let reader: ViewReader
  let specification: ChainSpecification
  private let path: String

  private init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "opal-views-\(ProcessInfo.processInfo.processIdentifier).sqlite").path
    Views.delete(path: path)
    let views = try Views.open(path: path)
    var world = World(provider: NativeCryptographyProvider.shared)
    let genesis = Bytes(try Data(contentsOf: Self.folder.appending(path: "genesis.json")))
    var events: [Event] = [
      .genesisDeclared(
        GenesisDeclaration(documents: [.init(layer: .two, json: genesis)], settler: .zero))
    ]
    var chain = RLPReader(
      Bytes(try Data(contentsOf: Self.folder.appending(path: "chain.rlp"))))
    while !chain.isAtEnd {
      events.append(
        .outsideBlockReceived(OutsideBlock(layer: .two, encoded: Bytes(try chain.rawItem()))))
    }
    for event in events {
      let application = try world.apply(event)
      try views.take([
        ViewEntry(
          sequence: world.sequence, commitment: application.commitment,
          consequences: application.consequences)
      ])
    }
    reader = try ViewReader.open(path: path)
    specification = try #require(world.layerTwo?.specification)
  }

  deinit { Views.delete(path: path) }

  /// The vectors of a method: the file's name with what is asked and answered.
  static func vectors(_ method: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: method).path)
    return (names ?? []).filter { $0.hasSuffix(".io") }.sorted().map { method + "/" + $0 }
  }
}

@Suite("Ethereum's JSON")
struct EthereumJSONTests {
  static let methods = [
    "eth_getBlockByNumber", "eth_getBlockByHash", "eth_getTransactionByHash",
    "eth_getTransactionByBlockHashAndIndex", "eth_getTransactionByBlockNumberAndIndex",
    "eth_getTransactionReceipt", "eth_getBlockReceipts", "eth_getLogs",
  ]

  /// The chain's head is final: the vectors' forkchoice says so.
  static let headNames = ["latest", "safe", "finalized"]

  @Test(
    "is what geth answers for the chain of execution-apis",
    .enabled(if: ImportedChain.isThere, "no rpc-compat vectors"),
    arguments: methods.flatMap(ImportedChain.vectors))
  func vector(file: String) throws {
    let chain = try ImportedChain.shared.get()
    let text = try String(
      contentsOf: ImportedChain.folder.appending(path: file), encoding: .utf8)
    var request: JSON?
    for line in text.split(separator: "\n") {
      if line.hasPrefix(">> ") { request = try JSON.parse(Bytes(line.dropFirst(3).utf8)) }
      guard line.hasPrefix("<< "), let asked = request else { continue }
      let expected = try JSON.parse(Bytes(line.dropFirst(3).utf8))
      guard expected["result"] != nil,
        let method = asked["method"]?.string, let parameters = asked["params"]?.array,
        let answer = try answer(method, parameters, chain)
      else { continue }
      #expect(
        String(decoding: answer.serialized(), as: UTF8.self)
          == String(decoding: (expected["result"] ?? .null).serialized(), as: UTF8.self))
    }
  }

  /// What the method would answer; nil for parameters that views alone do not understand.
  private func answer(
    _ method: String, _ parameters: [JSON], _ chain: ImportedChain
  ) throws -> JSON? {
    let reader = chain.reader
    if method == "eth_getLogs" { return try logs(parameters[0], reader) }
    guard let first = parameters.first?.string else { return nil }
    let hash = Hash(hexadecimal: first)
    switch method {
    case "eth_getTransactionByHash":
      return try hash.flatMap { try reader.transaction(.two, hash: $0) }
        .map { EthereumJSON.transaction($0) } ?? .null
    case "eth_getTransactionReceipt":
      return try hash.flatMap { try reader.receipt(.two, hash: $0) }
        .map { EthereumJSON.receipt($0, specification: chain.specification) } ?? .null
    default: break
    }
    guard first.hasPrefix("0x") || Self.headNames.contains(first) else { return nil }
    guard let block = try block(first, reader) else { return .null }
    switch method {
    case "eth_getBlockByNumber", "eth_getBlockByHash":
      let isFull = parameters[1].bool ?? false
      let transactions = try reader.transactions(.two, inBlock: block.header.number)
      return EthereumJSON.block(block, transactions: isFull ? transactions : nil)
    case "eth_getBlockReceipts":
      return .array(
        try reader.receipts(.two, inBlock: block.header.number).map {
          EthereumJSON.receipt($0, specification: chain.specification)
        })
    default:
      let index = try #require(Int(parameters[1].string?.dropFirst(2) ?? "", radix: 16))
      return try reader.transaction(.two, inBlock: block.header.number, at: index)
        .map { EthereumJSON.transaction($0) } ?? .null
    }
  }

  private func block(_ text: String, _ reader: ViewReader) throws -> StoredBlock? {
    if let hash = Hash(hexadecimal: text) { return try reader.block(.two, hash: hash) }
    if Self.headNames.contains(text) {
      return try reader.headNumber(.two).flatMap { try reader.block(.two, number: $0) }
    }
    guard let number = UInt64(text.dropFirst(2), radix: 16) else { return nil }
    return try reader.block(.two, number: number)
  }

  private func logs(_ filter: JSON, _ reader: ViewReader) throws -> JSON? {
    var wanted = LogFilter(fromBlock: 0, toBlock: .max)
    if let text = filter["blockHash"]?.string {
      guard let block = try block(text, reader) else { return nil }
      wanted.fromBlock = block.header.number
      wanted.toBlock = block.header.number
    } else {
      guard let from = filter["fromBlock"]?.string, let to = filter["toBlock"]?.string,
        let first = UInt64(from.dropFirst(2), radix: 16),
        let last = UInt64(to.dropFirst(2), radix: 16)
      else { return nil }
      wanted.fromBlock = first
      wanted.toBlock = last
    }
    let addresses = filter["address"]?.array ?? filter["address"].map { [$0] } ?? []
    wanted.addresses = addresses.compactMap { $0.string.flatMap(Address.init(hexadecimal:)) }
    wanted.topics = (filter["topics"]?.array ?? []).map { topic in
      if topic.isNull { return nil }
      let alternatives = topic.array ?? [topic]
      return alternatives.compactMap { $0.string.flatMap(Hash.init(hexadecimal:)) }
    }
    return .array(try reader.logs(.two, wanted, limit: 10_000).map { EthereumJSON.log($0) })
  }
}
