import Cryptography
import Primitives

/// The host's cryptography: libsecp256k1 for signatures, OpenSSL for the rest.
public final class NativeCryptographyProvider: CryptographyProvider {
  /// The one provider: it has no state that shows.
  public static let shared = NativeCryptographyProvider()

  private let recovered = RecoveredKeys()

  private init() {}

  /// The 64 bytes x ‖ y of the secp256k1 key that made the signature, or nil if there is none.
  public func recoverPublicKey(
    messageHash: Hash, r: UInt256, s: UInt256, yParity: Bool
  ) -> Bytes? {
    recovered.key(.init(messageHash: messageHash, r: r, s: s, yParity: yParity)) {
      var compact = Bytes()
      compact.reserveCapacity(64)
      r.append(to: &compact)
      s.append(to: &compact)
      return Secp256k1.recover(messageHash.bytes, compact: compact, recovery: yParity ? 1 : 0)
    }
  }

  /// The SHA-256 hash of the bytes, by the processor's own instructions.
  public func sha256(_ bytes: Bytes) -> Hash { NativeSHA256.hash(bytes) }

  /// The 20 bytes of RIPEMD-160 of the bytes.
  public func ripemd160(_ bytes: Bytes) -> Bytes { OpenSSL.ripemd160(bytes) }

  /// `base ^ exponent mod modulus`, big-endian, as many bytes as the modulus.
  public func modularPower(base: Bytes, exponent: Bytes, modulus: Bytes) -> Bytes {
    OpenSSL.modularPower(base: base, exponent: exponent, modulus: modulus)
  }

  /// Whether the signature is one over the hash by the key (x, y) on the curve P-256.
  public func verifyP256(
    messageHash: Hash, r: UInt256, s: UInt256, x: UInt256, y: UInt256
  ) -> Bool {
    let order = UInt256(
      0xf3b9_cac2_fc63_2551, 0xbce6_faad_a717_9e84, 0xffff_ffff_ffff_ffff,
      0xffff_ffff_0000_0000)
    guard !r.isZero, !s.isZero, r < order, s < order else { return false }
    return OpenSSL.verifyP256(messageHash: messageHash, r: r, s: s, x: x, y: y)
  }
}
