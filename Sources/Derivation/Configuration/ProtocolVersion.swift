import Primitives

/// The version of the protocol that a chain recommends or requires, version 0 of its encoding.
///
/// Source: the OP Stack specification, superchain upgrades, protocol version encoding.
public struct ProtocolVersion: Hashable, Sendable {
  /// Eight bytes that name a build; zeros for none.
  public var build: Bytes
  /// Changes that nodes must follow.
  public var major: UInt32
  /// Changes that nodes may follow.
  public var minor: UInt32
  /// Corrections.
  public var patch: UInt32
  /// The number of a release before the release; 0 for none.
  public var preRelease: UInt32

  /// The version that a word holds; nil for another version of the encoding.
  public init?(_ word: Hash) {
    guard word.word0 >> 56 == 0 else { return nil }
    build = Bytes(word.bytes[8..<16])
    major = UInt32(truncatingIfNeeded: word.word2 >> 32)
    minor = UInt32(truncatingIfNeeded: word.word2)
    patch = UInt32(truncatingIfNeeded: word.word3 >> 32)
    preRelease = UInt32(truncatingIfNeeded: word.word3)
  }

  /// The word that holds it.
  public var encoded: Hash {
    return Hash(
      0, UInt256(bigEndian: build).lowUInt64, UInt64(major) << 32 | UInt64(minor),
      UInt64(patch) << 32 | UInt64(preRelease))
  }

  /// The version for a person to read: `v1.2.3-4+build`.
  public var text: String {
    var text = "v" + String(major) + "." + String(minor) + "." + String(patch)
    if preRelease != 0 { text += "-" + String(preRelease) }
    if let build = buildText { text += "+" + build }
    return text
  }

  /// The build's name if it is one, else its bytes; nil for none.
  private var buildText: String? {
    let end = build.firstIndex(of: 0) ?? build.count
    guard build[end...].allSatisfy({ $0 == 0 }) else { return Hexadecimal.encodePrefixed(build) }
    if end == 0 { return nil }
    var text = ""
    for (index, byte) in build[..<end].enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        break
      case UInt8(ascii: ".") where index > 0: break
      default: return Hexadecimal.encodePrefixed(build)
      }
      text.unicodeScalars.append(Unicode.Scalar(byte))
    }
    return text
  }
}
