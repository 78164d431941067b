import Cryptography
import JSON
import Primitives

/// Tests of encodings: RLP, the contract ABI, hex-prefix paths.
let encodingVectors: [VectorKind] = [
  VectorKind({ $0.has("in", "out") }, eachCase: RLPVectors.verdict),
  VectorKind({ $0.has("args", "types", "result") }, eachCase: ABIVectors.basic),
  VectorKind({ $0.has("seq", "term", "out") }, eachCase: PathVectors.verdict),
]

/// RLPTests: a value and its encoding, or bytes that are or are not one.
enum RLPVectors {
  /// A decoded item.
  enum Item: Hashable {
    case bytes(Bytes)
    case list([Item])
  }

  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let encoded = try test.field("out").bytes()
    let value = try test.field("in")
    switch value.json.string {
    case "VALID": return .check("rlp", true, decode(encoded) != nil)
    case "INVALID": return .check("rlp", false, decode(encoded) != nil)
    default: return compare(try item(value), encoded)
    }
  }

  /// Both ways: the item has the encoding, and the encoding is the item's.
  static func compare(_ item: Item, _ encoded: Bytes) -> Verdict {
    .all(
      .compare("rlp", encoded, encode(item)),
      .check("decoded", true, decode(encoded) == item))
  }

  /// Text stands for its bytes, "#" for a decimal number.
  private static func item(_ value: Fixture) throws(FixtureError) -> Item {
    if value.json.array != nil {
      var items: [Item] = []
      for element in try value.elements() { items.append(try item(element)) }
      return .list(items)
    }
    if let text = value.json.string {
      guard text.hasPrefix("#") else { return .bytes(Bytes(text.utf8)) }
      return .bytes(try bigEndian(text.dropFirst(), value))
    }
    return .bytes(try value.uint256().minimalBigEndianBytes)
  }

  /// A decimal number of any size.
  private static func bigEndian(
    _ digits: Substring, _ place: Fixture
  ) throws(FixtureError) -> Bytes {
    guard digits.utf8.count <= 1000 else { throw place.fault("a number of over 1000 digits") }
    var littleEndian: Bytes = []
    for character in digits.utf8 {
      guard 0x30...0x39 ~= character else { throw place.fault("expected decimal digits") }
      var carry = Int(character - 0x30)
      for index in littleEndian.indices {
        carry += Int(littleEndian[index]) * 10
        littleEndian[index] = UInt8(carry & 255)
        carry >>= 8
      }
      if carry > 0 { littleEndian.append(UInt8(carry)) }
    }
    return littleEndian.reversed()
  }

  static func encode(_ item: Item) -> Bytes {
    switch item {
    case .bytes(let bytes): RLPWriter.encode(bytes: bytes)
    case .list(let items): RLPWriter.list(rawItems: items.map { encode($0) })
    }
  }

  /// The one item that the bytes are, or nil.
  static func decode(_ bytes: Bytes) -> Item? {
    var reader = RLPReader(bytes)
    guard let item = try? next(&reader, depth: 0), reader.isAtEnd else { return nil }
    return item
  }

  /// Deeper lists are refused.
  private static var depthLimit: Int { 256 }

  private static func next(
    _ reader: inout RLPReader, depth: Int
  ) throws(RLPError) -> Item {
    guard depth < depthLimit else { throw .tooLarge }
    guard try reader.nextIsList() else { return .bytes(Bytes(try reader.bytes())) }
    var list = try reader.list()
    var items: [Item] = []
    while !list.isAtEnd { items.append(try next(&list, depth: depth + 1)) }
    return .list(items)
  }
}

/// Tests of the contract ABI.
enum ABIVectors {
  /// ABITests: arguments and what they encode to.
  @Sendable static func basic(_ test: Fixture) throws(FixtureError) -> Verdict {
    let arguments = try test.field("args").elements()
    var values: [ABIValue] = []
    for (index, type) in try test.field("types").elements().enumerated() {
      guard index < arguments.count else { throw test.fault("has fewer args than types") }
      values.append(try value(try self.type(type), arguments[index]))
    }
    return .compare("encoding", try test.field("result").bytes(), ABI.encode(values))
  }

  /// ethers' cases: one value, both ways.
  @Sendable static func ethers(_ test: Fixture) throws(FixtureError) -> Verdict {
    let type = try self.type(try test.field("type"))
    let value = try value(type, try test.field("value"))
    let encoded = try test.field("encoded").bytes()
    let encoding = Verdict.compare("encoding", encoded, ABI.encode([value]))
    guard encoding == .passed else { return encoding }
    do throws(ABIError) {
      return .check("decoded", true, try ABI.decode([type], encoded) == [value])
    } catch {
      return .check("decoded", true, false)
    }
  }

  static func type(_ name: Fixture) throws(FixtureError) -> ABIType {
    guard let type = ABIType.parse(try name.text()) else { throw name.fault("is no ABI type") }
    return type
  }

  /// A value of a type, as JSON says it.
  static func value(_ type: ABIType, _ json: Fixture) throws(FixtureError) -> ABIValue {
    switch type {
    case .uint: return .uint(try number(json))
    case .int: return .int(try number(json))
    case .address: return .address(try json.address())
    case .bool:
      guard let value = json.json.bool else { throw json.fault("expected a truth value") }
      return .bool(value)
    case .fixedBytes(let count):
      let bytes = try bytes(json)
      guard bytes.count == count else { throw json.fault("expected \(count) bytes") }
      return .fixedBytes(bytes)
    case .bytes: return .bytes(try bytes(json))
    case .string: return .string(Bytes(try json.text().utf8))
    case .array(let element): return .array(try values(element, json))
    case .fixedArray(let element, _): return .fixedArray(try values(element, json))
    case .tuple(let members):
      let parts = try json.elements()
      guard parts.count == members.count else { throw json.fault("has the wrong length") }
      var values: [ABIValue] = []
      for (member, part) in zip(members, parts) { values.append(try value(member, part)) }
      return .tuple(values)
    }
  }

  private static func values(
    _ type: ABIType, _ json: Fixture
  ) throws(FixtureError) -> [ABIValue] {
    var values: [ABIValue] = []
    for element in try json.elements() { values.append(try value(type, element)) }
    return values
  }

  /// A number, which may be negative, in two's complement of 256 bits.
  static func number(_ json: Fixture) throws(FixtureError) -> UInt256 {
    guard let text = json.json.string ?? json.json.number?.text, text.hasPrefix("-") else {
      return try json.uint256()
    }
    let digits = String(text.dropFirst())
    guard let magnitude = UInt256(decimal: digits) ?? UInt256(hexadecimal: digits) else {
      throw json.fault("expected a number")
    }
    return .zero &- magnitude
  }

  /// Hexadecimal with "0x", or text that stands for its bytes.
  private static func bytes(_ json: Fixture) throws(FixtureError) -> Bytes {
    let text = try json.text()
    return text.hasPrefix("0x") ? try json.bytes() : Bytes(text.utf8)
  }
}

/// Hex-prefix paths (Yellow Paper, appendix C): nibbles with a flag for their end and parity.
enum PathVectors {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    var nibbles: Bytes = []
    for element in try test.field("seq").elements() {
      let nibble = try element.uint64()
      guard nibble < 16 else { throw element.fault("is no nibble") }
      nibbles.append(UInt8(nibble))
    }
    let isEnd = test.json["term"]?.bool ?? false
    let flag: UInt8 = (isEnd ? 2 : 0) + UInt8(nibbles.count & 1)
    let padded = nibbles.count.isMultiple(of: 2) ? [flag, 0] + nibbles : [flag] + nibbles
    var packed: Bytes = []
    for index in stride(from: 0, to: padded.count, by: 2) {
      packed.append(padded[index] << 4 | padded[index + 1])
    }
    return .compare("path", try test.field("out").bytes(), packed)
  }
}
