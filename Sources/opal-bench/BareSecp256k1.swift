import CSecp256k1
import Primitives

/// libsecp256k1 as C calls it: a context, and no check of anything.
@safe
final class BareSecp256k1 {
  private let context: OpaquePointer

  init?() {
    guard let context = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
      return nil
    }
    unsafe self.context = context
  }

  deinit { unsafe secp256k1_context_destroy(context) }

  /// The 64 bytes of the key that signed.
  func recover(_ hash: Bytes, compact: Bytes, recovery: Int32) -> Bytes? {
    var signature = secp256k1_ecdsa_recoverable_signature()
    var point = secp256k1_pubkey()
    _ = unsafe secp256k1_ecdsa_recoverable_signature_parse_compact(
      context, &signature, compact, recovery)
    guard unsafe secp256k1_ecdsa_recover(context, &point, &signature, hash) == 1 else {
      return nil
    }
    var bytes = Bytes(repeating: 0, count: 65)
    var count = bytes.count
    _ = unsafe secp256k1_ec_pubkey_serialize(
      context, &bytes, &count, &point, UInt32(SECP256K1_EC_UNCOMPRESSED))
    return Bytes(bytes.dropFirst())
  }

  /// The 64 bytes r ‖ s of a signature.
  func sign(_ hash: Bytes, secret: Bytes) -> Bytes {
    var signature = secp256k1_ecdsa_recoverable_signature()
    _ = unsafe secp256k1_ecdsa_sign_recoverable(context, &signature, hash, secret, nil, nil)
    var compact = Bytes(repeating: 0, count: 64)
    var recovery: Int32 = 0
    _ = unsafe secp256k1_ecdsa_recoverable_signature_serialize_compact(
      context, &compact, &recovery, &signature)
    return compact
  }

  /// Whether a key made a signature.
  func verify(_ hash: Bytes, compact: Bytes, key: Bytes) -> Bool {
    var signature = secp256k1_ecdsa_signature()
    var point = secp256k1_pubkey()
    _ = unsafe secp256k1_ecdsa_signature_parse_compact(context, &signature, compact)
    let uncompressed = [4] + key
    _ = unsafe secp256k1_ec_pubkey_parse(context, &point, uncompressed, uncompressed.count)
    return unsafe secp256k1_ecdsa_verify(context, &signature, hash, &point) == 1
  }
}
