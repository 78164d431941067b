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

  /// Of other issues, or in no other way comparable.
  static let laterMethods = [
    "debug_", "txpool_", "testing_", "eth_simulateV1", "eth_createAccessList",
    "eth_getStorageValues", "eth_config", "eth_capabilities",
    // Blobs travel beside their transaction, in a form that the pool does not take yet.
    "eth_sendRawTransaction/send-blob-tx",
  ]

  static let files: [String] = {
    let methods = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return methods.sorted().flatMap { method -> [String] in
      let files = try? FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: method).path)
      return (files ?? []).filter { $0.hasSuffix(".io") }.sorted().map { method + "/" + $0 }
        .filter { file in !laterMethods.contains { file.hasPrefix($0) } }
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
    let text = try String(
      contentsOf: Conversations.folder.appending(path: file), encoding: .utf8)
    let isSchemaOnly = text.contains("speconly")
    var request: [UInt8] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix(">> ") { request = [UInt8](line.dropFirst(3).utf8) }
      guard line.hasPrefix("<< ") else { continue }
      let expected = try JSON.parse([UInt8](line.dropFirst(3).utf8))
      let answer = try JSON.parse(try #require(await node.dispatcher.reply(to: request)))
      if isSchemaOnly {
        #expect((answer["result"] == nil) == (expected["result"] == nil), "\(answer)")
        continue
      }
      #expect(
        String(decoding: answer.serialized(), as: UTF8.self)
          == String(decoding: expected.serialized(), as: UTF8.self))
    }
  }
}
