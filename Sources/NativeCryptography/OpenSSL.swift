import COpenSSL
import Cryptography
import Primitives

/// The hashes and the key stretching of OpenSSL's libcrypto.
enum OpenSSL {
  /// RIPEMD-160, fetched once; the default provider has it from OpenSSL 3.0.7 on.
  nonisolated(unsafe) private static let ripemd160Algorithm: OpaquePointer = {
    guard let algorithm = unsafe EVP_MD_fetch(nil, "RIPEMD160", nil) else {
      preconditionFailure("this OpenSSL has no RIPEMD-160 in its default provider")
    }
    return unsafe algorithm
  }()

  /// The 20 bytes of RIPEMD-160.
  static func ripemd160(_ bytes: Bytes) -> Bytes {
    var digest = Bytes(repeating: 0, count: 20)
    let done = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, ripemd160Algorithm, nil)
    precondition(done == 1, "RIPEMD-160 fails only for want of memory")
    return digest
  }

  /// The 64 bytes of HMAC-SHA512.
  static func hmacSHA512(key: Bytes, message: Bytes) -> Bytes {
    var code = Bytes(repeating: 0, count: 64)
    let done = unsafe HMAC(
      EVP_sha512(), key, Int32(key.count), message, message.count, &code, nil)
    precondition(unsafe done != nil, "HMAC fails only for want of memory")
    return code
  }

  /// The 64 bytes that PBKDF2 with HMAC-SHA512 makes of a password and a salt.
  static func stretch(password: Bytes, salt: Bytes, rounds: Int32) -> Bytes {
    var key = Bytes(repeating: 0, count: 64)
    let done = unsafe password.withUnsafeBytes { buffer in
      let characters = unsafe buffer.assumingMemoryBound(to: CChar.self)
      return unsafe PKCS5_PBKDF2_HMAC(
        characters.baseAddress, Int32(characters.count), salt, Int32(salt.count), rounds,
        EVP_sha512(), Int32(key.count), &key)
    }
    precondition(done == 1, "PBKDF2 fails only for want of memory")
    return key
  }
}

/// SHA-256 with the processor's own instructions, for large inputs on the host.
public enum NativeSHA256 {
  /// The hash of the bytes: the same as `SHA256.hash`.
  public static func hash(_ bytes: Bytes) -> Hash { hash(bytes[...]) }

  /// The hash of the bytes: the same as `SHA256.hash`.
  public static func hash(_ slice: ArraySlice<UInt8>) -> Hash {
    // Not the function of one call: it looks its algorithm up each time, which takes longer than
    // to hash a few words.
    var state = SHA256_CTX()
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    _ = unsafe SHA256_Init(&state)
    _ = unsafe slice.withUnsafeBytes { buffer in
      unsafe SHA256_Update(&state, buffer.baseAddress, buffer.count)
    }
    unsafe withUnsafeMutableBytes(of: &words) { digest in
      guard let output = digest.baseAddress else { return }
      _ = unsafe SHA256_Final(output.assumingMemoryBound(to: UInt8.self), &state)
    }
    return Hash(
      UInt64(bigEndian: words.0), UInt64(bigEndian: words.1), UInt64(bigEndian: words.2),
      UInt64(bigEndian: words.3))
  }
}

/// Random bytes from the operating system's generator, through OpenSSL's.
public enum SecureRandom {
  /// This many bytes that nobody can predict.
  public static func bytes(_ count: Int) -> Bytes {
    var bytes = Bytes(repeating: 0, count: count)
    let done = unsafe RAND_bytes(&bytes, Int32(count))
    precondition(done == 1, "the operating system gives no randomness")
    return bytes
  }
}

/// SHA-512, for those who compare with others; nothing of a chain uses it alone.
public enum NativeSHA512 {
  /// The 64 bytes of the hash.
  public static func hash(_ bytes: Bytes) -> Bytes {
    var digest = Bytes(repeating: 0, count: 64)
    let done = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha512(), nil)
    precondition(done == 1, "SHA-512 fails only for want of memory")
    return digest
  }
}
