import Glibc
import HTTP
import JSON
import Ledger
import Node
import Primitives
import RPC
import Testing

@Suite("Subscriptions", .serialized)
struct SubscriptionTests {
  /// A node that is served on a local socket, with whoever speaks to it.
  private final class Served {
    let test: TestNode
    let server: NodeServer
    let path: String

    init(
      _ test: TestNode, change: (inout NodeServer.Configuration) -> Void = { _ in }
    ) throws {
      self.test = test
      path = "/tmp/opal-\(getpid())-\(UInt32.random(in: 0 ... .max)).ipc"
      var configuration = NodeServer.Configuration(
        http: HTTPConfiguration(), access: AccessPolicy(host: "127.0.0.1"))
      configuration.localSocketPath = path
      change(&configuration)
      server = try NodeServer(
        configuration, node: test.node, engine: nil, models: nil,
        payers: try PayerBook(path: path + ".keys"))
    }

    deinit {
      server.stop()
      unsafe unlink(path + ".keys")
    }
  }

  @Test("heads, the pool, receipts and the log are told of in the order in which they happen")
  func transfers() async throws {
    let served = try Served(TestNode())
    let client = try LineClient(path: served.path)
    let heads = try await client.subscribe("newHeads")
    let hashes = try await client.subscribe("newPendingTransactions")
    let contents = try await client.subscribe("newPendingTransactions", true)
    let receipts = try await client.subscribe("transactionReceipts")
    let syncing = try await client.subscribe("syncing")
    let events = try await client.subscribe("opal_events", ["from": "0x1"])
    let accounts = served.test.accounts
    for number in 1...3 {
      let hash = try await client.ask(
        "eth_sendTransaction",
        ["from": .data(accounts[0]), "to": .data(accounts[1]), "value": "0x1"])
      #expect(try await client.next(hashes) == hash)
      #expect(try await client.next(contents)["hash"] == hash)
      let head = try await client.next(heads)
      let block = try await client.ask("eth_getBlockByNumber", .quantity(UInt64(number)), false)
      #expect(head["hash"] == block["hash"] && head["stateRoot"] == block["stateRoot"])
      #expect(head["transactions"] == nil)
      #expect(
        try await client.next(receipts) == [try await client.ask("eth_getTransactionReceipt", hash)]
      )
    }
    let last = served.test.node.world.sequence
    for sequence in 1...last {
      let event = try await client.next(events)
      #expect(event["sequence"] == .quantity(sequence))
      #expect(
        event == (try await client.ask("opal_getEvent", .quantity(sequence))) || sequence > last)
    }
    #expect(try await client.ask("eth_unsubscribe", .string(heads)) == true)
    #expect(
      try await client.reply("eth_unsubscribe", .string(heads))["error"]?["code"]?.int == -32000)
    _ = try await client.ask(
      "eth_sendTransaction", ["from": .data(accounts[0]), "to": .data(accounts[1])])
    _ = try await client.next(receipts)
    #expect(
      !client.notifications.contains { told in
        [heads, syncing].contains(told["params"]?["subscription"]?.string)
      })
  }

  @Test("logs are told of that pass, and again when a reorganisation takes them out")
  func logs() async throws {
    let served = try Served(TestNode())
    let client = try LineClient(path: served.path)
    let token = try await served.test.deployToken()
    let before = served.test.node.world.sequence
    let all = try await client.subscribe("logs")
    let mine = try await client.subscribe("logs", ["address": token])
    let other = try await client.subscribe("logs", ["address": .data(served.test.accounts[3])])
    let transfer = try await client.ask(
      "eth_sendTransaction",
      [
        "from": .data(served.test.accounts[0]), "to": token,
        "data": .input("transfer(address,uint256)", .address(served.test.accounts[1]), .uint(7)),
      ])
    let log = try await client.next(mine)
    #expect(log["transactionHash"] == transfer && log["removed"] == false)
    #expect(try await client.next(all) == log)
    _ = try served.test.node.submit(
      .resetHead(HeadReset(layer: .two, position: before)))
    var removed = log.object ?? JSONObject()
    removed["removed"] = true
    #expect(try await client.next(mine) == .object(removed))
    #expect(try await client.next(all) == .object(removed))
    #expect(
      !client.notifications.contains { $0["params"]?["subscription"]?.string == other })
  }

  @Test("what cannot be subscribed to is refused as geth does, and so is too much")
  func refusals() async throws {
    let served = try Served(TestNode()) { $0.subscriptions.perConnection = 2 }
    let client = try LineClient(path: served.path)
    func refusal(_ parameters: JSON...) async throws -> JSON? {
      let reply =
        parameters.isEmpty
        ? try await client.reply("eth_subscribe")
        : parameters.count == 1
          ? try await client.reply("eth_subscribe", parameters[0])
          : try await client.reply("eth_subscribe", parameters[0], parameters[1])
      return reply["error"]
    }
    #expect(
      try await refusal("nothing")
        == ["code": -32601, "message": "no \"nothing\" subscription in eth namespace"])
    #expect(try await refusal()?["code"]?.int == -32602)
    #expect(try await refusal("logs", ["topics": [[], [], [], [], []]])?["code"]?.int == -32602)
    #expect(try await refusal("opal_events", ["from": "0x0"])?["code"]?.int == -32602)
    _ = try await client.subscribe("newHeads")
    _ = try await client.subscribe("newHeads")
    #expect(try await refusal("newHeads")?["code"]?.int == -32005)
    let second = try LineClient(path: served.path)
    _ = try await second.subscribe("newHeads")
  }

  @Test("whoever only asks over HTTP cannot subscribe")
  func overHTTP() async throws {
    let dispatcher = JSONRPCDispatcher(methods: [
      "eth_subscribe": .session { (_, _) throws(RPCError) in true }
    ])
    let reply = await dispatcher.reply(
      to: [UInt8](#"{"jsonrpc":"2.0","id":1,"method":"eth_subscribe"}"#.utf8))
    #expect(
      reply.map { String(decoding: $0, as: UTF8.self) }
        == #"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"notifications not supported"}}"#
    )
  }
}
