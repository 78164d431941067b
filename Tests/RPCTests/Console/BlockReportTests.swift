import Contracts
import Cryptography
import Foundation
import JSON
import Primitives
import RPC
import Synchronization
import TestSupport
import Testing

/// What a node's operator sees of new blocks.
@Suite struct BlockReportTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  /// The lines that are shown while `body` runs.
  private func lines(
    _ node: TestNode, _ artifacts: ArtifactBook? = nil,
    calls: (@Sendable (JSON) -> [String])? = nil, _ body: () async throws -> Void
  ) async throws -> [String] {
    let lines = Lines()
    let listener = ConsoleListener(node: node.node, lines: calls, artifacts: artifacts) { line in
      lines.all.withLock { $0.append(line) }
    }
    try await body()
    listener.stop()
    return lines.all.withLock { $0 }
  }

  private func book(_ name: String) throws -> ArtifactBook {
    let file = Project.root.appending(path: "Tests/Vectors/solidity/\(name).json")
    var book = ArtifactBook()
    book.add(try JSON.parse(Bytes(Data(contentsOf: file))), fileName: name)
    return book
  }

  @Test("a block has a line, and each transaction in it says what it does")
  func transfers() async throws {
    let node = try TestNode()
    let shown = try await lines(node) {
      _ = try await node.ask(
        "eth_sendTransaction",
        [
          "from": .data(node.accounts[0]), "to": .data(node.accounts[1]),
          "value": "0x14d1120d7b160000",
        ])
      _ = try await node.ask("evm_mine")
    }
    #expect(shown.count == 2, "nobody sent anything in the second block")
    #expect(shown.first?.hasPrefix("block 1 0x") == true)
    #expect(shown.first?.contains(": 1 transaction, 21000 gas, base fee 875000000 wei") == true)
    #expect(
      shown.last?.hasSuffix(" 1.5 ether to \(node.accounts[1].checksummed), 21000 gas") == true)
  }

  @Test("a transaction that fails says why, by the names of the source")
  func failures() async throws {
    let node = try TestNode()
    let contract = try await node.deploy("Failures")
    let shown = try await lines(node, try book("Failures")) {
      for call in [
        JSON.input("withReason()"), .input("withCustom(uint256)", .uint(9)),
        .input("withInvalidOpcode()"),
      ] {
        _ = try await node.ask(
          "eth_sendTransaction",
          ["from": .data(node.accounts[0]), "to": contract, "data": call, "gas": "0x186a0"])
      }
    }
    let reasons = shown.filter { $0.contains("failed") }
    #expect(
      reasons == [
        "    failed: execution reverted: no such thing",
        #"    failed: execution reverted: Custom(code: 9, why: "custom")"#,
        "    failed: invalid opcode: INVALID",
      ])
    #expect(shown.contains { $0.contains("Failures.withReason() at 0x") })
  }

  @Test("with the calls of transactions their failures are told too, and what comes behind them")
  func failuresWithCalls() async throws {
    let node = try TestNode()
    let contract = try await node.deploy("Failures")
    let shown = try await lines(
      node, try book("Failures"), calls: { ["calls: \($0["gasUsed"]?.string ?? "none")"] }
    ) {
      for call in [JSON.input("withReason()"), .input("withInvalidOpcode()")] {
        _ = try await node.ask(
          "eth_sendTransaction",
          ["from": .data(node.accounts[0]), "to": contract, "data": call, "gas": "0x186a0"])
      }
    }
    #expect(
      shown.filter { $0.contains("failed") } == [
        "    failed: execution reverted: no such thing", "    failed: invalid opcode: INVALID",
      ])
    let calls = shown.filter { $0.contains("calls: 0x") }
    #expect(calls.count == 2)
    #expect(calls.last == "    calls: 0x186a0", "an invalid instruction takes all gas")
  }

  @Test("logging can be turned off by the operator")
  func silence() async throws {
    let node = try TestNode()
    _ = try await node.ask("hardhat_setLoggingEnabled", false)
    let shown = try await lines(node) { _ = try await node.deployToken() }
    #expect(shown.isEmpty)
  }
}
