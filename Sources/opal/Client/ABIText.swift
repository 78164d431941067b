import Cryptography
import Primitives

/// Values of the contract ABI as people write and read them.
enum ABIText {
  /// The value of a type that a word spells: `5`, `0x…`, `true`, `[1,2]`, `(0x…,"text")`.
  static func parse(_ text: String, as type: ABIType, depth: Int = 0) throws(Failure) -> ABIValue {
    let wrong = Failure.usage("'\(text)' is no \(type.canonicalName)")
    guard depth <= 16 else { throw wrong }
    switch type {
    case .uint(let bits):
      guard let number = number(text), number.bitWidthUsed <= bits else { throw wrong }
      return .uint(number)
    case .int:
      let isNegative = text.hasPrefix("-")
      guard let number = number(isNegative ? String(text.dropFirst()) : text) else { throw wrong }
      return .int(isNegative ? UInt256.zero &- number : number)
    case .address:
      guard let address = Address(hexadecimal: text), text.hasPrefix("0x") else { throw wrong }
      return .address(address)
    case .bool:
      guard ["true", "false", "1", "0"].contains(text) else { throw wrong }
      return .bool(text == "true" || text == "1")
    case .fixedBytes(let count):
      guard text.hasPrefix("0x"), let bytes = Hexadecimal.decode(text), bytes.count == count else {
        throw wrong
      }
      return .fixedBytes(bytes)
    case .bytes:
      guard text.hasPrefix("0x"), let bytes = Hexadecimal.decode(text) else { throw wrong }
      return .bytes(bytes)
    case .string:
      let isQuoted = depth > 0 && text.hasPrefix("\"") && text.hasSuffix("\"") && text.count > 1
      return .string(isQuoted ? String(text.dropFirst().dropLast()) : text)
    case .array(let element):
      guard let parts = parts(text, "[", "]") else { throw wrong }
      return .array(try values(parts, Array(repeating: element, count: parts.count), depth))
    case .fixedArray(let element, let count):
      guard let parts = parts(text, "[", "]"), parts.count == count else { throw wrong }
      return .fixedArray(try values(parts, Array(repeating: element, count: count), depth))
    case .tuple(let members):
      guard let parts = parts(text, "(", ")"), parts.count == members.count else { throw wrong }
      return .tuple(try values(parts, members, depth))
    }
  }

  private static func values(
    _ parts: [String], _ types: [ABIType], _ depth: Int
  ) throws(Failure) -> [ABIValue] {
    var values: [ABIValue] = []
    for (part, type) in zip(parts, types) {
      values.append(try parse(part, as: type, depth: depth + 1))
    }
    return values
  }

  private static func number(_ text: String) -> UInt256? {
    text.hasPrefix("0x") ? UInt256(hexadecimal: text) : UInt256(decimal: text)
  }

  /// What stands between brackets, cut at the commas of the outermost level.
  private static func parts(_ text: String, _ open: Character, _ close: Character) -> [String]? {
    guard text.first == open, text.last == close, text.count >= 2 else { return nil }
    var parts: [String] = []
    var part = ""
    var depth = 0
    var isQuoted = false
    for character in text.dropFirst().dropLast() {
      if character == "\"" { isQuoted.toggle() }
      if !isQuoted {
        if "[(".contains(character) { depth += 1 }
        if "])".contains(character) { depth -= 1 }
        if character == ",", depth == 0 {
          parts.append(part.trimmed)
          part = ""
          continue
        }
      }
      part.append(character)
    }
    if !part.trimmed.isEmpty || !parts.isEmpty { parts.append(part.trimmed) }
    return depth == 0 && !isQuoted ? parts : nil
  }

  /// `name(inputs)(outputs)`, of which the outputs may be left out.
  static func signature(
    _ text: String
  ) throws(Failure) -> (function: ABISignature, outputs: [ABIType]?) {
    var depth = 0
    var end: String.Index?
    for index in text.indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" {
        depth -= 1
        if depth == 0 {
          end = text.index(after: index)
          break
        }
      }
    }
    guard let end, let function = ABISignature(String(text[..<end])) else {
      throw .usage("'\(text)' is no signature such as 'transfer(address,uint256)(bool)'")
    }
    if end == text.endIndex { return (function, nil) }
    guard case .tuple(let outputs)? = ABIType.parse(String(text[end...])) else {
      throw .usage("'\(text[end...])' are no types of results")
    }
    return (function, outputs)
  }

  /// The values that words spell for a signature's inputs.
  static func arguments(
    _ words: [String], for types: [ABIType]
  ) throws(Failure) -> [ABIValue] {
    guard words.count == types.count else {
      throw .usage("expected \(types.count) arguments, got \(words.count)")
    }
    return try values(words, types, -1)
  }

  /// The data of a call: selector and arguments.
  static func call(_ signature: ABISignature, _ values: [ABIValue]) -> Bytes {
    selector(signature) + ABI.encode(values)
  }

  static func selector(_ signature: ABISignature) -> Bytes {
    Bytes(Keccak256.hash(signature.canonical).bytes.prefix(4))
  }
}

extension String {
  /// Without spaces at both ends.
  var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

extension UInt256 {
  /// How many bits the number takes.
  fileprivate var bitWidthUsed: Int { 256 - leadingZeroBitCount }
}
