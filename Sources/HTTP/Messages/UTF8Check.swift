/// Tells whether bytes that come in parts are UTF-8, at the first byte that is not.
///
/// Source: Unicode 15, table 3-7.
struct UTF8Check: Sendable {
  /// Bytes that must follow of the character that was begun.
  private var missing = 0
  /// What the next one of them may be.
  private var allowed: ClosedRange<UInt8> = 0x80...0xbf

  /// Whether no character is left half written.
  var isComplete: Bool { missing == 0 }

  /// Takes the next part; false once something is no UTF-8.
  mutating func accept(_ bytes: ArraySlice<UInt8>) -> Bool {
    for byte in bytes {
      if missing > 0 {
        guard allowed.contains(byte) else { return false }
        allowed = 0x80...0xbf
        missing -= 1
      } else if byte >= 0x80 {
        guard begin(byte) else { return false }
      }
    }
    return true
  }

  /// The first byte of a character of several.
  private mutating func begin(_ byte: UInt8) -> Bool {
    switch byte {
    case 0xc2...0xdf: missing = 1
    case 0xe0: (missing, allowed) = (2, 0xa0...0xbf)
    case 0xe1...0xec, 0xee, 0xef: missing = 2
    case 0xed: (missing, allowed) = (2, 0x80...0x9f)
    case 0xf0: (missing, allowed) = (3, 0x90...0xbf)
    case 0xf1...0xf3: missing = 3
    case 0xf4: (missing, allowed) = (3, 0x80...0x8f)
    default: return false
    }
    return true
  }
}
