import Cryptography
import Primitives

/// What the fault-proof program asks its oracle for: 32 bytes whose first says how they commit to
/// the answer.
///
/// Source: the OP Stack specification, fault proof, pre-image communication.
public struct PreimageKey: Hashable, Sendable {
  /// The kinds of key; the raw value is the key's first byte.
  public enum Kind: UInt8, Hashable, Sendable {
    /// An input of this dispute alone, by its index.
    case local = 1
    /// What has this Keccak-256.
    case keccak256 = 2
    /// What a commitment of another kind stands for, which the program checks itself.
    case generic = 3
    /// What has this SHA-256.
    case sha256 = 4
    /// A field element of a blob.
    case blob = 5
    /// The result of a precompiled contract.
    case precompile = 6
  }

  /// The key's 32 bytes.
  public let bytes: Hash

  /// The key with these bytes, or nil if the first is no kind.
  public init?(bytes: Hash) {
    guard Kind(rawValue: UInt8(truncatingIfNeeded: bytes.word0 >> 56)) != nil else { return nil }
    self.bytes = bytes
  }

  private init(_ kind: Kind, _ hash: Hash) {
    bytes = Hash(
      UInt64(kind.rawValue) << 56 | (hash.word0 & 0x00ff_ffff_ffff_ffff), hash.word1,
      hash.word2, hash.word3)
  }

  /// How the key commits to the answer.
  public var kind: Kind {
    Kind(rawValue: UInt8(truncatingIfNeeded: bytes.word0 >> 56)) ?? .local
  }

  /// The key of the input with this index.
  public static func local(_ index: UInt64) -> PreimageKey {
    PreimageKey(.local, Hash(0, 0, 0, index))
  }

  /// The key of what has this Keccak-256.
  public static func keccak256(_ hash: Hash) -> PreimageKey { PreimageKey(.keccak256, hash) }

  /// The key of what a DA layer's commitment stands for, by the Keccak-256 of the commitment.
  public static func generic(_ hash: Hash) -> PreimageKey { PreimageKey(.generic, hash) }

  /// The key of what has this SHA-256.
  public static func sha256(_ hash: Hash) -> PreimageKey { PreimageKey(.sha256, hash) }

  /// The key of a field element: of a blob's commitment and the point where it is evaluated.
  ///
  /// `hash` is the Keccak-256 of the commitment's 48 bytes and the point's 32.
  public static func blob(_ hash: Hash) -> PreimageKey { PreimageKey(.blob, hash) }

  /// The key of a precompiled contract's result, by a hash of what it is called with.
  public static func precompile(_ hash: Hash) -> PreimageKey { PreimageKey(.precompile, hash) }

  /// The key of a precompiled contract's result: of its address and its input.
  ///
  /// With `requiredGas` it is the key of version 2, which commits to the gas too.
  public static func precompile(
    address: Address, input: Bytes, requiredGas: UInt64? = nil
  ) -> PreimageKey {
    var bytes = address.bytes
    if let requiredGas { bytes += UInt256(requiredGas).bigEndianBytes[24...] }
    return PreimageKey(.precompile, Keccak256.hash(bytes + input))
  }
}
