import Primitives

/// A phrase of words that stands for a tree of keys.
///
/// Neither the number of words nor their checksum is checked: any text names a tree, as for every
/// wallet that only derives. The text must be ASCII, because others need Unicode normalisation.
///
/// Source: BIP-39, BIP-32, BIP-44.
public struct Mnemonic: Sendable {
  /// The phrase that public development accounts come from.
  ///
  /// Everybody knows its keys: anvil and hardhat use it too.
  public static let development =
    "test test test test test test test test test test test junk"

  private let master: ExtendedKey

  /// The tree of the phrase, or nil if the text or the passphrase is not ASCII or is empty.
  public init?(_ phrase: String, passphrase: String = "") {
    let words = Bytes(phrase.utf8).split(separator: 0x20).joined(separator: [0x20])
    let password = Bytes(words)
    let salt = Bytes("mnemonic".utf8) + Bytes(passphrase.utf8)
    guard !password.isEmpty, (password + salt).allSatisfy({ $0 < 0x80 }) else { return nil }
    seed = OpenSSL.stretch(password: password, salt: salt, rounds: 2048)
    guard let master = ExtendedKey(seed: seed) else { return nil }
    self.master = master
  }

  /// The 64 bytes that the phrase is stretched to.
  public let seed: Bytes

  /// The key of an account at m/44'/60'/0'/0/index, the path that Ethereum wallets use.
  ///
  /// Nil for an index from 2³¹ on, or if the index has no key, which nobody has ever met.
  public func privateKey(account index: UInt32) -> PrivateKey? {
    guard index < ExtendedKey.hardened else { return nil }
    let path = [44 | ExtendedKey.hardened, 60 | ExtendedKey.hardened, ExtendedKey.hardened, 0]
    return privateKey(path: path + [index])
  }

  /// The key at a path from the root, where 2³¹ and above are hardened steps; nil if it has none.
  public func privateKey(path: [UInt32]) -> PrivateKey? {
    var key = master
    for step in path {
      guard let child = key.child(step) else { return nil }
      key = child
    }
    return PrivateKey(key.secret)
  }
}

/// A secret key with the chain code that its children are made with.
private struct ExtendedKey: Sendable {
  static let hardened: UInt32 = 1 << 31

  let secret: Bytes
  let chainCode: Bytes

  init?(seed: Bytes) {
    let code = OpenSSL.hmacSHA512(key: Bytes("Bitcoin seed".utf8), message: seed)
    guard Secp256k1.isSecret(Bytes(code[..<32])) else { return nil }
    secret = Bytes(code[..<32])
    chainCode = Bytes(code[32...])
  }

  private init(secret: Bytes, chainCode: Bytes) {
    self.secret = secret
    self.chainCode = chainCode
  }

  func child(_ index: UInt32) -> ExtendedKey? {
    var message: Bytes
    if index >= Self.hardened {
      message = [0] + secret
    } else {
      guard let point = Secp256k1.compressedPublicKey(secret: secret) else { return nil }
      message = point
    }
    for shift in [24, 16, 8, 0] as [UInt32] {
      message.append(UInt8(truncatingIfNeeded: index >> shift))
    }
    let code = OpenSSL.hmacSHA512(key: chainCode, message: message)
    guard let sum = Secp256k1.sum(secret: secret, tweak: Bytes(code[..<32])) else { return nil }
    return ExtendedKey(secret: sum, chainCode: Bytes(code[32...]))
  }
}
