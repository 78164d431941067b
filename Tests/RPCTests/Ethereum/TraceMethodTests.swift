import Cryptography
import JSON
import NativeCryptography
import Node
import Primitives
import RPC
import Testing

@Suite("Traces over JSON-RPC") struct TraceMethodTests {
  /// A token, and the hash of a transfer of it.
  private func transfer(_ node: TestNode) async throws -> (token: JSON, hash: JSON) {
    let token = try await node.deployToken()
    let hash = try await node.ask(
      "eth_sendTransaction",
      [
        "from": .data(node.accounts[0]), "to": token,
        "data": .input(
          "transfer(address,uint256)", .address(node.accounts[1]), .uint(UInt256(77))),
      ])
    return (token, hash)
  }

  @Test("Parity's and geth's forms of a transaction agree")
  func transaction() async throws {
    let node = try TestNode()
    let (token, hash) = try await transfer(node)
    let flat = try await node.ask("trace_transaction", hash)
    #expect(flat.array?.count == 1)
    #expect(flat[0]?["action"]?["to"] == token)
    #expect(flat[0]?["transactionHash"] == hash)
    #expect(try await node.ask("trace_get", hash, []) == flat[0])
    #expect(try await node.ask("trace_block", "0x2") == flat)
    let filter: JSON = ["fromBlock": "0x2", "toAddress": [token]]
    #expect(try await node.ask("trace_filter", filter) == flat)
    let tree = try await node.ask("debug_traceTransaction", hash, ["tracer": "callTracer"])
    #expect(tree["input"] == flat[0]?["action"]?["input"])
    let block = try await node.ask(
      "debug_traceBlockByNumber", "0x2", ["tracer": "callTracer"])
    #expect(block == [["txHash": hash, "result": tree]])
    let replay = try await node.ask(
      "trace_replayTransaction", hash, ["trace", "stateDiff"])
    #expect(replay["trace"]?.array?.count == 1)
    #expect(replay["stateDiff"]?[token.string ?? ""]?["storage"]?.object?.count == 2)
    let raw = try await node.ask("debug_getRawBlock", "0x2")
    #expect(
      try await node.ask("debug_traceBlock", raw, ["tracer": "callTracer"]) == block)
    let nothing: JSON = .data(Hash.zero)
    #expect(try await node.ask("trace_transaction", nothing) == .null)
    #expect(
      try await node.refusal("debug_traceTransaction", nothing)
        == "-32000 transaction not found")
    #expect(
      try await node.refusal("debug_traceTransaction", hash, ["tracer": "magicTracer"])
        == "-32000 tracer not found: magicTracer")
  }

  @Test("a call is traced on any state, with overrides")
  func call() async throws {
    let node = try TestNode()
    let token = try await node.deployToken()
    let call: JSON = ["to": token, "data": .input("totalSupply()")]
    let logs = try await node.ask("debug_traceCall", call, "latest")
    #expect(logs["failed"] == false)
    #expect(logs["structLogs"]?.array?.isEmpty == false)
    let empty = try await node.ask("debug_traceCall", call, "0x0", ["tracer": "callTracer"])
    #expect(empty["output"] == nil)
    let flat = try await node.ask("trace_call", call, ["trace"], "latest")
    #expect(flat["output"] == .data(Hash(UInt256(1_000_000))))
    let late = try await node.refusal(
      "debug_traceCall", ["to": token, "data": "0x"], "latest", ["timeout": "soon"])
    #expect(late.hasPrefix("-32000 time: invalid duration"))
  }

  @Test("an explorer finds who made a contract and what touched an account")
  func explorer() async throws {
    let node = try TestNode()
    let (token, hash) = try await transfer(node)
    let creator = try await node.ask("ots_getContractCreator", token)
    #expect(creator["creator"] == .data(node.accounts[0]))
    #expect(try await node.ask("ots_hasCode", token, "latest") == true)
    #expect(try await node.ask("ots_getApiLevel") == 8)
    let found = try await node.ask("ots_searchTransactionsBefore", token, 0, 10)
    #expect(found["txs"]?.array?.count == 2)
    #expect(found["txs"]?[0]?["hash"] == hash)
    #expect(found["lastPage"] == true)
    let owner: JSON = .data(node.accounts[0])
    #expect(try await node.ask("ots_getTransactionBySenderAndNonce", owner, 1) == hash)
    #expect(try await node.ask("ots_getTransactionError", hash) == "0x")
    let page = try await node.ask("ots_getBlockTransactions", "0x2", 0, 5)
    #expect(page["receipts"]?.array?.count == 1)
    let details = try await node.ask("ots_getBlockDetails", "0x2")
    #expect(details["block"]?["transactionCount"] == 1)
  }

  @Test("typed data are signed as EIP-712's own example is")
  func typedData() async throws {
    let node = try TestNode()
    let person: JSON = [
      ["name": "name", "type": "string"], ["name": "wallet", "type": "address"],
    ]
    let document: JSON = [
      "types": [
        "EIP712Domain": [
          ["name": "name", "type": "string"], ["name": "version", "type": "string"],
          ["name": "chainId", "type": "uint256"],
          ["name": "verifyingContract", "type": "address"],
        ],
        "Person": person,
        "Mail": [
          ["name": "from", "type": "Person"], ["name": "to", "type": "Person"],
          ["name": "contents", "type": "string"],
        ],
      ],
      "primaryType": "Mail",
      "domain": [
        "name": "Ether Mail", "version": "1", "chainId": 1,
        "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
      ],
      "message": [
        "from": ["name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"],
        "to": ["name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"],
        "contents": "Hello, Bob!",
      ],
    ]
    let signature = try await node.ask(
      "eth_signTypedData_v4", .data(node.accounts[0]), document)
    let digest = try #require(
      Hash(hexadecimal: "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"))
    let bytes = try #require(signature.string.flatMap { Hexadecimal.decode($0) })
    #expect(node.node.wallet.key(of: node.accounts[0])?.sign(digest).bytes65 == bytes)
    let text: JSON = .string(String(decoding: document.serialized(), as: UTF8.self))
    #expect(
      try await node.ask("eth_signTypedData_v4", .data(node.accounts[0]), text) == signature)
  }
}
