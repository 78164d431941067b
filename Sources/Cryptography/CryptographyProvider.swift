import Primitives

/// What native code does faster, or Swift should not do at all, handed in from above.
///
/// The host implements it with libsecp256k1 and OpenSSL, the fault proof by its preimage oracle.
/// It is bound to classes so that the embedded core may hold `any CryptographyProvider`. Every
/// function is pure: the same arguments give the same result on every machine.
public protocol CryptographyProvider: AnyObject, Sendable {
  /// The 64 bytes x ‖ y of the secp256k1 key that made the signature, or nil if there is none.
  ///
  /// A high s is accepted (ECRECOVER accepts it); r or s of 0 or from the order on is not.
  func recoverPublicKey(messageHash: Hash, r: UInt256, s: UInt256, yParity: Bool) -> Bytes?

  /// The SHA-256 hash of the bytes; without one of its own, a provider has the core's.
  func sha256(_ bytes: Bytes) -> Hash
  /// The address whose key made the signature, or nil if there is none.
  func recoverAddress(messageHash: Hash, signature: Signature) -> Address?

  /// The 20 bytes of RIPEMD-160 of the bytes.
  func ripemd160(_ bytes: Bytes) -> Bytes

  /// `base ^ exponent mod modulus`, all big-endian and of any length, as many bytes as the modulus.
  ///
  /// The modulus 0 gives zeros. `0 ^ 0` is 1 modulo a modulus above 1.
  func modularPower(base: Bytes, exponent: Bytes, modulus: Bytes) -> Bytes

  /// Whether the signature is one over the hash by the key (x, y) on the curve P-256.
  ///
  /// False for r or s of 0 or from the order on, and for a point that is not on the curve.
  func verifyP256(messageHash: Hash, r: UInt256, s: UInt256, x: UInt256, y: UInt256) -> Bool
}

extension CryptographyProvider {
  /// The SHA-256 hash of the bytes, by the core's own code.
  public func sha256(_ bytes: Bytes) -> Hash { SHA256.hash(bytes) }

  /// The address whose key made the signature, or nil if there is none.
  public func recoverAddress(messageHash: Hash, signature: Signature) -> Address? {
    guard signature.isInRange else { return nil }
    let publicKey = recoverPublicKey(
      messageHash: messageHash, r: signature.r, s: signature.s, yParity: signature.yParity)
    guard let publicKey, publicKey.count == 64 else { return nil }
    return Address(publicKey: publicKey)
  }
}

extension Address {
  /// The address of a secp256k1 key, given as the 64 bytes x ‖ y.
  public init(publicKey: Bytes) {
    precondition(publicKey.count == 64, "a public key has 64 bytes")
    self.init(suffixOf: Keccak256.hash(publicKey))
  }
}
