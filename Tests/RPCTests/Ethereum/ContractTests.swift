import Cryptography
import Execution
import JSON
import Node
import Primitives
import RPC
import Testing

@Suite("Contracts over JSON-RPC")
struct ContractTests {
  private static let transfer = ABI.eventTopic("Transfer(address,address,uint256)")

  @Test("a token is deployed, called, moved and its logs are found")
  func token() async throws {
    let node = try TestNode()
    let token = try await node.deployToken()
    let (owner, friend) = (node.accounts[0], node.accounts[1])
    func balance(_ account: Address, _ block: JSON = "latest") async throws -> JSON {
      try await node.ask(
        "eth_call", ["to": token, "data": .input("balanceOf(address)", .address(account))], block)
    }
    #expect(try await balance(owner) == .data(Hash(UInt256(1_000_000))))
    let hash = try await node.ask(
      "eth_sendTransaction",
      [
        "from": .data(owner), "to": token,
        "data": .input("transfer(address,uint256)", .address(friend), .uint(UInt256(77))),
      ])
    let receipt = try await node.ask("eth_getTransactionReceipt", hash)
    #expect(receipt["status"] == "0x1")
    #expect(receipt["blockNumber"] == "0x2")
    #expect(try await balance(friend) == .data(Hash(UInt256(77))))
    #expect(try await balance(friend, "0x1") == .data(Hash.zero))
    #expect(try await node.ask("eth_getCode", token, "0x0") == "0x")
    #expect(try await node.ask("eth_getCode", token).string?.hasPrefix("0x6080") == true)

    let logs = try await node.ask(
      "eth_getLogs",
      ["fromBlock": "0x0", "address": token, "topics": [.data(Self.transfer)]])
    #expect(logs.array?.count == 2)
    #expect(logs[1] == receipt["logs"]?[0])
    let mine = try await node.ask(
      "eth_getLogs",
      ["fromBlock": "0x0", "topics": [.null, .null, [.data(Hash(UInt256(friend)))]]])
    #expect(mine == .array([logs[1] ?? .null]))
    #expect(
      try await node.ask("eth_getLogs", ["fromBlock": "0x3"]) == [], "nothing after the head")
    #expect(
      try await node.ask("eth_getLogs", ["blockHash": receipt["blockHash"] ?? .null])
        == receipt["logs"])
  }

  @Test("a call that can tell how much gas it has is run with all of it")
  func callsThatCountGas() async throws {
    let node = try TestNode()
    /// The word that a contract of this code answers, with whatever it calls at 0x…ca11.
    func answer(_ code: String, calling callee: String = "0x") async throws -> UInt256? {
      let target = "0x000000000000000000000000000000000abcc0de"
      let other = "0x000000000000000000000000000000000011ca11"
      for (address, text) in [(target, code), (other, callee)] {
        _ = try await node.ask("anvil_setCode", .string(address), .string(text))
      }
      let call: JSON = ["to": .string(target)]
      var answers: Set<String> = []
      for _ in 0..<3 {
        answers.insert(try await node.ask("eth_call", call, "latest").string ?? "")
      }
      #expect(answers.count == 1)
      return answers.first.flatMap { UInt256(hexadecimal: $0) }
    }
    // GAS, stored and returned.
    let gas = try await answer("0x5a60005260206000f3")
    #expect(gas == UInt256(50_000_000 - 21_000 - 2))
    // Whether a callee succeeds that counts down from 10,000: with 100,000 gas it does not.
    let call = "0x6000600060006000600062"
    let success = try await answer(
      call + "11ca116207a120f160005260206000f3", calling: "0x6127105b600190038060035700")
    #expect(success == .one)
    // 30,000 gas are enough for neither.
    let failure = try await answer(
      call + "11ca11617530f160005260206000f3", calling: "0x6127105b600190038060035700")
    #expect(failure == .zero)
    // A few additions, and what they give is told at once.
    #expect(try await answer("0x602a60005260206000f3") == UInt256(42))
  }

  @Test("storage, its proof and an override of it agree")
  func storage() async throws {
    let node = try TestNode()
    let token = try await node.deployToken()
    // The third slot holds the supply, after name and symbol.
    let supply: JSON = .data(Hash(UInt256(1_000_000)))
    #expect(try await node.ask("eth_getStorageAt", token, "0x2") == supply)
    let proof = try await node.ask("eth_getProof", token, ["0x2"], "latest")
    #expect(proof["storageProof"]?[0]?["value"] == "0xf4240")
    #expect(proof["storageProof"]?[0]?["key"] == "0x2")
    #expect(proof["accountProof"]?.array?.isEmpty == false)
    let call: JSON = ["to": token, "data": .input("totalSupply()")]
    let slot = Hash(UInt256(2)).hexadecimal
    let nine: JSON = .data(Hash(UInt256(9)))
    #expect(try await node.ask("eth_call", call) == supply)
    for (kind, other) in [("stateDiff", supply), ("state", JSON.data(Hash.zero))] {
      let override: JSON = .object(object(token, [kind: .object(object(.string(slot), nine))]))
      #expect(try await node.ask("eth_call", call, "latest", override) == nine)
      let elsewhere: JSON = .object(
        object(token, [kind: .object(object(.data(Hash(UInt256(44))), nine))]))
      #expect(try await node.ask("eth_call", call, "latest", elsewhere) == other)
    }
    #expect(try await node.ask("eth_call", call) == supply, "an override leaves no trace")
  }

  private func object(_ key: JSON, _ value: JSON) -> JSONObject {
    var object = JSONObject()
    object[key.string ?? ""] = value
    return object
  }

  @Test("a factory's child is where CREATE2 predicts it, and its block is what it sees")
  func factory() async throws {
    let node = try TestNode()
    let factory = try await node.deploy("Factory")
    let predicted = try await node.ask(
      "eth_call", ["to": factory, "data": .input("predict(uint256)", .uint(UInt256(5)))])
    let address: JSON = .string("0x" + (predicted.string?.suffix(40) ?? ""))
    #expect(try await node.ask("eth_getCode", address) == "0x")
    let hash = try await node.ask(
      "eth_sendTransaction",
      [
        "from": .data(node.accounts[2]), "to": factory, "value": "0x7",
        "data": .input("makeSalted(uint256)", .uint(UInt256(5))),
      ])
    #expect(try await node.ask("eth_getTransactionReceipt", hash)["status"] == "0x1")
    #expect(try await node.ask("eth_getBalance", address) == "0x7")
    #expect(try await node.ask("eth_getCode", address) != "0x")

    let context: JSON = ["to": factory, "data": .input("context()")]
    func word(_ index: Int, _ block: JSON, _ overrides: JSON...) async throws -> String {
      let reply = try await node.reply("eth_call", [context, block] + overrides)
      let text = reply["result"]?.string ?? "0x"
      return String(text.dropFirst(2 + 64 * index).prefix(64))
    }
    let head = try await node.ask("eth_getBlockByNumber", "latest", false)
    #expect(try await word(0, "latest").hasSuffix("02"))
    #expect(try await word(0, "0x1").hasSuffix("01"))
    #expect(try await word(0, "pending").hasSuffix("03"))
    #expect(try await "0x" + word(5, "pending") == head["hash"]?.string)
    #expect(try await "0x" + word(5, "latest") == head["parentHash"]?.string)
    let time = try await word(1, "latest", .null, ["time": "0x1234"])
    #expect(time.hasSuffix("1234"))
  }

  @Test("a transaction that reverts with the gas it was given gets its receipt")
  func failedTransaction() async throws {
    let node = try TestNode()
    let failures = try await node.deploy("Failures")
    let hash = try await node.ask(
      "eth_sendTransaction",
      [
        "from": .data(node.accounts[0]), "to": failures, "gas": "0x186a0",
        "data": .input("withReason()"),
      ])
    let receipt = try await node.ask("eth_getTransactionReceipt", hash)
    #expect(receipt["status"] == "0x0")
    #expect(receipt["logs"] == [])
  }

  @Test("logs above the limit are refused with the limit")
  func tooManyLogs() async throws {
    var limits = EthereumLimits()
    limits.logs = 1
    let node = try TestNode(limits: limits)
    _ = try await node.deployToken()
    _ = try await node.deployToken()
    #expect(
      try await node.refusal("eth_getLogs", ["fromBlock": "earliest"])
        == "-32005 query returned more than 1 results")
  }
}
