import COpenSSL
import Primitives

/// Keys from passwords, and the cipher that key files are written with; OpenSSL does the work.
///
/// Source: Web3 Secret Storage Definition, version 3; RFC 8018 (PBKDF2), RFC 7914 (scrypt).
public enum KeyDerivation {
  /// The most memory that scrypt may ask for, in bytes.
  private static let memoryLimit: UInt64 = 1 << 30
  /// The most of cost, block size and parallelism together; wallets ask for 2²¹.
  private static let workLimit: UInt64 = 1 << 25

  /// PBKDF2 with HMAC-SHA256; nil for sizes and rounds that are out of bounds.
  public static func pbkdf2SHA256(
    password: Bytes, salt: Bytes, rounds: Int, sizeInBytes: Int
  ) -> Bytes? {
    guard 1...1024 ~= sizeInBytes, 1...100_000_000 ~= rounds else { return nil }
    var key = Bytes(repeating: 0, count: sizeInBytes)
    let done = unsafe password.withUnsafeBytes { buffer in
      let characters = unsafe buffer.assumingMemoryBound(to: CChar.self)
      return unsafe PKCS5_PBKDF2_HMAC(
        characters.baseAddress, Int32(characters.count), salt, Int32(salt.count), Int32(rounds),
        EVP_sha256(), Int32(sizeInBytes), &key)
    }
    return done == 1 ? key : nil
  }

  /// scrypt; nil for parameters that are out of bounds, or need over 1 GiB, or 16 times the work
  /// that wallets ask for.
  ///
  /// Key files that bound the cost otherwise than RFC 7914 does are read all the same.
  public static func scrypt(
    password: Bytes, salt: Bytes, cost: UInt64, blockSize: UInt64, parallelism: UInt64,
    sizeInBytes: Int
  ) -> Bytes? {
    guard 1...1024 ~= sizeInBytes, 1...workLimit ~= cost, 1...workLimit ~= blockSize,
      1...workLimit ~= parallelism, cost * blockSize <= workLimit,
      cost * blockSize * parallelism <= workLimit
    else { return nil }
    var key = Bytes(repeating: 0, count: sizeInBytes)
    let done = unsafe password.withUnsafeBytes { buffer in
      let characters = unsafe buffer.assumingMemoryBound(to: CChar.self)
      return unsafe EVP_PBE_scrypt(
        characters.baseAddress, characters.count, salt, salt.count, cost, blockSize, parallelism,
        memoryLimit, &key, sizeInBytes)
    }
    guard done != 1 else { return key }
    return Scrypt.key(
      password: password, salt: salt, cost: cost, blockSize: blockSize, parallelism: parallelism,
      sizeInBytes: sizeInBytes)
  }

  /// AES-128 in counter mode, which encrypts and decrypts; nil for a key or counter of other sizes.
  public static func aes128CTR(_ key: Bytes, _ counter: Bytes, _ text: Bytes) -> Bytes? {
    key.count == 16 ? aesCTR(key, counter, text) : nil
  }

  /// AES in counter mode with a key of 16 or 32 bytes; nil for a key or counter of other sizes.
  public static func aesCTR(_ key: Bytes, _ counter: Bytes, _ text: Bytes) -> Bytes? {
    guard key.count == 16 || key.count == 32, counter.count == 16 else { return nil }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    let cipher = unsafe key.count == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr()
    var output = Bytes(repeating: 0, count: text.count + 16)
    var count: Int32 = 0
    guard unsafe EVP_EncryptInit_ex(context, cipher, nil, key, counter) == 1,
      unsafe EVP_EncryptUpdate(context, &output, &count, text, Int32(text.count)) == 1
    else { return nil }
    return Bytes(output.prefix(Int(count)))
  }
}
