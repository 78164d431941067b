import Primitives

extension Address {
  /// The address in hexadecimal with the upper and lower case of its checksum (EIP-55).
  public var checksummed: String {
    let digits = Bytes(Hexadecimal.encode(bytes).utf8)
    let digest = Keccak256.hash(digits).bytes
    var text = Bytes("0x".utf8)
    for (index, digit) in digits.enumerated() {
      let nibble = index & 1 == 0 ? digest[index >> 1] >> 4 : digest[index >> 1] & 15
      text.append(nibble >= 8 && digit >= 0x61 ? digit - 0x20 : digit)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
