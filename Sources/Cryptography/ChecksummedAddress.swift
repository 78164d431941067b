import Primitives

extension Address {
  /// The address in hexadecimal with the upper and lower case of its checksum (EIP-55).
  public var checksummed: String {
    var text = Hexadecimal.prefixedDigits(of: bytes)
    let digest = Keccak256.hash(text[2...])
    let words = [digest.word0, digest.word1, digest.word2]
    for index in 0..<40 where text[index + 2] >= 0x61 {
      // The upper bit of each half byte of the digest says it.
      if words[index >> 4] & (1 << UInt64(63 - 4 * (index & 15))) != 0 { text[index + 2] -= 0x20 }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
