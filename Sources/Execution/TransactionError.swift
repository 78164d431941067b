import Primitives

/// Why bytes are no transaction, or a transaction has no sender.
public enum TransactionError: Error, Hashable, Sendable {
  /// There are no bytes.
  case empty
  /// The first byte names no kind that is known here.
  case unsupportedType(UInt8)
  /// The RLP is not canonical or not of the kind's shape.
  case malformed(RLPError)
  /// The chain id is wider than 64 bits.
  case chainIDTooLarge
  /// The signature's v says neither a parity nor a chain.
  case invalidRecoveryIdentifier
  /// The signature is no signature, or has a high s where that is forbidden.
  case invalidSignature
  /// The transaction has not been signed.
  case unsigned
  /// A blob transaction came with its blobs, in the form for the network.
  case sidecarNotAccepted
  /// The kind calls an account always, and none is named.
  case creationNotAllowed

  /// What is wrong, for a caller to read; geth's wording where it has one.
  public var message: String {
    switch self {
    case .empty: "typed transaction too short"
    case .unsupportedType: "transaction type not supported"
    case .malformed(let cause): Self.message(of: cause)
    case .chainIDTooLarge: "chain id exceeds 64 bits"
    case .invalidRecoveryIdentifier: "invalid transaction v, r, s values"
    case .invalidSignature: "invalid transaction v, r, s values"
    case .unsigned: "transaction is not signed"
    case .sidecarNotAccepted: "blob transaction with its sidecar is not accepted here"
    case .creationNotAllowed: "rlp: input string too short for common.Address"
    }
  }

  private static func message(of cause: RLPError) -> String {
    switch cause {
    case .truncated: "rlp: value size exceeds available input length"
    case .trailingBytes: "rlp: input list has too many elements"
    case .nonCanonical: "rlp: non-canonical size information or integer"
    case .expectedList: "rlp: expected input list"
    case .expectedBytes: "rlp: expected input string or byte"
    case .tooLarge: "rlp: input string too long"
    case .wrongLength: "rlp: input string has the wrong length"
    }
  }
}
