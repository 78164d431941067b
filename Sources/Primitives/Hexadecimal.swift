/// Hexadecimal text.
public enum Hexadecimal {
  /// The lower-case digits of the bytes, two each, without a prefix.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    string(digits(of: Bytes(bytes), after: []))
  }

  /// "0x" and the lower-case digits of the bytes, two each.
  public static func encodePrefixed(_ bytes: some Sequence<UInt8>) -> String {
    string(digits(of: Bytes(bytes), after: [0x30, 0x78]))
  }

  // Of one type, since the function of any sequence is not specialised in other modules.

  /// "0x" and the lower-case digits of the bytes, two each.
  public static func encodePrefixed(_ bytes: Bytes) -> String {
    string(digits(of: bytes, after: [0x30, 0x78]))
  }

  /// "0x" and the lower-case digits of the bytes, two each.
  public static func encodePrefixed(_ bytes: ArraySlice<UInt8>) -> String {
    string(digits(of: Bytes(bytes), after: [0x30, 0x78]))
  }

  /// "0x" and the lower-case digits of the bytes, two each, as ASCII.
  public static func prefixedDigits(of bytes: Bytes) -> Bytes {
    digits(of: bytes, after: [0x30, 0x78])
  }

  /// The bytes that an even number of digits spell, with or without "0x"; nil for other text.
  public static func decode(_ text: String) -> Bytes? { decode(text.utf8) }

  /// The bytes that an even number of ASCII digits spell, with or without "0x"; nil for other text.
  public static func decode(_ text: some Collection<UInt8>) -> Bytes? {
    let text = Bytes(text)
    let digits = withoutPrefix(text)
    guard digits.count & 1 == 0 else { return nil }
    var bytes = Bytes(repeating: 0, count: digits.count / 2)
    var position = digits.startIndex
    for index in bytes.indices {
      guard let upper = value(of: text[position]), let lower = value(of: text[position &+ 1])
      else { return nil }
      bytes[index] = upper << 4 | lower
      position &+= 2
    }
    return bytes
  }

  /// The value of one ASCII digit, or nil.
  @inline(__always)
  public static func value(of character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x61...0x66: character - 0x57
    case 0x41...0x46: character - 0x37
    default: nil
    }
  }

  /// The lower-case ASCII digit of a value below 16.
  @inline(__always)
  static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  /// The text after "0x" or "0X", or all of it.
  static func withoutPrefix(_ text: Bytes) -> ArraySlice<UInt8> {
    let hasPrefix = text.count >= 2 && text[0] == 0x30 && text[1] | 0x20 == 0x78
    return hasPrefix ? text[2...] : text[...]
  }

  private static func digits(of bytes: Bytes, after prefix: Bytes) -> Bytes {
    var text = Bytes(repeating: 0x30, count: prefix.count + 2 * bytes.count)
    for index in prefix.indices { text[index] = prefix[index] }
    var place = prefix.count
    for byte in bytes {
      text[place] = digit(byte >> 4)
      text[place &+ 1] = digit(byte & 15)
      place &+= 2
    }
    return text
  }

  /// The string of ASCII bytes.
  static func string(_ ascii: Bytes) -> String { String(decoding: ascii, as: UTF8.self) }
}
