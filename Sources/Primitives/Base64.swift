/// Bytes in base64 with padding.
///
/// Source: RFC 4648, section 4.
public enum Base64 {
  private static let alphabet: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  /// The text that stands for bytes, four characters for every three of them.
  public static func encode(_ bytes: Bytes) -> String {
    var text = Bytes()
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var bits = 0
      for place in 0..<3 { bits = bits << 8 | (place < count ? Int(bytes[start + place]) : 0) }
      for place in 0..<4 {
        let index = bits >> (6 * (3 - place)) & 0x3f
        text.append(place > count ? UInt8(ascii: "=") : character(index))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes that ASCII characters spell.
  ///
  /// Nil unless `encode` gives exactly these characters: no white space, no missing padding, no
  /// bits left over.
  public static func decode(_ text: some Collection<UInt8>) -> Bytes? {
    guard text.count % 4 == 0 else { return nil }
    var bytes = Bytes()
    bytes.reserveCapacity(text.count / 4 * 3)
    var (bits, count, padding) = (0, 0, 0)
    for byte in text {
      if byte == UInt8(ascii: "=") {
        padding += 1
        bits = bits << 6
      } else {
        guard padding == 0, let value = value(of: byte) else { return nil }
        bits = bits << 6 | value
      }
      count += 1
      guard count % 4 == 0 else { continue }
      let kept = 3 - padding
      guard kept > 0, bits & (1 << (8 * padding) - 1) == 0 else { return nil }
      for place in 0..<kept { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * (2 - place)))) }
      bits = 0
    }
    return bytes
  }

  private static func character(_ index: Int) -> UInt8 {
    unsafe alphabet.utf8Start[index]
  }

  private static func value(of byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
