import Contracts
import Foundation
import FoundationNetworking
import HTTP
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import TestSupport
import Testing

/// A development node that serves the embedded model and Opal's own methods over real HTTP.
final class ServingNode: Sendable {
  let base: TestNode
  let engine: Engine
  private let server: NodeServer
  private let patienceInSeconds = 600.0

  var node: Node { base.node }

  init(hasDevelopmentPayer: Bool = true) throws {
    base = try TestNode()
    let payers = try PayerBook(path: base.node.configuration.directory.apiKeys)
    engine = Engine(
      node: base.node, key: DevelopmentRole.engine.key, payers: payers,
      development: hasDevelopmentPayer ? DevelopmentPayer() : nil)
    let models = ModelService(
      sources: [
        .init(
          name: "opal-demo", directory: Project.root.appending(path: "genesis/models/demo").path)
      ], created: 1_800_000_000)
    var configuration = NodeServer.Configuration(
      http: HTTPConfiguration(), access: AccessPolicy(host: "127.0.0.1"))
    // Long, since the server answers on the threads that other tests keep busy.
    configuration.requests.requestTimeoutInMilliseconds = 1000 * UInt64(patienceInSeconds)
    server = try NodeServer(
      configuration, node: base.node, engine: engine, models: models, payers: payers)
  }

  deinit { server.stop() }

  /// Sends a body to a path, or asks for the path; returns status and answer.
  func send(
    _ path: String, _ body: JSON? = nil, key: String? = nil
  ) async throws -> (status: Int, text: String) {
    let address = try #require(URL(string: "http://127.0.0.1:\(server.port)\(path)"))
    var request = URLRequest(url: address, timeoutInterval: patienceInSeconds)
    if let body {
      request.httpMethod = "POST"
      request.httpBody = Data(body.serialized())
    }
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    let (data, response) = try await URLSession.shared.data(for: request)
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    return (status, String(decoding: data, as: UTF8.self))
  }

  /// The bytes at a path, decompressed; nil unless the status is 200.
  func bytes(_ path: String) async throws -> Bytes? {
    let address = try #require(URL(string: "http://127.0.0.1:\(server.port)\(path)"))
    let request = URLRequest(url: address, timeoutInterval: patienceInSeconds)
    let (data, response) = try await URLSession.shared.data(for: request)
    return (response as? HTTPURLResponse)?.statusCode == 200 ? Bytes(data) : nil
  }

  /// A call of a JSON-RPC method; the whole reply.
  func call(_ method: String, _ parameters: JSON...) async throws -> JSON {
    let request: JSON = [
      "jsonrpc": "2.0", "id": 7, "method": .string(method), "params": .array(parameters),
    ]
    return try JSON.parse(try await send("/", request).text)
  }

  /// An authorisation of the first test account for the embedded model, which has deposited.
  func grant(maximumFee: UInt256 = 1_000_000_000_000_000) async throws -> Grant {
    let payer = try #require(Mnemonic(Mnemonic.development)?.privateKey(account: 0))
    _ = try node.send(
      from: payer, to: AttributionContract.address, data: AttributionContract.deposit,
      value: 1_000_000_000_000_000)
    let listed = try JSON.parse(try await send("/v1/models").text)
    let text = try #require(listed["data"]?[0]?["opal"]?["modelHash"]?.string)
    let authorization = Contracts.Authorization(
      payer: payer.address, engine: engine.address, models: [try #require(Hash(hexadecimal: text))],
      maximumFee: maximumFee, expiry: TestNode.start / 1000 + 7_200, nonce: 1)
    let domain = try #require(node.world.usageDomain)
    return Grant(
      authorization: authorization, signature: payer.sign(authorization.digest(domain)))
  }
}
