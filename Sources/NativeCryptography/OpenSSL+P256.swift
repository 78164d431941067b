import COpenSSL
import Primitives

extension OpenSSL {
  /// `EVP_PKEY_PUBLIC_KEY`, which the importer cannot read: parameters and public half of a key.
  private static let publicKeySelection: Int32 = 0x86

  /// Whether the signature is one over the hash by the key (x, y); r and s are in range.
  static func verifyP256(
    messageHash: Hash, r: UInt256, s: UInt256, x: UInt256, y: UInt256
  ) -> Bool {
    var point: Bytes = [4]
    x.append(to: &point)
    y.append(to: &point)
    guard let key = unsafe publicKeyP256(&point) else { return false }
    defer { unsafe EVP_PKEY_free(key) }
    let context = unsafe EVP_PKEY_CTX_new(key, nil)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    guard unsafe EVP_PKEY_verify_init(context) == 1 else { return false }
    let signature = distinguishedEncoding(r, s)
    let hash = messageHash.bytes
    let verdict = unsafe EVP_PKEY_verify(
      context, signature, signature.count, hash, hash.count)
    ERR_clear_error()
    return verdict == 1
  }

  /// The key at an uncompressed point, or nil if the point is not on the curve.
  private static func publicKeyP256(_ point: inout Bytes) -> OpaquePointer? {
    let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    guard unsafe EVP_PKEY_fromdata_init(context) == 1 else { return nil }
    var group = Array("prime256v1".utf8CString)
    var key: OpaquePointer?
    let made = unsafe group.withUnsafeMutableBufferPointer { name in
      unsafe point.withUnsafeMutableBytes { point in
        var parameters = unsafe [
          OSSL_PARAM_construct_utf8_string(characters("group"), name.baseAddress, 0),
          OSSL_PARAM_construct_octet_string(characters("pub"), point.baseAddress, point.count),
          OSSL_PARAM_construct_end(),
        ]
        return unsafe EVP_PKEY_fromdata(context, &key, publicKeySelection, &parameters)
      }
    }
    ERR_clear_error()
    return unsafe made == 1 ? key : nil
  }

  /// The characters of a literal, which outlive the call: OpenSSL keeps pointers to the names.
  private static func characters(_ name: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  /// The two numbers as an ASN.1 sequence of integers.
  private static func distinguishedEncoding(_ r: UInt256, _ s: UInt256) -> Bytes {
    let body = distinguishedInteger(r) + distinguishedInteger(s)
    return [0x30, UInt8(body.count)] + body
  }

  private static func distinguishedInteger(_ value: UInt256) -> Bytes {
    var content = value.minimalBigEndianBytes
    // A set top bit would make the number negative.
    if let first = content.first, first >= 0x80 { content.insert(0, at: 0) }
    return [0x02, UInt8(content.count)] + content
  }
}
