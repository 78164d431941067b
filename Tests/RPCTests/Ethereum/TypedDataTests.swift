import Cryptography
import JSON
import NativeCryptography
import Node
import Primitives
import Testing

/// Typed data of odd forms and sizes.
@Suite struct TypedDataTests {
  @Test("the first form of typed data, a list, is signed as MetaMask has it, in either order")
  func typedList() async throws {
    let node = try TestNode()
    let account = JSON.data(node.accounts[0])
    let first: JSON = ["type": "string", "name": "message", "value": "Hi, Alice!"]
    let second: JSON = ["type": "uint8", "name": "value", "value": 10]
    for (list, hash) in [
      ([first], "0x14b9f24872e28cc49e72dc104d7380d8e0ba84a3fe2e712704bcac66a5702bd5"),
      ([first, second], "0xf7ad23226db5c1c00ca0ca1468fd49c8f8bbc1489bc1c382de5adc557a69c229"),
    ] as [([JSON], String)] {
      let digest = try #require(Hash(hexadecimal: hash))
      let key = try #require(node.node.wallet.key(of: node.accounts[0]))
      let signature = JSON.data(key.sign(digest).bytes65)
      #expect(try await node.ask("eth_signTypedData", account, .array(list)) == signature)
      #expect(try await node.ask("eth_signTypedData", .array(list), account) == signature)
    }
    for (wrong, message) in [
      ([], "has no values"), ([3], "cannot read object"), ([["type": "uint8"]], "missing field"),
      ([["type": "uint8", "name": "x", "value": 256]], "integer larger than 'uint8'"),
      ([["type": "int8", "name": "x", "value": "-129"]], "integer larger than 'int8'"),
      ([["type": "uint7", "name": "x", "value": 1]], "uint7 is no type"),
      ([["type": "string[]", "name": "x", "value": []]], "string[] cannot be packed"),
      ([["type": "address", "name": "x", "value": "0x12"]], "cannot read address"),
    ] as [(JSON, String)] {
      #expect(try await node.refusal("eth_signTypedData", account, wrong).contains(message))
    }
  }

  @Test("typed data with very many values of a type is hashed in one go, and endless types refused")
  func largeTypedData() async throws {
    let node = try TestNode()
    let account = JSON.data(node.accounts[0])
    let members: [JSON] = (0..<500).map { ["name": .string("m\($0)"), "type": "uint8"] }
    var object = JSONObject()
    for index in 0..<500 { object["m\(index)"] = 7 }
    let one = JSON.object(object)
    let document: JSON = [
      "types": ["T": .array(members), "L": [["name": "list", "type": "T[]"]]],
      "primaryType": "L", "domain": [:],
      "message": ["list": .array([JSON](repeating: one, count: 500))],
    ]
    _ = try await node.ask("eth_signTypedData_v4", account, document)
    var types = JSONObject()
    for index in 0..<300 {
      types["T\(index)"] = [["name": "next", "type": .string("T\(index + 1)")]]
    }
    let endless: JSON = [
      "types": .object(types), "primaryType": "T0", "domain": [:], "message": [:],
    ]
    #expect(
      try await node.refusal("eth_signTypedData_v4", account, endless).contains("256 types"))
    for (type, value, message) in [
      ("uint8", 256, "integer larger than 'uint8'"), ("int16", 32_768, "integer larger"),
      ("uint8[2]", [1], "has 1 elements"), ("uint512", 1, "uint512 is no type"),
    ] as [(String, JSON, String)] {
      let document: JSON = [
        "types": ["M": [["name": "a", "type": .string(type)]]], "primaryType": "M",
        "domain": [:], "message": ["a": value],
      ]
      #expect(
        try await node.refusal("eth_signTypedData_v4", account, document).contains(message))
    }
  }
}
