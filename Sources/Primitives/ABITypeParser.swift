/// Reads ABI types and signatures as text.
///
/// A stack of open tuples stands in for recursion, so that depth is bounded by a limit and not by
/// the stack of the thread.
extension ABIType {
  /// The type that a name such as "uint256[2][]" or "(address,bytes)" spells, or nil.
  ///
  /// "uint" and "int" mean 256 bits, and "tuple" may stand before a parenthesis.
  public static func parse(_ text: String) -> ABIType? {
    var parser = ABITypeParser(Bytes(text.utf8))
    guard let type = parser.type(), parser.isAtEnd else { return nil }
    return type
  }
}

/// The name of a function, event or error with the types of its arguments.
public struct ABISignature: Hashable, Sendable {
  /// The name before the parenthesis; empty for a constructor or an anonymous tuple.
  public let name: String
  /// The types of the arguments.
  public let inputs: [ABIType]

  /// The signature that text such as "transfer(address,uint256)" spells, or nil.
  public init?(_ text: String) {
    let bytes = Bytes(text.utf8)
    guard let open = bytes.firstIndex(of: UInt8(ascii: "(")) else { return nil }
    for character in bytes[..<open] where !Self.isNameCharacter(character) { return nil }
    var parser = ABITypeParser(Bytes(bytes[open...]))
    guard case .tuple(let inputs)? = parser.type(), parser.isAtEnd else { return nil }
    name = Hexadecimal.string(Bytes(bytes[..<open]))
    self.inputs = inputs
  }

  /// The signature as it is hashed: "uint" written out, no spaces.
  public var canonical: Bytes {
    var text = Bytes(name.utf8)
    ABIType.appendNames(of: inputs, to: &text)
    return text
  }

  private static func isNameCharacter(_ character: UInt8) -> Bool {
    switch character {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x24, 0x5f: true
    default: false
    }
  }
}

/// A cursor over the text of a type.
private struct ABITypeParser {
  private let text: Bytes
  private var position = 0

  init(_ text: Bytes) { self.text = text }

  var isAtEnd: Bool { position == text.count }

  /// The next type with its array suffixes, or nil.
  mutating func type() -> ABIType? {
    var open: [[ABIType]] = []
    while true {
      if takeTupleStart() {
        guard open.count < ABIType.depthLimit else { return nil }
        open.append([])
        guard take(UInt8(ascii: ")")) else { continue }
      } else {
        guard let base = elementary(), let type = withSuffixes(base) else { return nil }
        guard !open.isEmpty else { return type }
        open[open.count - 1].append(type)
        if take(UInt8(ascii: ",")) { continue }
        guard take(UInt8(ascii: ")")) else { return nil }
      }
      // A tuple is closed, and perhaps the one around it, and so on.
      closing: while true {
        guard let members = open.popLast(), let type = withSuffixes(.tuple(members)) else {
          return nil
        }
        guard !open.isEmpty else { return type }
        open[open.count - 1].append(type)
        if take(UInt8(ascii: ",")) { break closing }
        guard take(UInt8(ascii: ")")) else { return nil }
      }
    }
  }

  private mutating func takeTupleStart() -> Bool {
    let start = position
    _ = take("tuple")
    if take(UInt8(ascii: "(")) { return true }
    position = start
    return false
  }

  private mutating func elementary() -> ABIType? {
    if take("address") { return .address }
    if take("bool") { return .bool }
    if take("string") { return .string }
    if take("bytes") {
      guard nextIsDigit else { return .bytes }
      guard let count = number(), 1...32 ~= count else { return nil }
      return .fixedBytes(count)
    }
    let signed: Bool
    if take("uint") {
      signed = false
    } else if take("int") {
      signed = true
    } else {
      return nil
    }
    guard nextIsDigit else { return signed ? .int(bits: 256) : .uint(bits: 256) }
    guard let bits = number(), 8...256 ~= bits, bits % 8 == 0 else { return nil }
    return signed ? .int(bits: bits) : .uint(bits: bits)
  }

  private mutating func withSuffixes(_ base: ABIType) -> ABIType? {
    var type = base
    var depth = 0
    while take(UInt8(ascii: "[")) {
      depth += 1
      guard depth <= ABIType.depthLimit, type.headSizeInBytes > 0 else { return nil }
      if take(UInt8(ascii: "]")) {
        type = .array(type)
        continue
      }
      guard let count = number(), take(UInt8(ascii: "]")) else { return nil }
      guard count > 0, count <= ABIType.fixedCountLimit * 32 / type.headSizeInBytes else {
        return nil
      }
      type = .fixedArray(type, count)
    }
    return type
  }

  private var nextIsDigit: Bool { position < text.count && 0x30...0x39 ~= text[position] }

  /// A number of at most six digits without a leading zero.
  private mutating func number() -> Int? {
    var value = 0
    let start = position
    while nextIsDigit, position - start < 6 {
      value = value * 10 + Int(text[position] - 0x30)
      position += 1
    }
    guard position > start, !nextIsDigit else { return nil }
    return text[start] == 0x30 && position - start > 1 ? nil : value
  }

  private mutating func take(_ character: UInt8) -> Bool {
    guard position < text.count, text[position] == character else { return false }
    position += 1
    return true
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard text.count - position >= count else { return false }
    let matches = word.withUTF8Buffer { buffer in
      unsafe text[position..<position + count].elementsEqual(buffer)
    }
    if matches { position += count }
    return matches
  }
}
