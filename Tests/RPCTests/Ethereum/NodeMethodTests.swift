import Cryptography
import JSON
import Ledger
import Node
import Primitives
import RPC
import Testing

@Suite("What a node says of itself and of its blocks")
struct NodeMethodTests {
  @Test("a fresh development node introduces itself as tools expect it")
  func introduction() async throws {
    let node = try TestNode()
    #expect(
      try await node.ask("web3_clientVersion").string?
        .hasPrefix("anvil/v1.5.0 (compatible; Opal/v0.1.0/linux-") == true)
    #expect(
      try await node.ask("web3_sha3", "0x68656c6c6f20776f726c64")
        == "0x47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad")
    #expect(try await node.ask("net_version") == "31337")
    #expect(try await node.ask("eth_chainId") == "0x7a69")
    #expect(try await node.ask("eth_blockNumber") == "0x0")
    #expect(try await node.ask("eth_syncing") == false)
    let accounts = try await node.ask("eth_accounts")
    #expect(accounts.array?.count == 10)
    #expect(accounts[0] == "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
    #expect(
      try await node.ask("eth_getBalance", accounts[9] ?? .null) == "0x21e19e0c9bab2400000")
  }

  @Test("the first layer answers the same methods for itself")
  func layerOne() async throws {
    let node = try TestNode()
    let dispatcher = JSONRPCDispatcher(methods: ethereumMethods(node: node.node, layer: .one))
    _ = try await node.deployToken()
    let request =
      #"{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["latest",true]}"#
    let reply = try JSON.parse(try #require(await dispatcher.reply(to: [UInt8](request.utf8))))
    #expect(reply["result"]?["number"] == "0x0")
    #expect(reply["result"]?["hash"] == node.node.world.layerOne.map { .data($0.genesisHash) })
  }

  @Test("prices follow the base fee, and the fee history has what was paid")
  func fees() async throws {
    let node = try TestNode()
    for tip in ["0x5", "0x9"] as [JSON] {
      _ = try await node.ask(
        "eth_sendTransaction",
        [
          "from": .data(node.accounts[0]), "to": .data(node.accounts[1]),
          "maxPriorityFeePerGas": tip,
        ])
    }
    let baseFee = try #require(try await node.ask("eth_baseFee").quantityValue)
    #expect(try await node.ask("eth_gasPrice") == .quantity(baseFee + 1_000_000_000))
    #expect(try await node.ask("eth_blobBaseFee") == "0x1")
    let history = try await node.ask("eth_feeHistory", 3, "latest", [0, 50, 100])
    #expect(history["oldestBlock"] == "0x0")
    #expect(
      history["reward"]
        == [["0x0", "0x0", "0x0"], ["0x5", "0x5", "0x5"], ["0x9", "0x9", "0x9"]])
    #expect(history["gasUsedRatio"] == [0, .double(0.0007), .double(0.0007)])
    #expect(history["baseFeePerGas"]?.array?.count == 4)
    #expect(history["baseFeePerGas"]?[3] == .quantity(baseFee))
    #expect(try await node.ask("eth_feeHistory", "0x1", "0x1")["reward"] == nil)
    #expect(
      try await node.refusal("eth_feeHistory", "0x1", "0x9")
        == "-32000 request beyond head block: requested 9, head 2")
    #expect(
      try await node.refusal("eth_feeHistory", "0x1", "latest", [50, 20])
        == "-32000 invalid reward percentile: #0:50.0 > #1:20.0")
  }

  @Test("states older than those in memory are read from the views, proofs and calls too")
  func oldStates() async throws {
    let node = try TestNode(mode: .manual)
    let account: JSON = .data(node.accounts[0])
    let proof = try await node.ask("eth_getProof", account, [], "0x0")
    for _ in 0..<(Limits.recentBlockCount * 2) { _ = try node.node.sealNow(.two) }
    let genesis = try await node.ask("eth_getBlockByNumber", "0x0", false)
    let hash = try #require(genesis["hash"])
    let balance = try await node.ask("eth_getBalance", account, "latest")
    for block in ["earliest", hash, ["blockHash": hash]] as [JSON] {
      #expect(try await node.ask("eth_getBalance", account, block) == balance)
    }
    #expect(try await node.ask("eth_getProof", account, [], "0x0") == proof)
    #expect(try await node.ask("eth_call", ["to": account], "0x3ff") == "0x")
    _ = try await node.ask("eth_getBalance", account, "0x400")
    #expect(try await node.ask("eth_getBlockByHash", hash, false) == genesis)
    #expect(
      try await node.refusal("eth_getBalance", account, .data(Hash(UInt256(5))))
        == "-32000 header not found")
  }

  @Test("a node that has stopped says so, and keeps nothing")
  func stopped() async throws {
    let node = try TestNode()
    node.node.stop()
    let transaction: JSON = [
      "from": .data(node.accounts[0]), "to": .data(node.accounts[1]),
    ]
    #expect(
      try await node.refusal("eth_sendTransaction", transaction)
        == "-32603 the node is stopping")
    #expect(try await node.ask("eth_blockNumber") == "0x0")
  }
}
