import Cryptography
import NativeCryptography
import Primitives

/// A public key with its name, by which signatures of notes are found and judged.
///
/// Source: https://c2sp.org/signed-note
public struct VerifierKey: Hashable, Sendable {
  /// What the key signs, and how.
  public enum Kind: Hashable, Sendable {
    /// Ed25519 over the text of a note.
    case ed25519
    /// A witness's cosignature: a time, and Ed25519 over it and the text.
    case cosignature
    /// Opal's own: secp256k1 over SHA-256 of the text, r ‖ s ‖ v with a low s.
    case secp256k1

    /// The bytes that stand for the kind before the key.
    var identifier: Bytes {
      switch self {
      case .ed25519: [0x01]
      case .cosignature: [0x04]
      // Kinds without a number of C2SP's are told apart by a name behind 0xff.
      case .secp256k1: [0xff] + Bytes("opal.log/secp256k1\n".utf8)
      }
    }

    var keySizeInBytes: Int { self == .secp256k1 ? 64 : Ed25519.keySizeInBytes }

    static let all: [Kind] = [.ed25519, .cosignature, .secp256k1]
  }

  /// The key's name.
  public let name: String
  /// What the key signs, and how.
  public let kind: Kind
  /// The public key: 32 bytes of Ed25519, or 64 bytes x ‖ y of secp256k1.
  public let publicKey: Bytes
  /// The first four bytes of SHA-256 over name, newline, kind and key.
  public let keyID: UInt32

  /// A key of these parts, or nil where the name or the key's length is none.
  public init?(name: String, kind: Kind, publicKey: Bytes) {
    guard SignedNote.isKeyName(name), publicKey.count == kind.keySizeInBytes else { return nil }
    self.name = name
    self.kind = kind
    self.publicKey = publicKey
    let hash = SHA256.hash(Bytes(name.utf8) + [0x0a] + kind.identifier + publicKey)
    keyID = UInt32(truncatingIfNeeded: hash.word0 >> 32)
  }

  /// Reads a key as Go's note package and C2SP's tools write it: `name+keyID+base64`.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public init(_ text: String) throws(TransparencyError) {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let bytes = Base64.decode(Array(parts[2].utf8)) else {
      throw .malformed(what: "the key", reason: "it is not of the form name+id+base64")
    }
    let candidates = Kind.all.compactMap { kind -> VerifierKey? in
      guard bytes.starts(with: kind.identifier) else { return nil }
      return VerifierKey(
        name: String(parts[0]), kind: kind,
        publicKey: Bytes(bytes.dropFirst(kind.identifier.count)))
    }
    guard let key = candidates.first else {
      throw .malformed(what: "the key", reason: "it is of no kind that is known here")
    }
    guard parts[1] == key.identifier else {
      throw .malformed(
        what: "the key", reason: "its number is \(key.identifier), and not \(parts[1])")
    }
    self = key
  }

  /// The key's number in eight hexadecimal digits.
  private var identifier: String {
    Hexadecimal.encode((0..<4).map { UInt8(truncatingIfNeeded: keyID >> (24 - 8 * UInt32($0))) })
  }

  /// The key as a line of text: `name+keyID+base64`.
  public var text: String {
    "\(name)+\(identifier)+" + Base64.encode(kind.identifier + publicKey)
  }

  /// Whether the bytes are a signature of a note's text by this key.
  public func isValid(_ signature: Bytes, of text: Bytes) -> Bool {
    switch kind {
    case .ed25519:
      return Ed25519.isValid(signature: signature, message: text, publicKey: publicKey)
    case .cosignature:
      guard let time = Cosignature.time(of: signature) else { return false }
      return Ed25519.isValid(
        signature: Bytes(signature[8...]), message: Cosignature.message(text: text, time: time),
        publicKey: publicKey)
    case .secp256k1:
      guard let signature = Signature(bytes65: signature), signature.isInRange,
        signature.isLowS
      else { return false }
      let signer = NativeCryptographyProvider.shared.recoverPublicKey(
        messageHash: SHA256.hash(text), r: signature.r, s: signature.s,
        yParity: signature.yParity)
      return signer == publicKey
    }
  }
}

/// A private key with its name, which signs notes.
public struct NoteSigner: Sendable {
  /// The public half, with the name.
  public let verifier: VerifierKey
  private let secret: Ed25519PrivateKey

  /// A signer of notes, or of checkpoints as a witness; nil for a name that no key can have.
  public init?(name: String, key: Ed25519PrivateKey, isWitness: Bool = false) {
    let kind = isWitness ? VerifierKey.Kind.cosignature : .ed25519
    guard let verifier = VerifierKey(name: name, kind: kind, publicKey: key.publicKey) else {
      return nil
    }
    self.verifier = verifier
    secret = key
  }

  /// The signature of a note's text; `time`, in seconds since 1970, is what a witness states.
  public func sign(_ text: Bytes, time: UInt64) -> SignedNote.Signature {
    let isWitness = verifier.kind == .cosignature
    let bytes =
      isWitness
      ? Cosignature.bytes(time: time) + secret.sign(Cosignature.message(text: text, time: time))
      : secret.sign(text)
    return SignedNote.Signature(name: verifier.name, keyID: verifier.keyID, bytes: bytes)
  }
}

/// What a witness signs: that a checkpoint is the largest that it has seen of a log at a time.
///
/// Source: https://c2sp.org/tlog-cosignature
public enum Cosignature {
  /// The signed message: two lines before the note's text.
  public static func message(text: Bytes, time: UInt64) -> Bytes {
    Bytes("cosignature/v1\ntime \(time)\n".utf8) + text
  }

  /// The time that stands before a cosignature, in seconds since 1970; nil for what is none.
  public static func time(of signature: Bytes) -> UInt64? {
    guard signature.count == 8 + Ed25519.signatureSizeInBytes else { return nil }
    let time = signature[..<8].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return time < 1 << 63 ? time : nil
  }

  static func bytes(time: UInt64) -> Bytes {
    (0..<8).map { UInt8(truncatingIfNeeded: time >> (56 - 8 * UInt64($0))) }
  }
}
