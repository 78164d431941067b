import NativeCryptography
import Primitives

/// Public keys as people write them.
public enum PublicKey {
  /// The 64 bytes x ‖ y of a secp256k1 key in any of its forms; nil for what is no point.
  ///
  /// 64 bytes are taken as they are, 65 begin with 4, and 33 begin with 2 or 3 (SEC 1, 2.3.4).
  public static func uncompressed(_ bytes: Bytes) -> Bytes? {
    switch (bytes.count, bytes.first) {
    case (64, _): bytes
    case (65, 4): Bytes(bytes.dropFirst())
    case (33, 2), (33, 3): decompressed(bytes)
    default: nil
    }
  }

  /// y from x by y² = x³ + 7, with the parity that the first byte says.
  private static func decompressed(_ bytes: Bytes) -> Bytes? {
    let prime = UInt256(0xffff_fffe_ffff_fc2f, .max, .max, .max)
    let x = UInt256(bigEndian: bytes.dropFirst())
    guard x < prime else { return nil }
    let square = x.multiplyModulo(x, prime).multiplyModulo(x, prime).addModulo(7, prime)
    // The prime is 3 modulo 4, so a root is the power of (p + 1) / 4.
    var root = UInt256.one
    var power = square
    var exponent = (prime >> 2) + .one
    while !exponent.isZero {
      if exponent.bit(at: 0) { root = root.multiplyModulo(power, prime) }
      power = power.multiplyModulo(power, prime)
      exponent = exponent >> 1
    }
    guard root.multiplyModulo(root, prime) == square else { return nil }
    let y = root.bit(at: 0) == (bytes[0] == 3) ? root : prime &- root
    return x.bigEndianBytes + y.bigEndianBytes
  }
}
