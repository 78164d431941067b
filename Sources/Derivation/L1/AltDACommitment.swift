import Cryptography
import Primitives

/// Why bytes are no commitment.
public enum AltDACommitmentError: Error, Hashable, Sendable {
  /// There are none.
  case empty
  /// The kind is neither 0 nor 1.
  case unknownKind(UInt8)
  /// A Keccak-256 commitment has not 32 bytes.
  case wrongLength
  /// A generic commitment names no DA layer.
  case noLayer

  /// What is wrong, in a few words.
  public var name: String {
    switch self {
    case .empty: "no data"
    case .unknownKind(let kind): "unknown kind " + String(kind)
    case .wrongLength: "wrong length"
    case .noLayer: "no DA layer"
    }
  }
}

/// What stands on L1 for data that are elsewhere.
///
/// Source: the OP Stack specification, alt-DA mode.
public enum AltDACommitment: Hashable, Sendable {
  /// The Keccak-256 of the data.
  case keccak256(Hash)
  /// A DA layer's byte, and what it makes of the rest.
  case generic(layer: UInt8, payload: Bytes)

  /// The first byte of a batcher transaction that holds a commitment.
  public static let version: UInt8 = 1
  /// The most bytes behind a Keccak-256 commitment: what one L1 transaction could show.
  public static let inputLimitInBytes = 130_672

  /// The kind and its content, as they stand behind the version byte.
  public var encoded: Bytes {
    switch self {
    case .keccak256(let hash): [0] + hash.bytes
    case .generic(let layer, let payload): [1, layer] + payload
    }
  }

  /// The data of a batcher transaction with this commitment.
  public var transactionData: Bytes { [Self.version] + encoded }

  /// The commitment that `bytes` are, without the version byte.
  ///
  /// - Throws: `AltDACommitmentError`.
  public static func decode(
    _ bytes: ArraySlice<UInt8>
  ) throws(AltDACommitmentError) -> AltDACommitment {
    guard let kind = bytes.first else { throw .empty }
    let content = bytes.dropFirst()
    switch kind {
    case 0:
      guard let hash = Hash(checking: content) else { throw .wrongLength }
      return .keccak256(hash)
    case 1:
      guard let layer = content.first else { throw .noLayer }
      return .generic(layer: layer, payload: Bytes(content.dropFirst()))
    default: throw .unknownKind(kind)
    }
  }

  /// Whether it stands for `input`; nil when only the DA layer can tell.
  public func commits(to input: Bytes) -> Bool? {
    switch self {
    case .keccak256(let hash): Keccak256.hash(input) == hash
    case .generic: nil
    }
  }
}

/// What a DA layer answers when asked what a commitment stands for.
public enum AltDAInput: Hashable, Sendable {
  /// The data; the caller has checked them against a generic commitment.
  case data(Bytes)
  /// The commitment is not valid, or its challenge was lost: it is passed over for good.
  case refused
  /// The certificate was judged here: it is passed over for this reason.
  case dropped(CertificateRefusal)
}
