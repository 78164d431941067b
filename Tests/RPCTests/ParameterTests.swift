import Execution
import JSON
import Primitives
import RPC
import Testing

@Suite("Parameters of JSON-RPC calls")
struct ParameterTests {
  private let address = "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

  /// What reading a parameter is refused with.
  private func refusal<Value>(
    _ json: JSON, _ read: (RPCValue) throws(RPCError) -> Value
  ) -> String? {
    do throws(RPCError) {
      _ = try read(try RPCParameters([json]).required(0))
      return nil
    } catch {
      return error.code == -32602 ? error.message : "code \(error.code)"
    }
  }

  @Test("parameters that are missing or too many are named by number")
  func presence() {
    let parameters = RPCParameters([1, nil])
    #expect(parameters.optional(1) == nil)
    #expect(parameters.optional(2) == nil)
    for index in 1...2 {
      #expect(
        throws: RPCError(
          code: -32602, message: "missing value for required argument \(index)")
      ) { _ = try parameters.required(index) }
    }
    #expect(throws: RPCError(code: -32602, message: "too many arguments, want at most 1")) {
      try parameters.limit(to: 1)
    }
  }

  @Test("well-formed values are read")
  func values() throws {
    func value(_ json: JSON) throws -> RPCValue { try RPCParameters([json]).required(0) }
    #expect(try value(.string(address)).address().hexadecimal == address.lowercased())
    #expect(try value("0x0").quantity() == .zero)
    #expect(try value(.string("0x" + String(repeating: "f", count: 64))).quantity() == .max)
    #expect(try value("0xffffffffffffffff").uint64() == .max)
    #expect(try value("0x").data() == [])
    #expect(try value("0xABcd").data() == [0xab, 0xcd])
    #expect(try value(true).bool())
    #expect(try value("0x5").storageKey() == 5)
    #expect(try value("00ff").storageKey() == 255)
    for json: JSON in ["0x003c", 60, "60", "0x3c"] {
      #expect(try value(json).looseQuantity() == 60)
    }
  }

  @Test("malformed values are refused with what is wrong with them")
  func refusals() {
    let prefix = "invalid argument 0: cannot read "
    for (json, cause) in [
      ("0x12", "hex string has length 2, want 40"), ("12", "hex string without 0x prefix"),
      ("", "empty hex string"), ("0x123", "hex string of odd length"), (12, "non-string"),
      (.string("0x" + String(repeating: "g", count: 40)), "invalid hex string"),
      (.string("0x0x" + String(repeating: "a", count: 38)), "invalid hex string"),
    ] as [(JSON, String)] {
      #expect(
        refusal(json) { v throws(RPCError) in try v.address() } == prefix + "address: " + cause)
    }
    for (json, cause) in [
      ("0x", "hex string \"0x\""), ("0x01", "hex number with leading zero digits"),
      ("0xz", "invalid hex string"), ("5", "hex string without 0x prefix"), (5, "non-string"),
      (.string("0x1" + String(repeating: "0", count: 64)), "hex number > 256 bits"),
    ] as [(JSON, String)] {
      #expect(
        refusal(json) { v throws(RPCError) in try v.quantity() } == prefix + "quantity: " + cause)
    }
    #expect(
      refusal("0x10000000000000000") { v throws(RPCError) in try v.uint64() }
        == prefix + "quantity: hex number > 64 bits")
    #expect(
      refusal("0xasdf") { v throws(RPCError) in try v.storageKey() }
        == "invalid hex in storage key: \"0xasdf\"")
  }

  @Test("blocks are named by tag, number, hash or object")
  func blocks() throws {
    func block(_ json: JSON) throws -> BlockSelector {
      try RPCParameters([json]).required(0).block()
    }
    #expect(try block("latest") == .latest)
    #expect(try block("safe") == .safe)
    #expect(try block("0x10") == .number(16))
    let hash = "0x" + String(repeating: "ab", count: 32)
    let value = Hash(Bytes(repeating: 0xab, count: 32))
    #expect(try block(.string(hash)) == .hash(value, requireCanonical: false))
    #expect(
      try block(["blockHash": .string(hash), "requireCanonical": true])
        == .hash(value, requireCanonical: true))
    #expect(try block(["blockNumber": "pending"]) == .pending)
    #expect(try block(5) == .number(5))
    #expect(try block(["blockNumber": 5]) == .number(5))
    for (json, message) in [
      ("2", "hex string without 0x prefix"), ("newest", "hex string without 0x prefix"),
      ("0x8000000000000000", "block number larger than int64"),
      ([:], "neither blockNumber nor blockHash"),
      (-5, "block is neither string nor object"),
      (true, "block is neither string nor object"),
      (
        ["blockHash": .string(hash), "blockNumber": "0x1"],
        "cannot specify both BlockHash and BlockNumber, choose one or the other"
      ),
    ] as [(JSON, String)] {
      #expect(
        refusal(json) { v throws(RPCError) in try v.block() } == "invalid argument 0: " + message)
    }
  }

  @Test("a transaction object is read whole, and its wrong field named")
  func transactions() throws {
    let json = try JSON.parse(
      """
      {"from":"\(address)","to":null,"gas":"0x5208","maxFeePerGas":"0x3b9aca00","value":"0x1",
       "nonce":"0x7","input":"0x6001","data":"0x6001","chainId":"0x7a69","unknown":1,
       "accessList":[{"address":"\(address)","storageKeys":["0x\(String(repeating: "0", count: 63))5"]}],
       "blobVersionedHashes":["0x\(String(repeating: "01", count: 32))"],
       "authorizationList":[{"chainId":"0x1","address":"\(address)","nonce":"0x0","yParity":"0x1",
         "r":"0x2","s":"0x3"}]}
      """)
    let arguments = try RPCParameters([json]).required(0).transactionArguments()
    #expect(arguments.from?.hexadecimal == address.lowercased())
    #expect(arguments.to == nil)
    #expect(arguments.gasLimit == 21000)
    #expect(arguments.maxFeePerGas == 1_000_000_000)
    #expect(arguments.nonce == 7)
    #expect(arguments.data == [0x60, 0x01])
    #expect(arguments.chainID == 31337)
    #expect(arguments.accessList?.first?.storageKeys == [5])
    #expect(arguments.blobHashes?.count == 1)
    #expect(arguments.authorizations?.first?.yParity == 1)

    for (json, message) in [
      (["from": "0x12"], "from: cannot read address: hex string has length 2, want 40"),
      (["accessList": [["address": 5]]], "accessList[0].address: cannot read address: non-string"),
      (["accessList": [[:]]], "accessList[0]: missing field address"),
      ("0x", "cannot read object: string"),
      (
        ["gasPrice": "0x1", "maxFeePerGas": "0x1"],
        "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified"
      ),
    ] as [(JSON, String)] {
      #expect(
        refusal(json) { v throws(RPCError) in try v.transactionArguments() }
          == "invalid argument 0: " + message)
    }
  }
}
