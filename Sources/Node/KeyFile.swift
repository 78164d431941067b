import Cryptography
import JSON
import NativeCryptography
import Primitives

/// Why a key file gives no key.
public struct KeyFileError: Error, Hashable, Sendable {
  /// What is wrong, in words.
  public var message: String
}

/// Reads key files of the Web3 Secret Storage Definition, version 3: those of geth, clef and cast.
public enum KeyFile {
  /// The longest file that is read, in bytes; they have a few hundred.
  public static let sizeLimitInBytes = 1 << 16

  /// The key in a file, under its password.
  ///
  /// - Throws: ``KeyFileError``, naming the field where the file is none.
  public static func open(_ file: Bytes, password: Bytes) throws(KeyFileError) -> PrivateKey {
    let (store, address) = try read(file)
    let secret: Bytes
    do throws(Keystore.Failure) {
      secret = try store.secret(password: password)
    } catch {
      switch error {
      case .outOfBounds: throw KeyFileError(message: "its sizes or rounds are out of bounds")
      case .wrongPassword: throw KeyFileError(message: "the password does not open it")
      }
    }
    guard let key = PrivateKey(secret) else {
      throw KeyFileError(message: "what it holds is no key of secp256k1")
    }
    guard address == nil || address == key.address else {
      throw KeyFileError(message: "its key is not that of the address it names")
    }
    return key
  }

  /// What a file says, and whose key it says it is.
  private static func read(_ file: Bytes) throws(KeyFileError) -> (Keystore, Address?) {
    guard file.count <= sizeLimitInBytes, let json = try? JSON.parse(file), json.object != nil
    else { throw KeyFileError(message: "it is no JSON object") }
    guard json["version"]?.uint64 == 3 else {
      throw KeyFileError(message: "its version is not 3")
    }
    guard let crypto = json["crypto"] ?? json["Crypto"], let parameters = crypto["kdfparams"] else {
      throw KeyFileError(message: "it has no crypto with kdfparams")
    }
    guard crypto["cipher"] == "aes-128-ctr" else {
      throw KeyFileError(message: "its cipher is not aes-128-ctr")
    }
    let code = try bytes(crypto, "mac")
    guard code.count == 32 else { throw KeyFileError(message: "its mac has not 32 bytes") }
    let store = Keystore(
      derivation: try derivation(crypto, parameters), salt: try bytes(parameters, "salt"),
      keySizeInBytes: Int(clamping: try number(parameters, "dklen")),
      counter: try bytes(crypto["cipherparams"] ?? .null, "iv"),
      ciphertext: try bytes(crypto, "ciphertext"), code: Hash(code))
    return (store, json["address"]?.string.flatMap { Address(hexadecimal: $0) })
  }

  private static func derivation(
    _ crypto: JSON, _ parameters: JSON
  ) throws(KeyFileError) -> Keystore.Derivation {
    switch crypto["kdf"]?.string {
    case "scrypt":
      return .scrypt(
        cost: try number(parameters, "n"), blockSize: try number(parameters, "r"),
        parallelism: try number(parameters, "p"))
    case "pbkdf2":
      guard parameters["prf"] == nil || parameters["prf"] == "hmac-sha256" else {
        throw KeyFileError(message: "its prf is not hmac-sha256")
      }
      return .pbkdf2(rounds: Int(clamping: try number(parameters, "c")))
    case let other:
      throw KeyFileError(message: "its kdf is \(other ?? "missing"), not scrypt or pbkdf2")
    }
  }

  private static func bytes(_ json: JSON, _ name: String) throws(KeyFileError) -> Bytes {
    guard let bytes = json[name]?.string.flatMap({ Hexadecimal.decode($0) }) else {
      throw KeyFileError(message: "its \(name) is not in hexadecimal")
    }
    return bytes
  }

  private static func number(_ json: JSON, _ name: String) throws(KeyFileError) -> UInt64 {
    guard let number = json[name]?.uint64 else {
      throw KeyFileError(message: "its \(name) is no whole number")
    }
    return number
  }
}
