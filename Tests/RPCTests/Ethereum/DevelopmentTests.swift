import Execution
import JSON
import Node
import Primitives
import RPC
import Testing

@Suite("Controls of a development chain") struct DevelopmentTests {
  private let someone: JSON = "0x00000000000000000000000000000000000000aa"
  private let ether: JSON = "0xde0b6b3a7640000"

  @Test("accounts are written by hand under anvil's and hardhat's names")
  func accounts() async throws {
    let node = try TestNode()
    #expect(try await node.ask("anvil_setBalance", someone, ether) == true)
    #expect(try await node.ask("eth_getBalance", someone, "latest") == ether)
    #expect(try await node.ask("hardhat_setNonce", someone, "0x5") == true)
    #expect(try await node.ask("eth_getTransactionCount", someone, "latest") == "0x5")
    #expect(try await node.ask("anvil_setCode", someone, "0x6001") == true)
    #expect(try await node.ask("eth_getCode", someone, "latest") == "0x6001")
    let word: JSON = .data(Hash(UInt256(7)))
    #expect(try await node.ask("hardhat_setStorageAt", someone, "0x1", word) == true)
    #expect(try await node.ask("eth_getStorageAt", someone, "0x1", "latest") == word)
  }

  @Test("an impersonated account sends what nobody signed")
  func impersonation() async throws {
    let node = try TestNode()
    _ = try await node.ask("anvil_setBalance", someone, ether)
    let call: JSON = ["from": someone, "to": .data(node.accounts[1]), "value": "0x1"]
    #expect(try await node.refusal("eth_sendTransaction", call) == "-32000 unknown account")
    _ = try await node.ask("hardhat_impersonateAccount", someone)
    let hash = try await node.ask("eth_sendTransaction", call)
    let receipt = try await node.ask("eth_getTransactionReceipt", hash)
    #expect(receipt["status"] == "0x1")
    #expect(receipt["from"] == someone)
    let trace = try await node.ask("debug_traceTransaction", hash, ["tracer": "callTracer"])
    #expect(trace["from"] == someone)
    _ = try await node.ask("hardhat_stopImpersonatingAccount", someone)
    #expect(try await node.refusal("eth_sendTransaction", call) == "-32000 unknown account")
  }

  @Test("a snapshot is gone back to once")
  func snapshot() async throws {
    let node = try TestNode()
    let snapshot = try await node.ask("evm_snapshot")
    _ = try await node.ask("anvil_setBalance", someone, ether)
    _ = try await node.ask("evm_increaseTime", 1000)
    _ = try await node.ask("anvil_mine", 3)
    #expect(try await node.ask("eth_blockNumber") == "0x3")
    #expect(try await node.ask("evm_revert", snapshot) == true)
    #expect(try await node.ask("eth_blockNumber") == "0x0")
    #expect(try await node.ask("eth_getBalance", someone, "latest") == "0x0")
    #expect(try await node.ask("evm_revert", snapshot) == false)
  }

  @Test("time is shifted, set for one block, and stepped")
  func time() async throws {
    let node = try TestNode()
    let start = TestNode.start / 1000
    func mined() async throws -> UInt64? {
      _ = try await node.ask("evm_mine")
      return try await node.ask("eth_getBlockByNumber", "latest", false)["timestamp"]?
        .quantityValue
    }
    #expect(try await node.ask("evm_increaseTime", 100) == 100)
    #expect(try await mined() == start + 100)
    _ = try await node.ask("evm_setNextBlockTimestamp", .integer(start + 500))
    #expect(try await mined() == start + 500)
    _ = try await node.ask("anvil_setBlockTimestampInterval", 7)
    #expect(try await mined() == start + 507)
    #expect(try await mined() == start + 514)
    #expect(try await node.ask("anvil_removeBlockTimestampInterval") == true)
    let refusal = try await node.refusal("evm_setNextBlockTimestamp", .integer(start))
    #expect(refusal.hasPrefix("-32000 Timestamp error: "))
  }

  @Test("blocks wait for a request when mining is off, and what waits can be dropped")
  func mining() async throws {
    let node = try TestNode()
    _ = try await node.ask("evm_setAutomine", false)
    #expect(try await node.ask("anvil_getAutomine") == false)
    let call: JSON = [
      "from": .data(node.accounts[0]), "to": .data(node.accounts[1]), "value": "0x1",
    ]
    let dropped = try await node.ask("eth_sendTransaction", call)
    #expect(try await node.ask("txpool_status") == ["pending": "0x1", "queued": "0x0"])
    #expect(try await node.ask("anvil_dropTransaction", dropped) == dropped)
    let hash = try await node.ask("eth_sendTransaction", call)
    #expect(try await node.ask("eth_getTransactionReceipt", hash) == .null)
    _ = try await node.ask("hardhat_setNextBlockBaseFeePerGas", "0x77")
    _ = try await node.ask("evm_mine")
    #expect(try await node.ask("eth_getTransactionReceipt", hash)["status"] == "0x1")
    let block = try await node.ask("eth_getBlockByNumber", "latest", false)
    #expect(block["baseFeePerGas"] == "0x77")
  }

  @Test("the head is rolled back, and exchanged")
  func heads() async throws {
    let node = try TestNode()
    _ = try await node.ask("anvil_mine", 5)
    let old = try await node.ask("eth_getBlockByNumber", "0x4", false)["hash"]
    let call: JSON = [
      "from": .data(node.accounts[0]), "to": .data(node.accounts[1]), "value": "0x9",
    ]
    _ = try await node.ask("anvil_reorg", 2, [[call, 0]])
    #expect(try await node.ask("eth_blockNumber") == "0x5")
    let block = try await node.ask("eth_getBlockByNumber", "0x4", false)
    #expect(block["hash"] != old)
    #expect(block["transactions"]?.array?.count == 1)
    _ = try await node.ask("anvil_rollback", 3)
    #expect(try await node.ask("eth_blockNumber") == "0x2")
    _ = try await node.ask("anvil_reset")
    #expect(try await node.ask("eth_blockNumber") == "0x0")
  }

  @Test("the slot of a token's balance is found and set")
  func tokens() async throws {
    let node = try TestNode()
    let token = try await node.deployToken()
    _ = try await node.ask("anvil_dealERC20", someone, token, "0x64")
    let balance = try await node.ask(
      "eth_call",
      [
        "to": token,
        "data": .input("balanceOf(address)", .address(Address(UInt256(0xaa)))),
      ])
    #expect(balance == .data(Hash(UInt256(100))))
  }
}
