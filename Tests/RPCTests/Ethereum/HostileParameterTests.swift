import JSON
import Ledger
import Node
import Primitives
import RPC
import Testing

@Suite("Hostile parameters of the Ethereum methods")
struct HostileParameterTests {
  /// A request of each method that is as it should be.
  static func wellFormed(_ node: TestNode) -> [(method: String, parameters: [JSON])] {
    let account: JSON = .data(node.accounts[0])
    let hash: JSON = .data(Hash(UInt256(1)))
    let call: JSON = ["from": account, "to": account, "value": "0x0", "data": "0x"]
    return [
      ("web3_clientVersion", []), ("web3_sha3", ["0x12"]), ("net_version", []),
      ("net_listening", []), ("net_peerCount", []), ("eth_chainId", []), ("eth_blockNumber", []),
      ("eth_accounts", []), ("eth_coinbase", []), ("eth_syncing", []), ("eth_gasPrice", []),
      ("eth_maxPriorityFeePerGas", []), ("eth_baseFee", []), ("eth_blobBaseFee", []),
      ("eth_feeHistory", ["0x2", "latest", [10, .double(50.5)]]),
      ("eth_getBalance", [account, "latest"]),
      ("eth_getCode", [account, "0x0"]), ("eth_getStorageAt", [account, "0x0", "pending"]),
      ("eth_getTransactionCount", [account, "pending"]),
      ("eth_getProof", [account, ["0x1", hash], "earliest"]),
      ("eth_getBlockByNumber", ["safe", true]), ("eth_getBlockByHash", [hash, false]),
      ("eth_getBlockTransactionCountByNumber", ["finalized"]),
      ("eth_getBlockTransactionCountByHash", [hash]), ("eth_getUncleCountByBlockNumber", ["0x0"]),
      ("eth_getUncleCountByBlockHash", [hash]), ("eth_getBlockReceipts", ["latest"]),
      ("eth_getTransactionByHash", [hash]), ("eth_getTransactionReceipt", [hash]),
      ("eth_getRawTransactionByHash", [hash]),
      ("eth_getTransactionByBlockNumberAndIndex", ["0x0", "0x0"]),
      ("eth_getTransactionByBlockHashAndIndex", [hash, "0x0"]),
      ("eth_call", [call, ["blockNumber": "0x0"], [:], ["time": "0x1"]]),
      ("eth_estimateGas", [call, "latest", [:], [:]]), ("eth_sendTransaction", [call]),
      ("eth_signTransaction", [call]), ("eth_sign", [account, "0x"]),
      ("personal_sign", ["0x", account, ""]),
      ("eth_getLogs", [["fromBlock": "0x0", "toBlock": "latest", "topics": [.null, [hash]]]]),
      ("eth_newFilter", [["address": [account], "topics": [hash]]]), ("eth_newBlockFilter", []),
      ("eth_newPendingTransactionFilter", [false]), ("eth_uninstallFilter", ["0x1"]),
    ]
  }

  /// Methods that answer a request as it should be with an error, since what it names is not there.
  static let namesNothing: [(method: String, parameters: [JSON])] = [
    ("eth_sendRawTransaction", ["0x02"]), ("eth_getFilterChanges", ["0x1"]),
    ("eth_getFilterLogs", ["0x1"]),
  ]

  /// Values that are nowhere right, or nearly.
  static let strange: [JSON] = [
    true, 7, .number(JSONNumber(text: "1e400") ?? JSONNumber(0)), -1, "", "0", "0x", "0xg",
    "0x0x12", "0x00", "latest ", "newest", "é", "0x\u{0}", [], [[]], [:], ["": .null],
    ["blockHash": "0x1"], ["blockNumber": 3],
    .string("0x" + String(repeating: "f", count: 65)),
    .string("0x" + String(repeating: "f", count: 100_001)),
    .array([JSON](repeating: "0x1", count: 5_000)), nested(100),
  ]

  private static func nested(_ depth: Int) -> JSON {
    (0..<depth).reduce([:]) { inner, level in level % 2 == 0 ? ["from": inner] : [inner] }
  }

  @Test("what is asked here is there to be asked")
  func known() throws {
    let node = try TestNode(mode: .manual)
    let asked = Self.wellFormed(node).map(\.method) + Self.namesNothing.map(\.method)
    #expect(Set(asked).isSubset(of: node.dispatcher.methodNames))
  }

  @Test("every method takes a strange first parameter, and one too many, without harm")
  func strangeFirst() async throws {
    let node = try TestNode(mode: .manual)
    for method in node.dispatcher.methodNames {
      for value in Self.strange {
        try await check(node, method, [value])
        try await check(node, method, [value, value, value, value, value, value, value])
      }
    }
  }

  @Test("a request as it should be has a result, one more parameter or one less an error")
  func counts() async throws {
    let node = try TestNode(mode: .manual)
    for (method, parameters) in Self.wellFormed(node) {
      let reply = try await node.reply(method, parameters)
      #expect(reply["result"] != nil, "\(method): \(reply)")
      let more = try await node.reply(method, parameters + ["0x0", "0x0", "0x0", "0x0"])
      #expect(more["error"]?["code"] == -32602, "\(method): \(more)")
    }
    let requiring = (Self.wellFormed(node) + Self.namesNothing).filter { !$0.parameters.isEmpty }
    for method in requiring.map(\.method) where method != "eth_newPendingTransactionFilter" {
      let reply = try await node.reply(method, [])
      #expect(
        reply["error"]?["message"] == "missing value for required argument 0",
        "\(method): \(reply)")
    }
  }

  @Test("whatever stands in a place, the reply is a result or an error with code and message")
  func strangeValues() async throws {
    let node = try TestNode(mode: .manual)
    for (method, parameters) in Self.wellFormed(node) + Self.namesNothing {
      for place in parameters.indices {
        for value in Self.strange {
          var changed = parameters
          changed[place] = value
          try await check(node, method, changed)
        }
      }
    }
  }

  @Test("whatever stands in a field of an object, too")
  func strangeFields() async throws {
    let node = try TestNode(mode: .manual)
    let fields: [(method: String, names: [String])] = [
      (
        "eth_call",
        [
          "from", "to", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "value",
          "nonce", "data", "input", "chainId", "accessList", "blobVersionedHashes",
          "maxFeePerBlobGas", "authorizationList",
        ]
      ),
      (
        "eth_sendTransaction",
        ["from", "to", "gas", "gasPrice", "maxFeePerGas", "value", "nonce", "data", "chainId"]
      ),
      ("eth_getLogs", ["fromBlock", "toBlock", "blockHash", "address", "topics"]),
      ("eth_newFilter", ["fromBlock", "toBlock", "blockHash", "address", "topics"]),
    ]
    let numbers: [JSON] = [
      "0x1", "0xffffffffffffffff", .string("0x" + String(repeating: "f", count: 64)),
      [.data(Hash(UInt256(1)))],
    ]
    for (method, names) in fields {
      for name in names {
        for value in Self.strange + numbers {
          var object = JSONObject()
          object["from"] = .data(node.accounts[0])
          object["to"] = .data(node.accounts[1])
          object[name] = value
          try await check(node, method, [.object(object)])
        }
      }
    }
  }

  @Test("whatever a call supposes of accounts and of its block, too")
  func strangeOverrides() async throws {
    let node = try TestNode(mode: .manual)
    let largest: JSON = .string("0x" + String(repeating: "f", count: 64))
    let address = node.accounts[0].hexadecimal
    let values = Self.strange + ["0x1", "0xffffffffffffffff", largest, ["0x1": "0x1"]]
    for method in ["eth_call", "eth_estimateGas"] {
      let call: JSON = ["from": .string(address), "to": .string(address), "value": "0x1"]
      for value in values {
        for name in ["balance", "nonce", "code", "state", "stateDiff", "movePrecompileToAddress"] {
          var account = JSONObject()
          account[name] = value
          var accounts = JSONObject()
          accounts[address] = .object(account)
          try await check(node, method, [call, "latest", .object(accounts)])
        }
        for name in [
          "number", "time", "gasLimit", "feeRecipient", "prevRandao", "baseFeePerGas",
          "blobBaseFee", "difficulty",
        ] {
          var block = JSONObject()
          block[name] = value
          try await check(
            node, method, [call, "latest", Self.blockReader(address), .object(block)])
        }
      }
    }
  }

  /// Supposes code that asks for all that a block has: the parent's hash, base fee, and so on.
  private static func blockReader(_ address: String) -> JSON {
    let code = "0x60014303" + "404148444245464a" + "60005260206000f3"
    var accounts = JSONObject()
    accounts[address] = ["code": .string(code)]
    return .object(accounts)
  }

  /// The reply has a result, or an error that says why and blames the node for nothing.
  private func check(_ node: TestNode, _ method: String, _ parameters: [JSON]) async throws {
    let reply = try await node.reply(method, parameters)
    if reply["result"] != nil { return }
    let code = try #require(reply["error"]?["code"]?.int)
    #expect([-32602, -32000, -32005, 3].contains(code), "\(method): \(reply["error"] ?? .null)")
    #expect(reply["error"]?["message"]?.string?.isEmpty == false)
  }
}
