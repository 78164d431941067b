import Primitives

/// What of the ABI needs a hash.
extension ABI {
  /// The 4 bytes that a call of a function, or the data of an error, starts with.
  ///
  /// The signature is hashed as it is given, so it must be canonical: no spaces, "uint256".
  public static func selector(_ signature: String) -> Bytes {
    Bytes(Keccak256.hash(Bytes(signature.utf8)).bytes.prefix(4))
  }

  /// The first topic of an event with this canonical signature.
  public static func eventTopic(_ signature: String) -> Hash {
    Keccak256.hash(Bytes(signature.utf8))
  }

  /// The input of a call: the selector and the arguments.
  public static func call(_ signature: String, _ arguments: [ABIValue] = []) -> Bytes {
    selector(signature) + encode(arguments)
  }
}

extension ABISignature {
  /// The 4 bytes that a call starts with.
  public var selector: Bytes { Bytes(hash.bytes.prefix(4)) }

  /// The hash of the canonical signature: an event's first topic.
  public var hash: Hash { Keccak256.hash(canonical) }
}
