import COpenSSL
import Primitives

/// Signatures of Ed25519, by OpenSSL.
///
/// Source: RFC 8032.
public enum Ed25519 {
  /// How many bytes a public key has, and the seed of a private one.
  public static let keySizeInBytes = 32
  /// How many bytes a signature has.
  public static let signatureSizeInBytes = 64

  /// Whether a signature of a message is one by a public key; false for what is no key.
  public static func isValid(signature: Bytes, message: Bytes, publicKey: Bytes) -> Bool {
    guard publicKey.count == keySizeInBytes, signature.count == signatureSizeInBytes,
      let key = unsafe EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
    else { return false }
    defer { unsafe EVP_PKEY_free(key) }
    guard let context = unsafe EVP_MD_CTX_new() else { return false }
    defer { unsafe EVP_MD_CTX_free(context) }
    return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}

/// A secret key of Ed25519.
///
/// Its description does not show it, so that no log does.
public struct Ed25519PrivateKey: Hashable, Sendable {
  /// The 32 bytes from which the key is made.
  ///
  /// Whoever has them can sign.
  public let seed: Bytes
  /// The 32 bytes of the public half.
  public let publicKey: Bytes

  /// The key of a seed, or nil if that has not 32 bytes.
  public init?(seed: Bytes) {
    guard seed.count == Ed25519.keySizeInBytes, let key = unsafe Self.key(seed) else { return nil }
    defer { unsafe EVP_PKEY_free(key) }
    var publicKey = Bytes(repeating: 0, count: Ed25519.keySizeInBytes)
    var count = publicKey.count
    guard unsafe EVP_PKEY_get_raw_public_key(key, &publicKey, &count) == 1,
      count == Ed25519.keySizeInBytes
    else { return nil }
    self.seed = seed
    self.publicKey = publicKey
  }

  /// A new key that nobody else has.
  public static func random() -> Ed25519PrivateKey {
    guard let key = Ed25519PrivateKey(seed: SecureRandom.bytes(Ed25519.keySizeInBytes)) else {
      preconditionFailure("any 32 bytes are a key")
    }
    return key
  }

  /// The 64 bytes of the signature of a message: always the same ones.
  public func sign(_ message: Bytes) -> Bytes {
    var signature = Bytes(repeating: 0, count: Ed25519.signatureSizeInBytes)
    var count = signature.count
    let key = unsafe Self.key(seed)
    defer { unsafe EVP_PKEY_free(key) }
    let context = unsafe EVP_MD_CTX_new()
    defer { unsafe EVP_MD_CTX_free(context) }
    let isDone =
      unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1
      && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
    precondition(isDone && count == signature.count, "a checked key signs")
    return signature
  }

  private static func key(_ seed: Bytes) -> OpaquePointer? {
    unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
  }
}

extension Ed25519PrivateKey: CustomStringConvertible, CustomDebugStringConvertible {
  /// The public half of the key, never the key.
  public var description: String {
    "the private key of " + Hexadecimal.encodePrefixed(publicKey)
  }

  /// The public half of the key, never the key.
  public var debugDescription: String { description }
}
