import COpenSSL
import Primitives

/// OpenSSL as C calls it: everything that can be prepared is, and nothing is checked.
enum BareOpenSSL {
  /// The 32 bytes of SHA-256.
  static func sha256(_ bytes: Bytes) -> Bytes {
    var digest = Bytes(repeating: 0, count: 32)
    _ = unsafe COpenSSL.SHA256(bytes, bytes.count, &digest)
    return digest
  }

  /// A hash function by its name, fetched once.
  @safe
  final class Digest {
    private let algorithm: OpaquePointer
    private let context: OpaquePointer

    init?(_ name: String) {
      guard let algorithm = unsafe EVP_MD_fetch(nil, name, nil),
        let context = unsafe EVP_MD_CTX_new()
      else { return nil }
      unsafe self.algorithm = algorithm
      unsafe self.context = context
    }

    deinit {
      unsafe EVP_MD_CTX_free(context)
      unsafe EVP_MD_free(algorithm)
    }

    func hash(_ bytes: Bytes) -> Bytes {
      var digest = Bytes(repeating: 0, count: Int(unsafe EVP_MD_get_size(algorithm)))
      _ = unsafe EVP_DigestInit_ex2(context, algorithm, nil)
      _ = unsafe EVP_DigestUpdate(context, bytes, bytes.count)
      _ = unsafe EVP_DigestFinal_ex(context, &digest, nil)
      return digest
    }
  }

  /// A power modulo an odd number, whose numbers are made once.
  @safe
  final class ModularPower {
    private let base: OpaquePointer
    private let exponent: OpaquePointer
    private let modulus: OpaquePointer
    private let result: OpaquePointer
    private let scratch: OpaquePointer
    private let count: Int

    init?(_ base: Bytes, _ exponent: Bytes, _ modulus: Bytes) {
      guard let baseNumber = unsafe BN_bin2bn(base, Int32(base.count), nil),
        let exponentNumber = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil),
        let modulusNumber = unsafe BN_bin2bn(modulus, Int32(modulus.count), nil),
        let result = unsafe BN_new(), let scratch = unsafe BN_CTX_new()
      else { return nil }
      unsafe self.base = baseNumber
      unsafe self.exponent = exponentNumber
      unsafe self.modulus = modulusNumber
      unsafe self.result = result
      unsafe self.scratch = scratch
      count = modulus.count
    }

    deinit {
      unsafe BN_free(base)
      unsafe BN_free(exponent)
      unsafe BN_free(modulus)
      unsafe BN_free(result)
      unsafe BN_CTX_free(scratch)
    }

    func power() -> Bytes {
      _ = unsafe BN_mod_exp(result, base, exponent, modulus, scratch)
      var bytes = Bytes(repeating: 0, count: count)
      _ = unsafe BN_bn2binpad(result, &bytes, Int32(count))
      return bytes
    }
  }

  /// A signature on P-256 and the key that made it.
  @safe
  final class P256 {
    private let key: OpaquePointer
    private let context: OpaquePointer
    private let hash: Bytes
    private let signature: Bytes
    let r: Bytes
    let s: Bytes
    let x: Bytes
    let y: Bytes

    init?(_ hash: Bytes) {
      guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
      defer { unsafe EVP_PKEY_CTX_free(context) }
      var key: OpaquePointer?
      var group = Array("prime256v1".utf8CString)
      let made = unsafe group.withUnsafeMutableBufferPointer { name in
        unsafe "group".withCString { title in
          let parameters = unsafe [
            OSSL_PARAM_construct_utf8_string(title, name.baseAddress, 0),
            OSSL_PARAM_construct_end(),
          ]
          _ = unsafe EVP_PKEY_keygen_init(context)
          _ = unsafe EVP_PKEY_CTX_set_params(context, parameters)
          return unsafe EVP_PKEY_generate(context, &key)
        }
      }
      guard made == 1, let key = unsafe key, let signer = unsafe EVP_PKEY_CTX_new(key, nil)
      else { return nil }
      unsafe self.key = key
      unsafe self.context = signer
      self.hash = hash
      var encoded = Bytes(repeating: 0, count: 80)
      var count = encoded.count
      _ = unsafe EVP_PKEY_sign_init(signer)
      _ = unsafe EVP_PKEY_sign(signer, &encoded, &count, hash, hash.count)
      signature = Bytes(encoded.prefix(count))
      (r, s) = Self.numbers(signature)
      var point = Bytes(repeating: 0, count: 65)
      var length = 0
      _ = unsafe EVP_PKEY_get_octet_string_param(key, "pub", &point, point.count, &length)
      x = Bytes(point[1..<33])
      y = Bytes(point[33..<65])
      _ = unsafe EVP_PKEY_verify_init(signer)
    }

    deinit {
      unsafe EVP_PKEY_CTX_free(context)
      unsafe EVP_PKEY_free(key)
    }

    /// The two integers of an ASN.1 sequence, of 32 bytes each.
    private static func numbers(_ encoded: Bytes) -> (Bytes, Bytes) {
      let first = Int(encoded[3])
      let second = Int(encoded[5 + first])
      let r = encoded[4..<4 + first].drop { $0 == 0 }
      let s = encoded[6 + first..<6 + first + second].drop { $0 == 0 }
      return (Bytes(r), Bytes(s))
    }

    func verify() -> Bool {
      unsafe EVP_PKEY_verify(context, signature, signature.count, hash, hash.count) == 1
    }
  }
}
