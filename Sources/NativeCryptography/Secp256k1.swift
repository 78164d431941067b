import CSecp256k1
import Primitives

/// The curve of Ethereum's signatures, through libsecp256k1.
enum Secp256k1 {
  /// The one context, randomised against side channels when it is made and only read afterwards.
  ///
  /// The library allows any number of threads to read it.
  nonisolated(unsafe) static let context: OpaquePointer = {
    guard let context = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
      preconditionFailure("libsecp256k1 makes no context")
    }
    let seed = SecureRandom.bytes(32)
    let randomized = unsafe secp256k1_context_randomize(context, seed)
    precondition(randomized == 1, "libsecp256k1 takes no random seed")
    return unsafe context
  }()

  /// The 64 bytes x ‖ y of a key pair's public half, or nil if the secret is out of range.
  static func publicKey(secret: Bytes) -> Bytes? {
    guard let point = point(secret: secret) else { return nil }
    return serialize(point)
  }

  /// The 33 bytes of a public key with one coordinate, or nil if the secret is out of range.
  static func compressedPublicKey(secret: Bytes) -> Bytes? {
    guard var point = point(secret: secret) else { return nil }
    var bytes = Bytes(repeating: 0, count: 33)
    var count = bytes.count
    let flags = UInt32(SECP256K1_EC_COMPRESSED)
    _ = unsafe secp256k1_ec_pubkey_serialize(context, &bytes, &count, &point, flags)
    return bytes
  }

  /// Whether 32 bytes are a secret key: neither 0 nor from the order on.
  static func isSecret(_ bytes: Bytes) -> Bool {
    guard bytes.count == 32 else { return false }
    return unsafe secp256k1_ec_seckey_verify(context, bytes) == 1
  }

  /// The sum of a secret key and a number modulo the order, or nil if it is no key.
  static func sum(secret: Bytes, tweak: Bytes) -> Bytes? {
    guard isSecret(secret), tweak.count == 32 else { return nil }
    var sum = secret
    return unsafe secp256k1_ec_seckey_tweak_add(context, &sum, tweak) == 1 ? sum : nil
  }

  /// The 64 bytes r ‖ s and the recovery number of the deterministic signature (RFC 6979).
  static func sign(_ hash: Bytes, secret: Bytes) -> (compact: Bytes, recovery: Int32)? {
    precondition(hash.count == 32, "a hash has 32 bytes")
    guard isSecret(secret) else { return nil }
    var signature = secp256k1_ecdsa_recoverable_signature()
    let signed = unsafe secp256k1_ecdsa_sign_recoverable(
      context, &signature, hash, secret, nil, nil)
    guard signed == 1 else { return nil }
    var compact = Bytes(repeating: 0, count: 64)
    var recovery: Int32 = 0
    _ = unsafe secp256k1_ecdsa_recoverable_signature_serialize_compact(
      context, &compact, &recovery, &signature)
    return (compact, recovery)
  }

  /// The 64 bytes x ‖ y of the key that signed the hash, or nil if there is none.
  static func recover(_ hash: Bytes, compact: Bytes, recovery: Int32) -> Bytes? {
    guard hash.count == 32, compact.count == 64, 0...3 ~= recovery else { return nil }
    var signature = secp256k1_ecdsa_recoverable_signature()
    let parsed = unsafe secp256k1_ecdsa_recoverable_signature_parse_compact(
      context, &signature, compact, recovery)
    guard parsed == 1 else { return nil }
    var point = secp256k1_pubkey()
    guard unsafe secp256k1_ecdsa_recover(context, &point, &signature, hash) == 1 else {
      return nil
    }
    return serialize(point)
  }

  private static func point(secret: Bytes) -> secp256k1_pubkey? {
    guard isSecret(secret) else { return nil }
    var point = secp256k1_pubkey()
    return unsafe secp256k1_ec_pubkey_create(context, &point, secret) == 1 ? point : nil
  }

  /// The two coordinates, without the byte 4 before them.
  private static func serialize(_ key: secp256k1_pubkey) -> Bytes {
    var point = key
    var bytes = Bytes(repeating: 0, count: 65)
    var count = bytes.count
    let flags = UInt32(SECP256K1_EC_UNCOMPRESSED)
    _ = unsafe secp256k1_ec_pubkey_serialize(context, &bytes, &count, &point, flags)
    return Bytes(bytes.dropFirst())
  }
}
