import Cryptography
import EventLog
import Foundation
import FoundationNetworking
import JSON
import Ledger
import Node
import Primitives
import Testing
import TransparencyLog

@Suite("The log over HTTP", .serialized)
struct LogRouteTests {
  /// What a server answered, kept so that the tree can be read without waiting.
  private struct Answers: TileSource {
    var files: [String: Bytes] = [:]

    func resource(_ name: String) throws(TransparencyError) -> Bytes? { files[name] }
  }

  @Test("whoever has the key follows the log by tiles alone while it grows")
  func follows() async throws {
    let node = try ServingNode()
    var last: (size: UInt64, root: Hash)?
    for value in 1...4 as ClosedRange<UInt64> {
      _ = try await node.call(
        "eth_sendTransaction",
        [
          "from": .data(node.base.accounts[0]), "to": .data(node.base.accounts[1]),
          "value": .quantity(value),
        ])
      var answers = Answers()
      let text = try await node.send("/checkpoint").text
      answers.files["checkpoint"] = Bytes(text.utf8)
      let key = try await node.send("/log.vkey").text.filter { !$0.isWhitespace }
      let head = try SignedTreeHead(Bytes(text.utf8)).head
      for name in LogResources.names(treeSize: head.size) {
        answers.files[name] = try await node.bytes("/" + name)
      }
      let report = try PublicLogCheck.run(answers, keys: [try VerifierKey(key)])
      #expect(report.entries == head.size)
      if let last {
        var tree = try TileTree(size: head.size, root: head.root, source: answers)
        #expect(try tree.root(size: last.size) == last.root)
        #expect(last.size < head.size)
      }
      last = (head.size, head.root)
    }
  }

  @Test("what the log does not have is not there, however it is asked for")
  func absent() async throws {
    let node = try ServingNode()
    for path in [
      "/tile/", "/tile/0/000", "/tile/0/000.p/255", "/tile/0/001.p/1", "/tile/1/000.p/1",
      "/tile/8/000.p/1", "/tile/64/000", "/tile/0/0", "/tile/entries/000", "/tile/0/000.p/0",
      "/tile/0/../../log.key", "/tile/0/x018/x446/x744/x073/x709/x551/615", "/payload/000",
      "/payload/", "/payload/999", "/tile/0/%30%30%30.p/1", "/checkpoint/", "/log.key",
    ] {
      #expect(try await node.send(path).status == 404, "\(path)")
    }
    #expect(try await node.send("/checkpoint", ["a": 1]).status == 405)
  }
}
