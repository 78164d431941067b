import Cryptography
import JSON
import NativeCryptography
import Primitives

/// Key files of the Web3 Secret Storage Definition, version 3, and the cipher they use.
enum KeyStoreVectors {
  /// More rounds than any wallet has asked for would only keep the reader waiting.
  private static var roundLimit: Int { 10_000_000 }

  /// The key that a password opens.
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let file = try test.field("json")
    let crypto = try file.field(file.optional("crypto") == nil ? "Crypto" : "crypto")
    let parameters = try crypto.field("kdfparams")
    let password = Bytes(try test.field("password").text().utf8)
    let salt = try parameters.field("salt").bytes()
    let length = try parameters.field("dklen").index()
    guard length >= 32, length <= 1024 else { throw parameters.fault("dklen is out of bounds") }
    let derived: Bytes?
    switch try crypto.field("kdf").text() {
    case "pbkdf2":
      let rounds = try parameters.field("c").index()
      guard 1...roundLimit ~= rounds else { throw parameters.fault("are out of bounds") }
      derived = KeyDerivation.pbkdf2SHA256(
        password: password, salt: salt, rounds: rounds, sizeInBytes: length)
    case "scrypt":
      let cost = try parameters.field("n").uint64()
      let blockSize = try parameters.field("r").uint64()
      let parallelism = try parameters.field("p").uint64()
      derived =
        KeyDerivation.scrypt(
          password: password, salt: salt, cost: cost, blockSize: blockSize,
          parallelism: parallelism, sizeInBytes: length)
        ?? Scrypt.key(
          password: password, salt: salt, cost: cost, blockSize: blockSize,
          parallelism: parallelism, sizeInBytes: length)
    default: throw crypto.fault("its kdf is not known here")
    }
    guard let derived else { throw parameters.fault("are out of bounds") }
    let ciphertext = try crypto.field("ciphertext").bytes()
    let code = Keccak256.hash(Bytes(derived[16..<32]) + ciphertext)
    let initial = try crypto.field("cipherparams").field("iv").bytes()
    guard let secret = KeyDerivation.aes128CTR(Bytes(derived[..<16]), initial, ciphertext) else {
      throw crypto.fault("its iv has not 16 bytes")
    }
    return .all(
      .compare("mac", try crypto.field("mac").bytes(), code.bytes),
      .compare("key", try test.field("priv").bytes(), secret))
  }

  /// A text that a key decrypts.
  @Sendable static func cipher(_ test: Fixture) throws(FixtureError) -> Verdict {
    guard try test.field("decryption_type").text() == "aes_ctr" else {
      return .skipped("a cipher of devp2p, which Opal has no part of")
    }
    let text = try test.field("cipher").bytes()
    let key = try test.field("key").bytes()
    let zeros = Bytes(repeating: 0, count: 16)
    let plain = KeyDerivation.aesCTR(key, zeros, text)
    return .compare("payload", try test.field("payload").bytes(), plain ?? [])
  }
}
