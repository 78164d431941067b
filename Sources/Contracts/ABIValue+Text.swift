import Cryptography
import JSON
import Primitives

extension ABIValue {
  /// The value in a line, as people read it.
  public var text: String {
    switch self {
    case .uint(let number): number.decimalString
    case .int(let number):
      number.isNegative ? "-" + (UInt256.zero &- number).decimalString : number.decimalString
    case .address(let address): address.checksummed
    case .bool(let value): value ? "true" : "false"
    case .fixedBytes(let bytes), .bytes(let bytes): Hexadecimal.encodePrefixed(bytes)
    case .string(let bytes): "\"" + Self.printable(bytes) + "\""
    case .array(let elements), .fixedArray(let elements):
      "[" + elements.map(\.text).joined(separator: ", ") + "]"
    case .tuple(let members): "(" + members.map(\.text).joined(separator: ", ") + ")"
    }
  }

  /// A stranger's text without what would steer a terminal.
  private static func printable(_ bytes: Bytes) -> String {
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
      scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) ? "?" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

extension ABIType {
  /// The type of a parameter as compilers' artifacts describe it, tuples by their components.
  public init?(parameter: JSON) { self.init(parameter: parameter, depth: 0) }

  private init?(parameter: JSON, depth: Int) {
    guard let name = parameter["type"]?.string, depth <= 16 else { return nil }
    guard name.hasPrefix("tuple") else {
      guard let type = ABIType.parse(name) else { return nil }
      self = type
      return
    }
    var members: [String] = []
    for component in parameter["components"]?.array ?? [] {
      guard let type = ABIType(parameter: component, depth: depth + 1) else { return nil }
      members.append(type.canonicalName)
    }
    let text = "(" + members.joined(separator: ",") + ")" + name.dropFirst(5)
    guard let type = ABIType.parse(text) else { return nil }
    self = type
  }
}
