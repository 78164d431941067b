import Cryptography
import Primitives

/// A secret under a password, as geth, clef and cast keep accounts: what a key file says.
///
/// Source: Web3 Secret Storage Definition, version 3.
public struct Keystore: Hashable, Sendable {
  /// How the password becomes a key.
  public enum Derivation: Hashable, Sendable {
    /// PBKDF2 with HMAC-SHA256.
    case pbkdf2(rounds: Int)
    /// scrypt.
    case scrypt(cost: UInt64, blockSize: UInt64, parallelism: UInt64)
  }

  /// How the password becomes a key.
  public var derivation: Derivation
  /// What is mixed with the password.
  public var salt: Bytes
  /// How long the derived key is, in bytes; its first 16 decrypt, and the next 16 are for the code.
  public var keySizeInBytes: Int
  /// What the cipher's counter begins with, 16 bytes.
  public var counter: Bytes
  /// The encrypted secret.
  public var ciphertext: Bytes
  /// The code by which a wrong password is told.
  public var code: Hash

  /// What a key file says.
  public init(
    derivation: Derivation, salt: Bytes, keySizeInBytes: Int, counter: Bytes, ciphertext: Bytes,
    code: Hash
  ) {
    self.derivation = derivation
    self.salt = salt
    self.keySizeInBytes = keySizeInBytes
    self.counter = counter
    self.ciphertext = ciphertext
    self.code = code
  }

  /// Why a secret could not be had.
  public enum Failure: Error, Hashable, Sendable {
    /// Sizes, rounds or work that no wallet writes.
    case outOfBounds
    /// The password is another one, or the file was changed.
    case wrongPassword
  }

  /// More rounds than any wallet asks for would only keep the caller waiting.
  private static let roundLimit = 10_000_000

  /// The secret that a password opens.
  public func secret(password: Bytes) throws(Failure) -> Bytes {
    guard 32...1_024 ~= keySizeInBytes, counter.count == 16, ciphertext.count <= 1_024,
      salt.count <= 1_024
    else { throw .outOfBounds }
    let derived: Bytes?
    switch derivation {
    case .pbkdf2(let rounds):
      guard 1...Self.roundLimit ~= rounds else { throw .outOfBounds }
      derived = KeyDerivation.pbkdf2SHA256(
        password: password, salt: salt, rounds: rounds, sizeInBytes: keySizeInBytes)
    case .scrypt(let cost, let blockSize, let parallelism):
      derived = KeyDerivation.scrypt(
        password: password, salt: salt, cost: cost, blockSize: blockSize,
        parallelism: parallelism, sizeInBytes: keySizeInBytes)
    }
    guard let derived else { throw .outOfBounds }
    guard Keccak256.hash(Bytes(derived[16..<32]) + ciphertext) == code else {
      throw .wrongPassword
    }
    let key = Bytes(derived[..<16])
    guard let secret = KeyDerivation.aes128CTR(key, counter, ciphertext) else {
      throw .outOfBounds
    }
    return secret
  }
}
