import Blobs
import Cryptography
import Primitives

/// Typed calls of `contracts/da/CertificateVerifier.sol`.
public enum CertificateVerifierContract {
  /// Where genesis places it.
  public static let address = LayerOneAddresses.certificateVerifier

  /// Reverts unless a certificate is valid; the error says what is wrong, as `Certificate.verify`
  /// does.
  public static func verify(_ certificate: Certificate) -> Bytes { certificate.verifierCall }

  /// Whether a certificate of version 3, in the ABI's encoding, is valid; as EigenDA's clients ask.
  public static func isValid(_ encoded: Bytes) -> ContractView<Bool> {
    ContractView(
      address, ABI.call("checkDACert(bytes)", [.bytes(encoded)]), returning: .uint(bits: 8)
    ) { values in values[0].asUInt64.map { $0 == 1 } }
  }

  /// How many versions of blobs there are.
  public static let blobVersionCount = ContractView<UInt64>(
    shortNumber: address, ABI.call("blobVersionCount()", []))

  /// Adds a version of blobs; the owner may.
  public static func addBlobVersion(_ parameters: BlobVersionParameters) -> Bytes {
    ABI.call(
      "addBlobVersion((uint32,uint32,uint8))",
      [
        .tuple([
          .uint(UInt64(parameters.chunkCount)), .uint(UInt64(parameters.operatorLimit)),
          .uint(UInt64(parameters.codingRate)),
        ])
      ])
  }
}

/// Typed calls of `contracts/da/OperatorRegistry.sol`, whose histories certificates refer to.
public enum OperatorRegistryContract {
  /// Where genesis places it.
  public static let address = LayerOneAddresses.operatorRegistry

  /// A history: what it is of, hashed.
  public struct History: Hashable, Sendable {
    /// The hash by which the contract knows it.
    public let key: Hash

    private init(_ name: String, _ arguments: [ABIValue]) {
      key = Keccak256.hash(ABI.encode([.string(name)] + arguments))
    }

    /// Of the first 24 bytes of the hash of the sum of a quorum's keys.
    public static func quorumKey(_ quorum: UInt8) -> History {
      History("quorum key", [.uint(UInt64(quorum))])
    }

    /// Of the sum of a quorum's stakes.
    public static func totalStake(_ quorum: UInt8) -> History {
      History("total stake", [.uint(UInt64(quorum))])
    }

    /// Of the quorums that an operator is in, a bit each.
    public static func quorums(of member: Hash) -> History {
      History("quorums", [.bytes32(member)])
    }

    /// Of an operator's stake in a quorum.
    public static func stake(of member: Hash, in quorum: UInt8) -> History {
      History("stake", [.bytes32(member), .uint(UInt64(quorum))])
    }
  }

  /// A value, of at most 192 bits, and the block from which on it holds.
  public struct Entry: Hashable, Sendable {
    /// What it is of.
    public var history: History
    /// The first block at which it holds.
    public var fromBlock: UInt32
    /// The value.
    public var value: UInt256

    /// A value that holds from a block on.
    public init(_ history: History, fromBlock: UInt32, value: UInt256) {
      self.history = history
      self.fromBlock = fromBlock
      self.value = value
    }
  }

  /// Writes entries, whose blocks must not be before those of the last ones; the owner may.
  public static func write(_ entries: [Entry]) -> Bytes {
    ABI.call(
      "write(bytes32[],uint32[],uint192[])",
      [
        .array(entries.map { .bytes32($0.history.key) }),
        .array(entries.map { .uint(UInt64($0.fromBlock)) }),
        .array(entries.map { .uint($0.value) }),
      ])
  }

  /// How many entries a history has.
  public static func entryCount(of history: History) -> ContractView<UInt64> {
    ContractView(
      shortNumber: address, ABI.call("entryCount(bytes32)", [.bytes32(history.key)]))
  }

  /// The value at an index, if it is the one that held at a block.
  public static func value(
    of history: History, index: UInt32, block: UInt32
  ) -> ContractView<UInt256?> {
    ContractView(
      address,
      ABI.call(
        "valueAt(bytes32,uint32,uint32)",
        [.bytes32(history.key), .uint(UInt64(index)), .uint(UInt64(block))]),
      returning: .bool, .uint(bits: 192)
    ) { values in
      guard let isFound = values[0].asBool, let value = values[1].asUInt256 else { return nil }
      return .some(isFound ? value : nil)
    }
  }
}
