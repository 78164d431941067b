import Cryptography
import JSON
import NativeCryptography
import Primitives

/// Key files of the Web3 Secret Storage Definition, version 3, and the cipher they use.
enum KeyStoreVectors {
  /// The key that a password opens.
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let file = try test.field("json")
    let crypto = try file.field(file.optional("crypto") == nil ? "Crypto" : "crypto")
    let parameters = try crypto.field("kdfparams")
    let derivation: Keystore.Derivation
    switch try crypto.field("kdf").text() {
    case "pbkdf2": derivation = .pbkdf2(rounds: try parameters.field("c").index())
    case "scrypt":
      derivation = .scrypt(
        cost: try parameters.field("n").uint64(), blockSize: try parameters.field("r").uint64(),
        parallelism: try parameters.field("p").uint64())
    default: throw crypto.fault("its kdf is not known here")
    }
    let code = try crypto.field("mac").bytes()
    guard code.count == 32 else { throw crypto.fault("its mac has not 32 bytes") }
    let store = Keystore(
      derivation: derivation, salt: try parameters.field("salt").bytes(),
      keySizeInBytes: try parameters.field("dklen").index(),
      counter: try crypto.field("cipherparams").field("iv").bytes(),
      ciphertext: try crypto.field("ciphertext").bytes(), code: Hash(code))
    let password = Bytes(try test.field("password").text().utf8)
    let secret: Bytes
    do throws(Keystore.Failure) {
      secret = try store.secret(password: password)
    } catch {
      throw parameters.fault(error == .outOfBounds ? "are out of bounds" : "give another mac")
    }
    return .compare("key", try test.field("priv").bytes(), secret)
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
