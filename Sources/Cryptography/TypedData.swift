import Primitives

/// Structured data that wallets show and sign.
///
/// A struct's hash is made of its type's hash and one word for each member; `StructEncoder` makes
/// the words. Nested structs enter by their own hash.
///
/// Source: EIP-712.
public enum TypedData {
  /// The hash of a type such as "Mail(address to,string contents)".
  ///
  /// Types that it refers to follow it, sorted by name, as the standard says.
  public static func typeHash(_ type: String) -> Hash { Keccak256.hash(Bytes(type.utf8)) }

  /// The hash of a struct of this type with the members that the closure appends.
  public static func hashStruct(
    _ typeHash: Hash, _ members: (inout StructEncoder) -> Void
  ) -> Hash {
    var encoder = StructEncoder(typeHash)
    members(&encoder)
    return encoder.hash
  }

  /// The hash of the domain that keeps signatures for one contract from another's.
  public static func domainSeparator(
    name: String, version: String, chainID: UInt256, verifyingContract: Address
  ) -> Hash {
    let type = typeHash(
      "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    return hashStruct(type) { domain in
      domain.append(string: name)
      domain.append(string: version)
      domain.append(uint256: chainID)
      domain.append(address: verifyingContract)
    }
  }

  /// The hash that is signed.
  public static func digest(domainSeparator: Hash, structHash: Hash) -> Hash {
    var message: Bytes = [0x19, 0x01]
    message.reserveCapacity(66)
    domainSeparator.append(to: &message)
    structHash.append(to: &message)
    return Keccak256.hash(message)
  }

  /// The hash that `personal_sign` and `eth_sign` sign for a message.
  ///
  /// Source: EIP-191, version 0x45.
  public static func personalMessageDigest(_ message: Bytes) -> Hash {
    var bytes: Bytes = [0x19]
    bytes.append(contentsOf: "Ethereum Signed Message:\n".utf8)
    bytes.append(contentsOf: UInt256(message.count).decimalString.utf8)
    bytes.append(contentsOf: message)
    return Keccak256.hash(bytes)
  }
}

/// Collects the words of a struct's members in their order.
public struct StructEncoder: Sendable {
  private var words: Bytes

  /// An encoder of a struct of this type.
  public init(_ typeHash: Hash) { words = typeHash.bytes }

  /// Appends a number.
  public mutating func append(uint256 value: UInt256) { value.append(to: &words) }

  /// Appends a number.
  public mutating func append(uint64 value: UInt64) { UInt256(value).append(to: &words) }

  /// Appends an address.
  public mutating func append(address: Address) { UInt256(address).append(to: &words) }

  /// Appends a truth value.
  public mutating func append(bool value: Bool) { UInt256(value).append(to: &words) }

  /// Appends 32 bytes, or the hash of a nested struct.
  public mutating func append(hash: Hash) { hash.append(to: &words) }

  /// Appends bytes of any number, by their hash.
  public mutating func append(bytes: Bytes) { Keccak256.hash(bytes).append(to: &words) }

  /// Appends text, by its hash.
  public mutating func append(string: String) { append(bytes: Bytes(string.utf8)) }

  /// Appends an array whose elements are words or hashes of structs, by its hash.
  public mutating func append(words elements: [UInt256]) {
    var bytes = Bytes()
    bytes.reserveCapacity(32 * elements.count)
    for element in elements { element.append(to: &bytes) }
    append(bytes: bytes)
  }

  /// The hash of the struct.
  public var hash: Hash { Keccak256.hash(words) }
}
