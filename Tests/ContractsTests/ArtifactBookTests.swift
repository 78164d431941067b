import Contracts
import Cryptography
import JSON
import Primitives
import Testing

@Suite("Names from compilers' artifacts")
struct ArtifactBookTests {
  private let abi: JSON = [
    [
      "type": "function", "name": "transfer",
      "inputs": [["name": "to", "type": "address"], ["name": "", "type": "uint256"]],
      "outputs": [["name": "", "type": "bool"]],
    ],
    [
      "type": "error", "name": "Short",
      "inputs": [
        [
          "name": "want", "type": "tuple[]",
          "components": [["name": "a", "type": "uint8"], ["name": "b", "type": "string"]],
        ]
      ],
    ],
    ["type": "function", "name": "odd", "inputs": [["type": "fixed128x18"]]],
  ]

  private func call(_ signature: String, _ values: [ABIValue]) -> Bytes {
    ABI.call(signature, values)
  }

  @Test("hardhat's, foundry's and solc's files all name functions and errors")
  func files() throws {
    let files: [JSON] = [
      ["contractName": "Token", "abi": abi], ["abi": abi, "bytecode": ["object": "0x"]],
      ["contracts": ["a.sol": ["Token": ["abi": abi]]]],
    ]
    for file in files {
      var book = ArtifactBook()
      book.add(file, fileName: "Token")
      #expect(book.count == 2)
      let to = Address(Bytes(repeating: 0x11, count: 20))
      let data = call("transfer(address,uint256)", [.address(to), .uint(UInt256(5))])
      #expect(
        book.describe(call: data)
          == "Token.transfer(to: 0x1111111111111111111111111111111111111111, 5)")
      #expect(book.function(data)?.outputs == [.bool])
      let error = call(
        "Short((uint8,string)[])", [.array([.tuple([.uint(UInt256(1)), .string("x\u{1b}")])])])
      #expect(book.describe(error: error) == "Short(want: [(1, \"x?\")])")
      #expect(book.describe(error: Bytes(error.prefix(40))) == nil)
      #expect(book.describe(call: Bytes(data.prefix(3))) == nil)
      #expect(book.describe(call: error) == nil)
    }
  }

  @Test("files that are no artifacts name nothing")
  func foreign() {
    var book = ArtifactBook()
    for file in [[], "text", ["abi": "x"], ["contracts": [1]], ["abi": [["type": "function"]]]]
      as [JSON]
    { book.add(file, fileName: "x") }
    #expect(book.count == 0)
  }

  @Test("events are told by what is a topic of them, and read from topics and data")
  func events() {
    func transfer(isThirdIndexed: Bool) -> JSON {
      [
        "type": "event", "name": "Transfer",
        "inputs": [
          ["name": "from", "type": "address", "indexed": true],
          ["name": "to", "type": "address", "indexed": true],
          ["name": "value", "type": "uint256", "indexed": .bool(isThirdIndexed)],
        ],
      ]
    }
    let note: JSON = [
      "type": "event", "name": "Note",
      "inputs": [["name": "text", "type": "string", "indexed": true]],
    ]
    var book = ArtifactBook()
    book.add(["abi": [transfer(isThirdIndexed: false), note]], fileName: "Token")
    book.add(["abi": [transfer(isThirdIndexed: true)]], fileName: "Picture")
    let name = Keccak256.hash(Bytes("Transfer(address,address,uint256)".utf8))
    let parties = [Hash(UInt256(0x11)), Hash(UInt256(0x22))]
    let words =
      "from: 0x0000000000000000000000000000000000000011, "
      + "to: 0x0000000000000000000000000000000000000022, value: 5)"
    let five = Hash(UInt256(5))
    #expect(
      book.describe(topics: [name] + parties, data: five.bytes) == "Token.Transfer(" + words)
    #expect(
      book.describe(topics: [name] + parties + [five], data: []) == "Picture.Transfer(" + words)
    let text = Keccak256.hash(Bytes("Note(string)".utf8))
    #expect(
      book.describe(topics: [text, five], data: [])
        == "Token.Note(text: \(five.hexadecimal))", "of a text that is a topic, the hash is left")
    #expect(book.describe(topics: [name], data: five.bytes) == nil)
    #expect(book.describe(topics: [name] + parties, data: [1]) == nil)
    #expect(book.describe(topics: [], data: []) == nil)
  }
}
