import Cryptography
import JSON
import Ledger
import Node
import Primitives
import RPC
import Testing

@Suite("Filters")
struct FilterTests {
  private func move(_ node: TestNode, _ token: JSON, _ value: UInt64) async throws -> JSON {
    try await node.ask(
      "eth_sendTransaction",
      [
        "from": .data(node.accounts[0]), "to": token,
        "data": .input(
          "transfer(address,uint256)", .address(node.accounts[1]), .uint(UInt256(value))),
      ])
  }

  @Test("a log filter tells each new log once, and all logs of its range on demand")
  func logs() async throws {
    let node = try TestNode()
    let token = try await node.deployToken()
    let latest = try await node.ask("eth_newFilter", ["fromBlock": "latest", "address": token])
    let all = try await node.ask("eth_newFilter", ["fromBlock": "0x0", "address": token])
    let other = try await node.ask("eth_newFilter", ["address": .data(node.accounts[5])])
    #expect(try await node.ask("eth_getFilterChanges", latest) == [])
    let first = try await move(node, token, 1)
    let second = try await move(node, token, 2)
    let news = try await node.ask("eth_getFilterChanges", latest)
    #expect(news.array?.map { $0["transactionHash"] } == [first, second])
    #expect(try await node.ask("eth_getFilterChanges", latest) == [])
    #expect(try await node.ask("eth_getFilterChanges", all) == news)
    #expect(try await node.ask("eth_getFilterLogs", all).array?.count == 3)
    #expect(try await node.ask("eth_getFilterLogs", latest).array?.count == 1)
    #expect(try await node.ask("eth_getFilterChanges", other) == [])
    let third = try await move(node, token, 3)
    #expect(
      try await node.ask("eth_getFilterChanges", latest)[0]?["transactionHash"] == third)
  }

  @Test("more new logs than one answer takes come with the next ones")
  func manyLogs() async throws {
    var limits = EthereumLimits()
    limits.logs = 2
    let node = try TestNode(limits: limits)
    let token = try await node.deployToken()
    let filter = try await node.ask("eth_newFilter", ["address": token])
    var sent: [JSON] = []
    for value in 1...5 as ClosedRange<UInt64> { sent.append(try await move(node, token, value)) }
    var told: [JSON] = []
    for count in [2, 2, 1, 0] {
      let news = try await node.ask("eth_getFilterChanges", filter)
      #expect(news.array?.count == count)
      told += news.array?.compactMap { $0["transactionHash"] } ?? []
    }
    #expect(told == sent)
  }

  @Test("a block filter tells the hashes of new blocks")
  func blocks() async throws {
    let node = try TestNode(mode: .manual)
    let filter = try await node.ask("eth_newBlockFilter")
    #expect(try await node.ask("eth_getFilterChanges", filter) == [])
    var hashes: [JSON] = []
    for _ in 0..<3 {
      _ = try node.node.sealNow(.two)
      hashes.append(
        try #require(try await node.ask("eth_getBlockByNumber", "latest", false)["hash"]))
    }
    #expect(try await node.ask("eth_getFilterChanges", filter) == .array(hashes))
    #expect(try await node.ask("eth_getFilterChanges", filter) == [])
    #expect(
      try await node.refusal("eth_getFilterLogs", filter) == "-32000 filter not found")
  }

  @Test("a filter of transactions tells each once, whether it waits or is in a block by then")
  func transactions() async throws {
    let node = try TestNode(mode: .manual)
    let before = try await send(node)
    let filter = try await node.ask("eth_newPendingTransactionFilter")
    let full = try await node.ask("eth_newPendingTransactionFilter", true)
    #expect(try await node.ask("eth_getFilterChanges", filter) == [])
    let first = try await send(node)
    #expect(try await node.ask("eth_getFilterChanges", filter) == [first])
    let second = try await send(node)
    _ = try node.node.sealNow(.two)
    let third = try await send(node)
    #expect(try await node.ask("eth_getFilterChanges", filter) == [second, third])
    _ = try node.node.sealNow(.two)
    #expect(try await node.ask("eth_getFilterChanges", filter) == [])
    let whole = try await node.ask("eth_getFilterChanges", full)
    #expect(whole.array?.map { $0["hash"] } == [first, second, third])
    #expect(whole.array?.contains { $0["hash"] == before } == false)
  }

  private func send(_ node: TestNode) async throws -> JSON {
    try await node.ask(
      "eth_sendTransaction", ["from": .data(node.accounts[0]), "to": .data(node.accounts[1])])
  }

  @Test("a filter ends when it is removed, or when nobody asks for five minutes")
  func endings() async throws {
    let node = try TestNode()
    let removed = try await node.ask("eth_newBlockFilter")
    #expect(try await node.ask("eth_uninstallFilter", removed) == true)
    #expect(try await node.ask("eth_uninstallFilter", removed) == false)
    #expect(
      try await node.refusal("eth_getFilterChanges", removed) == "-32000 filter not found")
    let kept = try await node.ask("eth_newBlockFilter")
    let forgotten = try await node.ask("eth_newBlockFilter")
    node.advance(milliseconds: 200_000)
    #expect(try await node.ask("eth_getFilterChanges", kept) == [])
    node.advance(milliseconds: 200_000)
    #expect(try await node.ask("eth_getFilterChanges", kept) == [])
    #expect(
      try await node.refusal("eth_getFilterChanges", forgotten) == "-32000 filter not found")
  }

  @Test("filters above their number are refused until others expire")
  func bounded() async throws {
    var limits = EthereumLimits()
    limits.filters = 2
    let node = try TestNode(limits: limits)
    _ = try await node.ask("eth_newBlockFilter")
    _ = try await node.ask("eth_newBlockFilter")
    #expect(
      try await node.refusal("eth_newBlockFilter") == "-32005 too many filters: at most 2")
    node.advance(milliseconds: 300_001)
    _ = try await node.ask("eth_newBlockFilter")
  }
}
