/// A value in the contract ABI.
public enum ABIValue: Hashable, Sendable {
  /// An unsigned number.
  case uint(UInt256)
  /// A number in two's complement of 256 bits.
  case int(UInt256)
  /// 20 bytes.
  case address(Address)
  /// A truth value.
  case bool(Bool)
  /// 1 to 32 bytes.
  case fixedBytes(Bytes)
  /// Bytes of any number.
  case bytes(Bytes)
  /// Text in UTF-8.
  case string(Bytes)
  /// Elements of one type, of any number.
  case array([ABIValue])
  /// Elements of one type, as many as the type says.
  case fixedArray([ABIValue])
  /// Values of different types.
  case tuple([ABIValue])

  /// Text.
  public static func string(_ text: String) -> ABIValue { .string(Bytes(text.utf8)) }

  /// An unsigned number; a literal rather means the case, which holds 256 bits.
  @_disfavoredOverload
  public static func uint(_ value: UInt64) -> ABIValue { .uint(UInt256(value)) }

  /// The 32 bytes of a hash.
  public static func bytes32(_ hash: Hash) -> ABIValue { .fixedBytes(hash.bytes) }

  /// The number, or nil for a value that is none.
  public var asUInt256: UInt256? {
    switch self {
    case .uint(let value), .int(let value): value
    default: nil
    }
  }

  /// The number below 2⁶⁴, or nil for another value.
  public var asUInt64: UInt64? { asUInt256?.asUInt64 }

  /// The address, or nil for another value.
  public var asAddress: Address? {
    if case .address(let address) = self { address } else { nil }
  }

  /// The truth value, or nil for another value.
  public var asBool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  /// The bytes of bytes or text, or nil for another value.
  public var asBytes: Bytes? {
    switch self {
    case .fixedBytes(let bytes), .bytes(let bytes), .string(let bytes): bytes
    default: nil
    }
  }

  /// The 32 bytes, or nil for another value.
  public var asHash: Hash? { asBytes.flatMap { bytes in Hash(checking: bytes) } }

  /// The elements of an array or tuple, or nil for another value.
  public var asElements: [ABIValue]? {
    switch self {
    case .array(let elements), .fixedArray(let elements), .tuple(let elements): elements
    default: nil
    }
  }

  /// Whether the value lies in the tail, behind an offset.
  var isDynamic: Bool {
    switch self {
    case .bytes, .string, .array: true
    case .fixedArray(let elements), .tuple(let elements):
      elements.contains { element in element.isDynamic }
    default: false
    }
  }

  /// How many bytes the value takes in the head of its tuple.
  var headSizeInBytes: Int {
    if isDynamic { return 32 }
    switch self {
    case .fixedArray(let elements), .tuple(let elements):
      return Self.headSizeInBytes(of: elements)
    default: return 32
    }
  }

  static func headSizeInBytes(of values: [ABIValue]) -> Int {
    var size = 0
    for value in values { size += value.headSizeInBytes }
    return size
  }
}
