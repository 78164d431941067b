import Conformance
import Execution
import Foundation
import JSON
import Node
import Primitives
import RPC
import TestSupport
import Testing

/// The conversations of Ethereum's execution-apis, with its chain as far as it imports.
private final class Conversations: Sendable {
  static let folder = Project.vectors.appending(path: "rpc-compat/tests")

  static let areThere = FileManager.default.fileExists(
    atPath: folder.appending(path: "chain.rlp").path)

  /// Imported once for all tests.
  static let shared = Result { try Conversations() }

  static let files: [String] = {
    let methods = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return methods.sorted().flatMap { method -> [String] in
      let files = try? FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: method).path)
      return (files ?? []).filter { $0.hasSuffix(".io") }.sorted().map { method + "/" + $0 }
    }
  }()

  let node: TestNode

  private init() throws {
    node = try TestNode(
      genesis: Bytes(Data(contentsOf: Self.folder.appending(path: "genesis.json"))),
      sequences: false,
      importing: Bytes(Data(contentsOf: Self.folder.appending(path: "chain.rlp"))))
  }
}

@Suite("The conversations of execution-apis")
struct CompatibilityTests {
  @Test(
    "are answered as geth answers them",
    .enabled(if: Conversations.areThere, "no rpc-compat vectors"),
    arguments: Conversations.files)
  func conversation(file: String) async throws {
    let node = try Conversations.shared.get().node
    let path = Conversations.folder.appending(path: file)
    let exchange = try RPCExchange(Bytes(Data(contentsOf: path)))
    for round in exchange.rounds {
      let answer = try #require(await node.dispatcher.reply(to: round.request))
      #expect(exchange.judge(round, answer) == .passed)
    }
  }
}
