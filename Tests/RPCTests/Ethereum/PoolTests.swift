import Cryptography
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import Testing

@Suite("The pool over JSON-RPC")
struct PoolTests {
  private func raw(
    _ node: TestNode, nonce: UInt64, fee: UInt256 = 10_000_000_000, tip: UInt256 = 1
  ) throws -> JSON {
    let key = try #require(node.node.wallet.key(of: node.accounts[0]))
    let transaction = Transaction(
      to: node.accounts[1], chainID: 31_337, nonce: nonce, maxFeePerGas: fee,
      maxPriorityFeePerGas: tip, gasLimit: 21_000, value: 1)
    return .data(transaction.signed(with: key.sign(transaction.signingHash)).encoded)
  }

  @Test("a transaction behind a gap waits, and goes with what fills the gap")
  func gap() async throws {
    let node = try TestNode()
    let account: JSON = .data(node.accounts[0])
    let later = try await node.ask("eth_sendRawTransaction", raw(node, nonce: 1))
    #expect(try await node.ask("eth_blockNumber") == "0x0")
    #expect(try await node.ask("eth_getTransactionReceipt", later) == .null)
    let waiting = try await node.ask("eth_getTransactionByHash", later)
    #expect(waiting["blockHash"] == .null)
    #expect(waiting["nonce"] == "0x1")
    #expect(try await node.ask("eth_getTransactionCount", account, "pending") == "0x0")
    let first = try await node.ask("eth_sendRawTransaction", raw(node, nonce: 0))
    for (hash, index) in [(first, "0x0"), (later, "0x1")] as [(JSON, JSON)] {
      let receipt = try await node.ask("eth_getTransactionReceipt", hash)
      #expect(receipt["blockNumber"] == "0x1")
      #expect(receipt["transactionIndex"] == index)
    }
    #expect(try await node.ask("eth_getTransactionCount", account, "latest") == "0x2")
  }

  @Test("the pending block holds what is ready, and the pending nonce and balance count it")
  func pending() async throws {
    let node = try TestNode(mode: .manual)
    let (account, friend): (JSON, JSON) = (.data(node.accounts[0]), .data(node.accounts[1]))
    let balance = try await node.ask("eth_getBalance", friend)
    #expect(try await node.ask("eth_getBlockTransactionCountByNumber", "pending") == "0x0")
    let raw = try raw(node, nonce: 0)
    let hash = try await node.ask("eth_sendRawTransaction", raw)
    let block = try await node.ask("eth_getBlockByNumber", "pending", false)
    #expect(block["transactions"] == [hash])
    #expect(block["hash"] == .null)
    #expect(block["number"] == "0x1")
    let full = try await node.ask("eth_getBlockByNumber", "pending", true)
    #expect(full["transactions"]?[0]?["hash"] == hash)
    #expect(try await node.ask("eth_getBlockTransactionCountByNumber", "pending") == "0x1")
    #expect(
      try await node.ask("eth_getTransactionByBlockNumberAndIndex", "pending", "0x0")["hash"]
        == hash)
    #expect(try await node.ask("eth_getTransactionCount", account, "pending") == "0x1")
    #expect(try await node.ask("eth_getTransactionCount", account, "latest") == "0x0")
    #expect(try await node.ask("eth_getBalance", friend) == balance)
    #expect(try await node.ask("eth_getBalance", friend, "pending") != balance)
    #expect(try await node.ask("eth_getRawTransactionByHash", hash) == raw)
    _ = try node.node.sealNow(.two)
    #expect(try await node.ask("eth_getTransactionReceipt", hash)["status"] == "0x1")
    #expect(try await node.ask("eth_getRawTransactionByHash", hash) == raw)
    #expect(try await node.ask("eth_getTransactionCount", account, "latest") == "0x1")
  }

  @Test("a replacement that pays a tenth more takes the place")
  func replacement() async throws {
    let node = try TestNode(mode: .manual)
    let first = try await node.ask(
      "eth_sendRawTransaction", raw(node, nonce: 0, fee: 10_000_000_000, tip: 10))
    #expect(
      try await node.refusal(
        "eth_sendRawTransaction", raw(node, nonce: 0, fee: 10_900_000_000, tip: 20))
        == "-32000 replacement transaction underpriced")
    let second = try await node.ask(
      "eth_sendRawTransaction", raw(node, nonce: 0, fee: 11_000_000_000, tip: 11))
    #expect(try await node.ask("eth_getTransactionByHash", first) == .null)
    #expect(try await node.ask("eth_getTransactionByHash", second)["nonce"] == "0x0")
    _ = try node.node.sealNow(.two)
    #expect(try await node.ask("eth_getTransactionReceipt", first) == .null)
    #expect(try await node.ask("eth_getTransactionReceipt", second)["status"] == "0x1")
  }

  @Test("node-signed transactions at once get nonces one after the other")
  func concurrentSends() async throws {
    let node = try TestNode()
    let transaction: JSON = [
      "from": .data(node.accounts[3]), "to": .data(node.accounts[4]), "value": "0x1",
    ]
    let hashes = try await withThrowingTaskGroup(of: JSON.self) { group in
      for _ in 0..<40 {
        group.addTask { try await node.ask("eth_sendTransaction", transaction) }
      }
      var hashes: Set<JSON> = []
      for try await hash in group { hashes.insert(hash) }
      return hashes
    }
    #expect(hashes.count == 40)
    for hash in hashes {
      #expect(try await node.ask("eth_getTransactionReceipt", hash)["status"] == "0x1")
    }
    let count = try await node.ask("eth_getTransactionCount", .data(node.accounts[3]))
    #expect(count == "0x28")
  }

  @Test("fees, gas and kind are filled in, or taken as they are given")
  func filling() async throws {
    let node = try TestNode(mode: .manual)
    let plain: JSON = ["from": .data(node.accounts[0]), "to": .data(node.accounts[1])]
    func sent(_ members: [(String, JSON)]) async throws -> JSON {
      var object = plain.object ?? JSONObject()
      for (key, value) in members { object[key] = value }
      let hash = try await node.ask("eth_sendTransaction", .object(object))
      return try await node.ask("eth_getTransactionByHash", hash)
    }
    let first = try await sent([])
    #expect(first["type"] == "0x2")
    #expect(first["gas"] == "0x5208")
    #expect(first["maxPriorityFeePerGas"] == "0x3b9aca00")
    let baseFee = try #require(try await node.ask("eth_baseFee").quantityValue)
    #expect(first["maxFeePerGas"] == .quantity(2 * baseFee + 1_000_000_000))
    let legacy = try await sent([("gasPrice", "0x77359400"), ("gas", "0x6000")])
    #expect(legacy["type"] == "0x0")
    #expect(legacy["nonce"] == "0x1")
    #expect(legacy["gas"] == "0x6000")
    let listed = try await sent([("gasPrice", "0x77359400"), ("accessList", [])])
    #expect(listed["type"] == "0x1")
    let capped = try await sent([("maxFeePerGas", "0x3b9aca01"), ("nonce", "0x9")])
    #expect(capped["maxPriorityFeePerGas"] == "0x3b9aca00")
    #expect(capped["nonce"] == "0x9")
    let signed = try await node.ask("eth_signTransaction", plain)
    #expect(signed["tx"]?["nonce"] == "0x3")
    #expect(
      try await node.ask("eth_sendRawTransaction", signed["raw"] ?? .null)
        == signed["tx"]?["hash"])
  }

  @Test("signed texts are recovered to the account that signed them")
  func signing() async throws {
    let node = try TestNode()
    let text = Bytes("good morning".utf8)
    let account: JSON = .data(node.accounts[0])
    let signature = try await node.ask("eth_sign", account, .data(text))
    #expect(try await node.ask("personal_sign", .data(text), account, "") == signature)
    let bytes = try #require(signature.string.flatMap { Hexadecimal.decode($0) })
    let hash = Keccak256.hash(Bytes("\u{19}Ethereum Signed Message:\n12".utf8) + text)
    #expect(
      NativeCryptographyProvider.shared.recoverAddress(
        messageHash: hash, signature: try #require(Signature(bytes65: bytes)))
        == node.accounts[0])
    #expect(
      try await node.refusal("eth_sign", .data(Address(UInt256(3))), "0x")
        == "-32000 unknown account")
  }
}
