import Execution
import Foundation
import JSON
import Ledger
import Node
import Primitives
import RPC
import TestSupport
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

  @Test("ether is withdrawn from outside, and headers say what they are told to")
  func withdrawals() async throws {
    let node = try TestNode()
    let withdrawal: JSON = [
      "index": "0x0", "validatorIndex": "0x1", "address": someone, "amount": "0x5",
    ]
    #expect(try await node.ask("dev_addWithdrawal", withdrawal) == .null)
    #expect(try await node.ask("eth_getBalance", someone, "latest") == "0x12a05f200")
    #expect(try await node.ask("miner_setExtra", "opal") == true)
    _ = try await node.ask("evm_mine")
    let block = try await node.ask("eth_getBlockByNumber", "latest", false)
    #expect(block["extraData"] == .data(Bytes("opal".utf8)))
    #expect(block["withdrawals"] == [])
    let before = try await node.ask("eth_getBlockByNumber", "0x1", false)
    #expect(before["withdrawals"] == [withdrawal])
    let long: JSON = .data(Bytes(repeating: 7, count: 33))
    let refusal = try await node.refusal("miner_setExtra", long)
    #expect(refusal == "-32000 extra exceeds max length. 33 > 32")
  }

  @Test("those who change the next blocks at once undo nothing of each other")
  func changesAtOnce() async throws {
    let node = try TestNode()
    let start = TestNode.start / 1000
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<40 {
        group.addTask {
          _ = try await node.ask(
            "dev_addWithdrawal",
            [
              "index": .quantity(UInt64(index)), "validatorIndex": "0x0", "address": someone,
              "amount": "0x1",
            ])
        }
        group.addTask { _ = try await node.ask("evm_increaseTime", 10) }
      }
      try await group.waitForAll()
    }
    #expect(
      try await node.ask("eth_getBalance", someone, "latest") == .quantity(40_000_000_000 as UInt64)
    )
    #expect(try await node.ask("evm_increaseTime", 0) == 400)
    _ = try await node.ask("evm_mine")
    let block = try await node.ask("eth_getBlockByNumber", "latest", false)
    #expect(try #require(block["timestamp"]?.quantityValue) >= start + 400)
  }

  @Test("hardhat is told whether a transaction was dropped, anvil which")
  func dropping() async throws {
    let node = try TestNode(mode: .manual)
    let call: JSON = ["from": .data(node.accounts[0]), "to": someone, "value": "0x1"]
    let first = try await node.ask("eth_sendTransaction", call)
    #expect(try await node.ask("hardhat_dropTransaction", first) == true)
    #expect(try await node.ask("hardhat_dropTransaction", first) == false)
    let second = try await node.ask("eth_sendTransaction", call)
    #expect(try await node.ask("anvil_dropTransaction", second) == second)
    #expect(try await node.ask("anvil_dropTransaction", second) == .null)
  }

  @Test("the pending header stands for what would be next, and plain numbers name blocks to geth")
  func headers() async throws {
    let node = try TestNode(mode: .manual)
    _ = try await node.ask("anvil_mine", 2)
    let header = try await node.ask("eth_getHeaderByNumber", "pending")
    #expect(header["number"] == "0x3")
    #expect(header["hash"] == .null)
    #expect(header["transactions"] == nil)
    #expect(try await node.ask("debug_getModifiedAccountsByNumber", 1, 2).array != nil)
    #expect(try await node.ask("debug_getModifiedAccountsByNumber", "0x1").array != nil)
  }

  @Test(
    "time goes on from the one that was set for a block, and intervals are hardhat's or anvil's")
  func timeGoesOn() async throws {
    let node = try TestNode()
    let past = TestNode.start / 1000 - 1_000_000
    let old = try TestNode(genesis: Self.genesis(at: past))
    _ = try await old.ask("evm_setNextBlockTimestamp", .integer(past + 500))
    for expected in [past + 500, past + 507] {
      _ = try await old.ask("evm_mine")
      let block = try await old.ask("eth_getBlockByNumber", "latest", false)
      #expect(block["timestamp"] == .quantity(expected))
      old.advance(milliseconds: 7_000)
    }
    _ = try await node.ask("evm_setIntervalMining", 5_000)
    #expect(try await node.ask("anvil_getIntervalMining") == 5)
    _ = try await node.ask("evm_setIntervalMining", 1_001)
    #expect(try await node.ask("anvil_getIntervalMining") == 2)
    _ = try await node.ask("anvil_setIntervalMining", 5_000)
    #expect(try await node.ask("anvil_getIntervalMining") == 5_000)
    _ = try await node.ask("evm_setIntervalMining", 12)
    #expect(try await node.ask("anvil_getIntervalMining") == 12)
  }

  /// The development chain's genesis at a time.
  private static func genesis(at timestamp: UInt64) throws -> Bytes {
    let file = Project.root.appending(path: "genesis/dev.json")
    var json = try #require(try JSON.parse(Bytes(Data(contentsOf: file))).object)
    json["timestamp"] = .quantity(timestamp)
    return JSON.object(json).serialized()
  }
}
