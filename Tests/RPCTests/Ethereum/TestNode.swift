import Cryptography
import Execution
import Foundation
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import Synchronization
import TestSupport
import Testing

/// What a test needed is not there.
struct Missing: Error {
  let what: String
  init(_ what: String) { self.what = what }
}

/// A node of the development chain in a folder of its own, asked through the dispatcher.
final class TestNode: Sendable {
  let node: Node
  let dispatcher: JSONRPCDispatcher
  private let folder: String

  /// The time at which the clock starts, in milliseconds.
  static let start: UInt64 = 1_800_000_000_000

  init(
    mode: Sequencer.Mode = .instant, genesis: Bytes? = nil, sequences: Bool = true,
    limits: EthereumLimits = EthereumLimits(), importing chain: Bytes? = nil
  ) throws {
    folder = try Files.makeTemporaryDirectory()
    let clock = Clock()
    let wallet = try #require(Wallet(mnemonic: Mnemonic.development, count: 10))
    let home = Project.root.appending(path: "genesis")
    let layerTwo = try genesis ?? Bytes(Data(contentsOf: home.appending(path: "dev.json")))
    let layerOne = Bytes(try Data(contentsOf: home.appending(path: "l1.json")))
    let configuration = NodeConfiguration(
      directory: DataDirectory(path: folder), isDurable: false,
      genesis: GenesisDeclaration(
        documents: [.init(layer: .one, json: layerOne), .init(layer: .two, json: layerTwo)],
        settler: sequences ? DevelopmentRole.settler.key.address : .zero),
      wallet: wallet, serviceWallet: Wallet(keys: DevelopmentRole.allCases.map(\.key)),
      sequencers: sequences ? [Sequencer(layer: .two, mode: mode)] : [],
      clock: { clock.now.withLock { $0 } }, report: { Issue.record("the node complains: \($0)") })
    if let chain { try Self.take(chain, configuration) }
    node = try Node(configuration)
    dispatcher = JSONRPCDispatcher(methods: ethereumMethods(node: node, limits: limits))
    self.clock = clock
  }

  /// Imports blocks up to the first that is refused.
  private static func take(_ chain: Bytes, _ configuration: NodeConfiguration) throws {
    let importer = try ChainImport(configuration)
    let result = Result { () throws(NodeError) in try importer.run(chain) }
    if case .failure(let error) = result {
      guard case .refused = error else { throw error }
    }
  }

  deinit {
    node.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A clock that only tests move.
  final class Clock: Sendable {
    let now = Mutex<UInt64>(TestNode.start)
  }
  private let clock: Clock

  /// Moves the clock on.
  func advance(milliseconds: UInt64) { clock.now.withLock { $0 += milliseconds } }

  /// The first accounts, whose keys the node holds.
  var accounts: [Address] { node.wallet.accounts }

  // MARK: Requests

  /// The whole reply to a request.
  func reply(_ method: String, _ parameters: [JSON]) async throws -> JSON {
    let request: JSON = [
      "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(parameters),
    ]
    guard let bytes = await dispatcher.reply(to: request.serialized()) else {
      throw Missing("reply")
    }
    return try JSON.parse(bytes)
  }

  /// The result of a request that must succeed.
  func ask(_ method: String, _ parameters: JSON...) async throws -> JSON {
    let reply = try await reply(method, parameters)
    guard let result = reply["result"] else {
      throw Missing("\(method): \(String(decoding: reply.serialized(), as: UTF8.self))")
    }
    return result
  }

  /// What a request that must fail is refused with: code, message and data as one text.
  func refusal(_ method: String, _ parameters: JSON...) async throws -> String {
    let reply = try await reply(method, parameters)
    guard let error = reply["error"] else {
      throw Missing("error of \(method): \(String(decoding: reply.serialized(), as: UTF8.self))")
    }
    let data = error["data"]?.string.map { " " + $0 } ?? ""
    return "\(error["code"]?.int ?? 0) \(error["message"]?.string ?? "")\(data)"
  }

  // MARK: Contracts

  /// Sends from the first account what creates a contract, and returns its address.
  func deploy(_ name: String, _ arguments: [ABIValue] = []) async throws -> JSON {
    let artifact = try JSON.parse(
      Bytes(
        Data(contentsOf: Project.root.appending(path: "Tests/Vectors/solidity/\(name).json"))))
    let code = try #require(artifact["bytecode"]?.string.flatMap { Hexadecimal.decode($0) })
    let hash = try await ask(
      "eth_sendTransaction",
      ["from": .data(accounts[0]), "data": .data(code + ABI.encode(arguments))])
    let receipt = try await ask("eth_getTransactionReceipt", hash)
    #expect(receipt["status"] == "0x1")
    return try #require(receipt["contractAddress"])
  }

  /// A token with a million units of supply.
  func deployToken() async throws -> JSON {
    try await deploy("Token", [.string("Token"), .string("TOK"), .uint(UInt256(1_000_000))])
  }
}

extension JSON {
  /// The input of a call.
  static func input(_ signature: String, _ arguments: ABIValue...) -> JSON {
    .data(ABI.call(signature, arguments))
  }

  /// The number that a quantity spells.
  var quantityValue: UInt64? { string.flatMap { UInt64($0.dropFirst(2), radix: 16) } }
}
