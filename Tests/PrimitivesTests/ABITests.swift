import Primitives
import Testing

@Suite("Contract ABI")
struct ABITests {
  private func words(_ lines: String...) -> Bytes {
    lines.flatMap { line -> Bytes in
      let bytes = Hexadecimal.decode(line) ?? []
      return line.count == 64 ? bytes : Bytes(repeating: 0, count: 32 - bytes.count) + bytes
    }
  }

  private func right(_ text: String) -> String {
    let hexadecimal = Hexadecimal.encode(Bytes(text.utf8))
    return hexadecimal + String(repeating: "0", count: 64 - hexadecimal.count)
  }

  /// Solidity documentation, "Contract ABI Specification", Examples.
  @Test("the examples of Solidity's documentation come out and are read again")
  func golden() throws {
    let sam: [ABIValue] = [.string("dave"), .bool(true), .array([.uint(1), .uint(2), .uint(3)])]
    let samTypes: [ABIType] = [.string, .bool, .array(.uint256)]
    let samBytes = words("60", "01", "a0", "04", right("dave"), "03", "01", "02", "03")
    #expect(ABI.encode(sam) == samBytes)
    #expect(try ABI.decode(samTypes, samBytes) == sam)

    let tail: [ABIValue] = [
      .uint(0x123), .array([.uint(0x456), .uint(0x789)]),
      .fixedBytes(Bytes("1234567890".utf8)), .bytes(Bytes("Hello, world!".utf8)),
    ]
    let tailTypes: [ABIType] = [.uint256, .array(.uint(bits: 32)), .fixedBytes(10), .bytes]
    let tailBytes = words(
      "0123", "80", right("1234567890"), "e0", "02", "0456", "0789", "0d", right("Hello, world!"))
    #expect(ABI.encode(tail) == tailBytes)
    #expect(try ABI.decode(tailTypes, tailBytes) == tail)

    let nested: [ABIValue] = [
      .array([.array([.uint(1), .uint(2)]), .array([.uint(3)])]),
      .array([.string("one"), .string("two"), .string("three")]),
    ]
    let nestedTypes: [ABIType] = [.array(.array(.uint256)), .array(.string)]
    let nestedBytes = words(
      "40", "0140", "02", "40", "a0", "02", "01", "02", "01", "03", "03", "60", "a0", "e0",
      "03", right("one"), "03", right("two"), "05", right("three"))
    #expect(ABI.encode(nested) == nestedBytes)
    #expect(try ABI.decode(nestedTypes, nestedBytes) == nested)
  }

  @Test("static tuples and arrays lie in place, dynamic ones behind an offset")
  func tuples() throws {
    let types: [ABIType] = [
      .tuple([.address, .fixedArray(.bool, 2)]), .tuple([.int(bits: 8), .bytes]),
      .fixedArray(.string, 2), .bytes32,
    ]
    let values: [ABIValue] = [
      .tuple([.address(Address(UInt256(9))), .fixedArray([.bool(true), .bool(false)])]),
      .tuple([.int(UInt256.max), .bytes([])]),
      .fixedArray([.string(""), .string("x")]), .bytes32(Hash(UInt256.max)),
    ]
    let encoded = ABI.encode(values)
    #expect(encoded.prefix(96) == words("09", "01", "00")[...])
    #expect(try ABI.decode(types, encoded) == values)
    #expect(try ABI.decode(types, (Bytes([1, 2, 3]) + encoded).dropFirst(3)) == values)
    #expect(ABI.encode([]) == [])
    #expect(try ABI.decode([], []) == [])
  }

  @Test("values outside the range of their type are refused")
  func outOfRange() {
    let cases: [(ABIType, Bytes)] = [
      (.uint(bits: 8), words("0100")), (.bool, words("02")),
      (.address, words("01" + String(repeating: "0", count: 40))),
      (.int(bits: 8), words("80")), (.fixedBytes(4), words("01")),
    ]
    for (type, bytes) in cases {
      #expect(throws: ABIError.outOfRange) { try ABI.decode([type], bytes) }
    }
  }

  @Test("offsets and lengths that point outside are refused")
  func truncated() {
    let huge = String(repeating: "f", count: 64)
    let large = "7fffffffffffffff"
    let cases: [(ABIType, Bytes)] = [
      (.uint256, []), (.uint256, Bytes(repeating: 0, count: 31)), (.bytes, words("20")),
      (.bytes, words(huge)), (.bytes, words(large)), (.bytes, words("20", huge)),
      (.bytes, words("20", large)), (.bytes, words("20", "01")), (.bytes, words("40")),
      (.array(.uint256), words("20", huge)), (.array(.uint256), words("20", large)),
      (.array(.uint256), words("20", "02", "01")),
      (.fixedArray(.uint256, 3), words("01", "02")),
      (.array(.string), words("20", "01", huge)), (.array(.string), words("20", "01", "20")),
    ]
    for (type, bytes) in cases {
      #expect(throws: ABIError.truncated) { try ABI.decode([type], bytes) }
    }
  }

  @Test("offsets that all point at one array do not make much of little")
  func amplification() {
    // 200 offsets to one array of 200 offsets to one array of 200 numbers would be 8 million.
    func level(_ count: Int, _ body: Bytes) -> Bytes {
      let head = (0..<count).flatMap { _ in UInt256(32 * count).bigEndianBytes }
      return UInt256(count).bigEndianBytes + head + body
    }
    let numbers = UInt256(200).bigEndianBytes + Bytes(repeating: 0, count: 200 * 32)
    let input = UInt256(32).bigEndianBytes + level(200, level(200, numbers))
    #expect(throws: ABIError.tooLarge) {
      try ABI.decode([.array(.array(.array(.uint256)))], input)
    }
    // An offset of 0 points at itself, again and again.
    var type = ABIType.bytes
    for _ in 0..<40 { type = .tuple([type]) }
    #expect(throws: ABIError.tooDeep) {
      try ABI.decode([type], Bytes(repeating: 0, count: 64))
    }
  }

  @Test("random bytes never stop the decoder")
  func random() {
    var generator = CornerGenerator(seed: 12)
    let types: [ABIType] = [
      .array(.tuple([.uint256, .bytes])), .string, .fixedArray(.array(.bool), 2), .address,
    ]
    for _ in 0..<5_000 {
      let input = (0..<Int(generator.next() % 20)).flatMap { _ in
        UInt256(generator.next() % 4 * 32 + generator.next() % 5 / 4).bigEndianBytes
      }
      guard let values = try? ABI.decode(types, input) else { continue }
      #expect((try? ABI.decode(types, ABI.encode(values))) == values)
    }
  }

  @Test(
    "type names are read and written again",
    arguments: [
      "uint256", "int8", "address", "bool", "bytes", "bytes1", "bytes32", "string",
      "uint256[]", "uint256[2][]", "(address,uint256)", "()", "(bytes32,(string,bool)[3])[]",
      "((((uint8))))",
    ])
  func typeNames(name: String) throws {
    let type = try #require(ABIType.parse(name))
    #expect(type.canonicalName == name)
  }

  @Test("short names mean 256 bits, and tuple may stand before a parenthesis")
  func shortNames() throws {
    #expect(ABIType.parse("uint") == .uint256)
    #expect(ABIType.parse("int[]") == .array(.int(bits: 256)))
    #expect(ABIType.parse("tuple(uint,bytes)[2]")?.canonicalName == "(uint256,bytes)[2]")
    let signature = try #require(ABISignature("transfer(address,uint)"))
    #expect(signature.name == "transfer")
    #expect(signature.inputs == [.address, .uint256])
    #expect(signature.canonical == Bytes("transfer(address,uint256)".utf8))
    #expect(ABISignature("f()")?.inputs == [])
  }

  @Test(
    "text that names no type is refused",
    arguments: [
      "", "uint7", "uint0", "uint264", "int08", "bytes0", "bytes33", "bytes032", "adress",
      "uint256[", "uint256]", "uint256[-1]", "uint256[0]", "uint256[1", "uint256[9999999]",
      "(uint256", "uint256)", "(uint256,)", "(,uint256)", "(uint256 )", "uint256 ", "function",
      "()[]", "uint256[65536][65536]", "tuple", "tupleuint256", "((((((((((((((((((uint8)))",
    ])
  func notTypes(text: String) {
    #expect(ABIType.parse(text) == nil)
    #expect(ABISignature("f(" + text + ")") == nil || text.isEmpty)
  }

  @Test(
    "text that is no signature is refused",
    arguments: [
      "", "f", "f(", "f)", "f(uint256", "f(uint256))", "f (uint256)", "f()()", "f()[]", "f-g()",
    ])
  func notSignatures(text: String) {
    #expect(ABISignature(text) == nil)
  }
}
