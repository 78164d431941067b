import Cryptography
import Primitives

/// A signed statement that the log's first events have a certain root.
///
/// Whoever keeps one can later prove that the log was only appended to since.
public struct Checkpoint: Hashable, Sendable {
  /// The name of the log: `opal.log/` and the leaf hash of its first event.
  public var origin: String
  /// How many events it covers: 1 to this sequence.
  public var size: UInt64
  /// The root of the tree over them.
  public var root: Hash
  /// The signer's secp256k1 key, x ‖ y.
  public var publicKey: Bytes
  /// The signature over `digest`.
  public var signature: Signature

  /// A checkpoint with these parts; none of them is checked.
  public init(
    origin: String, size: UInt64, root: Hash, publicKey: Bytes, signature: Signature
  ) {
    self.origin = origin
    self.size = size
    self.root = root
    self.publicKey = publicKey
    self.signature = signature
  }

  /// The number of the signature scheme: secp256k1 over SHA-256 of the body.
  static let scheme: Int64 = 1

  /// The signed text: origin, size and root in base64, each on a line.
  ///
  /// Source: https://c2sp.org/tlog-checkpoint
  public var body: Bytes { Self.body(origin: origin, size: size, root: root) }

  /// What is signed: SHA-256 of the body.
  public var digest: Hash { SHA256.hash(body) }

  /// Whether the signature is one by the public key, with a low s.
  public func isSigned(provider: any CryptographyProvider) -> Bool {
    guard signature.isInRange, signature.isLowS else { return false }
    let signer = provider.recoverPublicKey(
      messageHash: digest, r: signature.r, s: signature.s, yParity: signature.yParity)
    return signer == publicKey
  }

  static func origin(firstLeaf: Hash) -> String {
    "opal.log/" + Hexadecimal.encode(firstLeaf.bytes)
  }

  static func body(origin: String, size: UInt64, root: Hash) -> Bytes {
    Array("\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n".utf8)
  }
}
