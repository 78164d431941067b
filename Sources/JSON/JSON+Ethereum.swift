import Primitives

// Ethereum's two encodings of JSON-RPC: quantities without leading zeros, data with all digits.

extension JSON {
  /// A quantity: `"0x…"` without leading zeros.
  public static func quantity(_ value: UInt64) -> JSON {
    .string("0x" + String(value, radix: 16))
  }

  /// A quantity: `"0x…"` without leading zeros.
  public static func quantity(_ value: UInt256) -> JSON { .string(value.hexadecimal) }

  /// Data: `"0x…"` with two digits a byte.
  public static func data(_ value: Bytes) -> JSON {
    .string(Hexadecimal.encodePrefixed(value))
  }

  /// A hash as data.
  public static func data(_ value: Hash) -> JSON { .string(value.hexadecimal) }

  /// An address as data, in lower case.
  public static func data(_ value: Address) -> JSON { .string(value.hexadecimal) }
}

extension JSONWriter {
  /// Writes a quantity: a string `"0x…"` without leading zeros.
  public mutating func quantity(_ value: UInt256) {
    if let small = value.asUInt64 { return quantity(small) }
    quantity(bigEndian: value.bigEndianBytes)
  }

  /// Writes a hash as data.
  public mutating func data(_ value: Hash) { data(value.bytes) }

  /// Writes an address as data, in lower case.
  public mutating func data(_ value: Address) { data(value.bytes) }
}
