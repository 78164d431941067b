/// The type of a value in the contract ABI.
///
/// Source: Solidity documentation, "Contract ABI Specification".
public indirect enum ABIType: Hashable, Sendable {
  /// An unsigned number of 8 to 256 bits.
  case uint(bits: Int)
  /// A number in two's complement of 8 to 256 bits.
  case int(bits: Int)
  /// 20 bytes.
  case address
  /// A truth value.
  case bool
  /// 1 to 32 bytes.
  case fixedBytes(Int)
  /// Bytes of any number.
  case bytes
  /// Text in UTF-8.
  case string
  /// Elements of any number.
  case array(ABIType)
  /// This many elements.
  case fixedArray(ABIType, Int)
  /// Values of different types.
  case tuple([ABIType])

  /// An unsigned number of 256 bits.
  public static var uint256: ABIType { .uint(bits: 256) }

  /// 32 bytes.
  public static var bytes32: ABIType { .fixedBytes(32) }

  /// How deep types may nest.
  static let depthLimit = 16

  /// How many elements an array of fixed length may have, and how many words its head.
  static let fixedCountLimit = 1 << 16

  /// Whether values lie in the tail, behind an offset.
  public var isDynamic: Bool {
    switch self {
    case .bytes, .string, .array: true
    case .fixedArray(let element, _): element.isDynamic
    case .tuple(let members): members.contains { member in member.isDynamic }
    default: false
    }
  }

  /// How many bytes a value takes in the head of its tuple: 32 for a dynamic one.
  public var headSizeInBytes: Int {
    if isDynamic { return 32 }
    switch self {
    case .fixedArray(let element, let count): return count * element.headSizeInBytes
    case .tuple(let members): return Self.headSizeInBytes(of: members)
    default: return 32
    }
  }

  static func headSizeInBytes(of members: [ABIType]) -> Int {
    var size = 0
    for member in members { size += member.headSizeInBytes }
    return size
  }

  /// The name that signatures are hashed with, such as "(address,uint256)[2][]".
  public var canonicalName: String {
    var name = Bytes()
    appendName(to: &name)
    return Hexadecimal.string(name)
  }

  func appendName(to name: inout Bytes) {
    switch self {
    case .uint(let bits): Self.append("uint", bits, to: &name)
    case .int(let bits): Self.append("int", bits, to: &name)
    case .address: name.append(contentsOf: "address".utf8)
    case .bool: name.append(contentsOf: "bool".utf8)
    case .fixedBytes(let count): Self.append("bytes", count, to: &name)
    case .bytes: name.append(contentsOf: "bytes".utf8)
    case .string: name.append(contentsOf: "string".utf8)
    case .array(let element):
      element.appendName(to: &name)
      name.append(contentsOf: "[]".utf8)
    case .fixedArray(let element, let count):
      element.appendName(to: &name)
      Self.append("[", count, to: &name)
      name.append(contentsOf: "]".utf8)
    case .tuple(let members): Self.appendNames(of: members, to: &name)
    }
  }

  /// Appends the names in parentheses, between commas.
  static func appendNames(of members: [ABIType], to name: inout Bytes) {
    name.append(UInt8(ascii: "("))
    for (index, member) in members.enumerated() {
      if index > 0 { name.append(UInt8(ascii: ",")) }
      member.appendName(to: &name)
    }
    name.append(UInt8(ascii: ")"))
  }

  private static func append(_ prefix: StaticString, _ number: Int, to name: inout Bytes) {
    prefix.withUTF8Buffer { unsafe name.append(contentsOf: $0) }
    name.append(contentsOf: UInt256(number).decimalString.utf8)
  }
}
