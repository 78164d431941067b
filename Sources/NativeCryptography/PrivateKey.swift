import Cryptography
import Primitives

/// A secret key of secp256k1.
///
/// Its description does not show it, so that no log does.
public struct PrivateKey: Hashable, Sendable {
  /// The 32 bytes.
  ///
  /// Whoever has them can sign.
  public let bytes: Bytes
  /// The 64 bytes x ‖ y of the public half.
  public let publicKey: Bytes

  /// The key with these bytes, or nil if they are not 32, are 0, or are from the order on.
  public init?(_ bytes: Bytes) {
    guard let publicKey = Secp256k1.publicKey(secret: bytes) else { return nil }
    self.bytes = bytes
    self.publicKey = publicKey
  }

  /// The key that 64 hexadecimal digits spell, with or without "0x", or nil.
  public init?(hexadecimal text: String) {
    guard let bytes = Hexadecimal.decode(text) else { return nil }
    self.init(bytes)
  }

  /// A new key that nobody else has.
  public static func random() -> PrivateKey {
    while true {
      if let key = PrivateKey(SecureRandom.bytes(32)) { return key }
    }
  }

  /// The address that the key controls.
  public var address: Address { Address(publicKey: publicKey) }

  /// The 33 bytes of the public half with one coordinate.
  public var compressedPublicKey: Bytes {
    guard let key = Secp256k1.compressedPublicKey(secret: bytes) else {
      preconditionFailure("a checked key has a public half")
    }
    return key
  }

  /// The signature of a hash: always the same one (RFC 6979), with the low s.
  public func sign(_ hash: Hash) -> Signature {
    guard let (compact, recovery) = Secp256k1.sign(hash.bytes, secret: bytes) else {
      preconditionFailure("a checked key signs")
    }
    // A recovery number of 2 or 3 needs an r from the order on, which nobody has ever met.
    precondition(recovery < 2, "the nonce point's x is below the order")
    return Signature(
      r: UInt256(bigEndian: compact[..<32]), s: UInt256(bigEndian: compact[32...]),
      yParity: recovery == 1)
  }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible {
  /// The address of the key, never the key.
  public var description: String { "the private key of " + address.hexadecimal }

  /// The address of the key, never the key.
  public var debugDescription: String { description }
}
