import Cryptography
import Derivation
import EVM
import Execution
import Foundation
import JSON
import Ledger
import Node
import Primitives
import RPC
import Testing
import Views

/// op-node's methods by which an operator moves a rollup's node.
@Suite("Administration of a rollup") struct RollupAdministrationTests {
  private let post = "admin_postUnsafePayload"

  @Test("a follower takes a sequencer's block ahead of L1, once, and says nothing")
  func posted() async throws {
    let rollup = try TestRollup()
    let envelope = try rollup.block(value: 5)
    for _ in 0..<2 {
      let reply = try await rollup.reply(post, [.object(envelope)])
      #expect(reply["result"]?.isNull == true, "\(reply)")
      #expect(rollup.follower.world.rollup?.unsafe == rollup.sequencer.world.rollup?.unsafe)
    }
    #expect(rollup.follower.world.layerTwo?.number == 1)
    #expect(rollup.follower.world.rollup?.safe.reference.number == 0)
    let message = try await rollup.refusal(post, [.object(envelope)], ofFollower: false)
    #expect(message == "the sequencer is running; it takes no blocks of others")
  }

  @Test("blocks that come before those that they follow wait for them")
  func outOfOrder() async throws {
    let rollup = try TestRollup()
    var envelopes: [JSON] = []
    for value in 1...5 { envelopes.append(.object(try rollup.block(value: UInt64(value)))) }
    for index in [3, 1, 4, 1, 2] {
      let reply = try await rollup.reply(post, [envelopes[index]])
      #expect(reply["result"]?.isNull == true, "\(reply)")
      #expect(rollup.follower.world.layerTwo?.number == 0)
    }
    _ = try await rollup.reply(post, [envelopes[0]])
    let end = Date.now.addingTimeInterval(20)
    while rollup.follower.world.layerTwo?.number != 5, Date.now < end {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(rollup.follower.world.rollup?.unsafe == rollup.sequencer.world.rollup?.unsafe)
    #expect(rollup.reports.all.isEmpty, "\(rollup.reports.all)")
  }

  @Test("what is no payload, or not the one that it says it is, is refused by its fault")
  func hostile() async throws {
    let rollup = try TestRollup()
    let envelope = try rollup.block(value: 5)
    let payload = try #require(envelope["executionPayload"]?.object)
    func changed(_ name: String, _ value: JSON) -> JSON {
      var (outer, inner) = (envelope, payload)
      inner[name] = value
      outer["executionPayload"] = .object(inner)
      return .object(outer)
    }
    let badHash = "payload has bad block hash"
    var cases: [(JSON, String)] = [
      ([:], "missing field executionPayload"), (.string("0x"), "object"), (.null, "missing value"),
      (["executionPayload": []], "object"),
      (changed("stateRoot", .data(Hash.zero)), badHash),
      (changed("blockHash", .data(Hash.zero)), badHash),
      (changed("timestamp", "0x1"), badHash), (changed("transactions", []), badHash),
      (changed("withdrawalsRoot", .null), badHash), (changed("gasUsed", "0x0"), badHash),
      (changed("transactions", [.string("0x02c0")]), "is no transaction"),
      (changed("transactions", [.string("0x")]), "is no transaction"),
      (changed("transactions", "0x"), "array"),
      (changed("logsBloom", "0x00"), "256 bytes"),
      (changed("extraData", .data(Bytes(repeating: 0, count: 33))), "more than 32 bytes"),
      (changed("blockNumber", "0x10000000000000000"), "64 bits"),
      (changed("baseFeePerGas", "0x01"), "leading zero"),
    ]
    for member in payload.map(\.key)
    where !["withdrawals", "blobGasUsed", "excessBlobGas", "withdrawalsRoot"].contains(member) {
      cases.append((changed(member, .null), "missing field executionPayload.\(member)"))
    }
    for (value, wanted) in cases {
      let message = try await rollup.refusal(post, [value])
      #expect(
        message.contains(wanted) || message.contains(wanted.split(separator: ".").last ?? ""),
        "\(message), not \(wanted)")
    }
    #expect(rollup.follower.world.layerTwo?.number == 0)
    #expect(try await rollup.refusal(post, [.object(envelope), .null, 5]).contains("too many"))
  }

  @Test("a block whose hash is right and whose content is not is refused with both values")
  func wrongContent() async throws {
    let rollup = try TestRollup()
    _ = try rollup.block(value: 5)
    var header = try #require(rollup.sequencer.world.layerTwo).head.header
    let transactions = try rollup.sequencer.views.transactions(.two, inBlock: 1)
      .map(\.transaction)
    header.stateRoot = .zero
    var message = try await rollup.refusal(
      post, [.object(TestRollup.envelope(header, transactions))])
    #expect(message.contains("block 1: invalid stateRoot"), "\(message)")
    header.transactionsRoot = Block.transactionsRoot(Array(transactions.dropFirst()))
    message = try await rollup.refusal(
      post, [.object(TestRollup.envelope(header, Array(transactions.dropFirst())))])
    #expect(message.contains("not the deposit of L1's attributes"), "\(message)")
    // One that will never follow does not wait.
    header.number = 1_000_000
    header.transactionsRoot = Block.transactionsRoot(transactions)
    message = try await rollup.refusal(
      post, [.object(TestRollup.envelope(header, transactions))])
    #expect(message.contains("does not follow the unsafe head"), "\(message)")
  }

  @Test("derivation begins again when it is asked to, which is an event and a line of the log")
  func reset() async throws {
    let rollup = try TestRollup()
    _ = try await rollup.reply(post, [.object(try rollup.block(value: 5))])
    for ofFollower in [true, false] {
      let node = ofFollower ? rollup.follower : rollup.sequencer
      let (before, sequence) = (node.world.rollup, node.world.sequence)
      let reply = try await rollup.reply(
        "admin_resetDerivationPipeline", ofFollower: ofFollower)
      #expect(reply["result"]?.isNull == true, "\(reply)")
      #expect(node.world.sequence == sequence + 1)
      #expect(node.world.rollup?.safe == before?.safe)
      #expect(node.world.rollup?.unsafe == before?.unsafe)
      #expect(node.world.rollup?.unsafe.reference.number == 1)
    }
    #expect(rollup.reports.all.filter { $0.contains("derivation began again") }.count == 2)
    let message = try await rollup.refusal("admin_resetDerivationPipeline", [1])
    #expect(message.contains("too many arguments"))
    #expect(!JSONRPCDispatcher.isReading("admin_resetDerivationPipeline"))
    #expect(!JSONRPCDispatcher.isReading(post))
  }

  @Test("a plain chain has no part of it")
  func plain() async throws {
    let node = try TestNode(mode: .manual)
    let dispatcher = JSONRPCDispatcher(methods: rollupMethods(node: node.node))
    let request: JSON = [
      "jsonrpc": "2.0", "id": 1, "method": "admin_resetDerivationPipeline", "params": [],
    ]
    let bytes = try #require(await dispatcher.reply(to: request.serialized()))
    #expect(try JSON.parse(bytes)["error"]?["message"] == "the second layer is no rollup")
  }
}
