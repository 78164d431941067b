import Primitives

/// Constants that are too long for source code: deflated, and written in base 64.
enum PackedBytes {
  /// The bytes that `parts` pack together; they are the program's own, so they are well formed.
  ///
  /// Each part but the last has a multiple of four characters.
  static func unpack(_ parts: [StaticString], sizeInBytes: Int) -> Bytes {
    var packed: Bytes = []
    for part in parts { packed += base64(part) }
    let unpacked = Inflate.deflate(packed, limit: sizeInBytes)
    precondition(
      unpacked.end == .complete && unpacked.output.count == sizeInBytes,
      "a packed constant is well formed")
    return unpacked.output
  }

  private static func base64(_ text: StaticString) -> Bytes {
    var bytes: Bytes = []
    bytes.reserveCapacity(text.utf8CodeUnitCount * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    let characters = text.withUTF8Buffer { buffer in unsafe Bytes(buffer) }
    for character in characters {
      guard let value = value(of: character) else { continue }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
