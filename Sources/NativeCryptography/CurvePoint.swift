import CSecp256k1
import Cryptography
import Primitives

/// A point of secp256k1 that is not the one at infinity: somebody's public key.
///
/// Source: SEC 1, version 2.0; libsecp256k1 does the work.
public struct CurvePoint: Sendable {
  /// The 64 bytes of libsecp256k1's own form.
  private var point: secp256k1_pubkey

  /// The point that 33 or 65 bytes spell, or nil if they are none.
  public init?(_ bytes: Bytes) {
    guard bytes.count == 33 || bytes.count == 65 else { return nil }
    // The hybrid form, 6 or 7, has been nobody's for twenty years.
    guard [2, 3, 4].contains(bytes[0]) else { return nil }
    var point = secp256k1_pubkey()
    guard unsafe secp256k1_ec_pubkey_parse(Secp256k1.context, &point, bytes, bytes.count) == 1
    else { return nil }
    self.point = point
  }

  /// The public half of 32 bytes, or nil if they are no secret key.
  public init?(secret: Bytes) {
    guard Secp256k1.isSecret(secret) else { return nil }
    var point = secp256k1_pubkey()
    guard unsafe secp256k1_ec_pubkey_create(Secp256k1.context, &point, secret) == 1 else {
      return nil
    }
    self.point = point
  }

  private init(_ point: secp256k1_pubkey) { self.point = point }

  /// The 33 bytes with one coordinate.
  public var compressed: Bytes { serialized(33, UInt32(SECP256K1_EC_COMPRESSED)) }

  /// The 65 bytes with both coordinates.
  public var uncompressed: Bytes { serialized(65, UInt32(SECP256K1_EC_UNCOMPRESSED)) }

  private func serialized(_ size: Int, _ flags: UInt32) -> Bytes {
    var point = point
    var bytes = Bytes(repeating: 0, count: size)
    var count = size
    _ = unsafe secp256k1_ec_pubkey_serialize(Secp256k1.context, &bytes, &count, &point, flags)
    return bytes
  }

  /// The sum of two points; nil if there is no other one, or the sum is at infinity.
  public func adding(_ other: CurvePoint?) -> CurvePoint? {
    guard let other else { return nil }
    var sum = secp256k1_pubkey()
    let added = unsafe withUnsafePointer(to: point) { left in
      unsafe withUnsafePointer(to: other.point) { right in
        let points: [UnsafePointer<secp256k1_pubkey>?] = unsafe [left, right]
        return unsafe secp256k1_ec_pubkey_combine(Secp256k1.context, &sum, points, 2)
      }
    }
    return added == 1 ? CurvePoint(sum) : nil
  }

  /// The sum with a secret key's point; nil for what is no secret key, or at infinity.
  public func adding(scalar: Bytes) -> CurvePoint? {
    guard Secp256k1.isSecret(scalar) else { return nil }
    var sum = point
    let added = unsafe secp256k1_ec_pubkey_tweak_add(Secp256k1.context, &sum, scalar)
    return added == 1 ? CurvePoint(sum) : nil
  }

  /// The multiple; nil for a scalar that is none, or zero.
  public func multiplied(by scalar: Bytes) -> CurvePoint? {
    guard scalar.count == 32 else { return nil }
    var product = point
    let done = unsafe secp256k1_ec_pubkey_tweak_mul(Secp256k1.context, &product, scalar)
    return done == 1 ? CurvePoint(product) : nil
  }

  /// Whether r ‖ s is this key's signature of a hash; a high s only where it is allowed.
  public func verifies(compact: Bytes, hash: Hash, allowsHighS: Bool = false) -> Bool {
    guard compact.count == 64 else { return false }
    var signature = secp256k1_ecdsa_signature()
    let parsed = unsafe secp256k1_ecdsa_signature_parse_compact(
      Secp256k1.context, &signature, compact)
    guard parsed == 1 else { return false }
    if allowsHighS {
      var given = signature
      _ = unsafe secp256k1_ecdsa_signature_normalize(Secp256k1.context, &signature, &given)
    }
    return verifies(&signature, hash)
  }

  /// Whether a signature in DER, strictly read, is this key's of a hash; a high s is refused.
  public func verifies(der: Bytes, hash: Hash) -> Bool {
    var signature = secp256k1_ecdsa_signature()
    let parsed = unsafe secp256k1_ecdsa_signature_parse_der(
      Secp256k1.context, &signature, der, der.count)
    return parsed == 1 && verifies(&signature, hash)
  }

  private func verifies(_ signature: inout secp256k1_ecdsa_signature, _ hash: Hash) -> Bool {
    var point = point
    return unsafe secp256k1_ecdsa_verify(
      Secp256k1.context, &signature, hash.bytes, &point) == 1
  }
}
