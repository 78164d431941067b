import Cryptography
import Primitives

/// The hashes of a certificate's parts, over their encodings in the contract ABI.
extension BatchHeader {
  /// What the operators sign.
  public var hash: Hash {
    Keccak256.hash(root.bytes + Hash(UInt256(UInt64(referenceBlock))).bytes)
  }
}

extension BlobHeader {
  /// The *blob key*: what a blob is stored and asked for by, and what its account signs.
  public var blobKey: Hash {
    let inner = ABI.encode([
      .uint(UInt256(UInt64(version))), .bytes(quorums.sorted()), commitment.abiValue,
    ])
    return Keccak256.hash(Keccak256.hash(inner).bytes + paymentHash.bytes)
  }

  /// The hash that a contract makes, which takes the quorums in the order in which they are given.
  ///
  /// It is the blob key where they are sorted.
  public var contractHash: Hash {
    let inner = ABI.encode([
      .uint(UInt256(UInt64(version))), .bytes(quorums), commitment.abiValue,
    ])
    return Keccak256.hash(Keccak256.hash(inner).bytes + paymentHash.bytes)
  }
}

extension BlobCertificate {
  /// The leaf of the batch's tree.
  public var hash: Hash {
    Keccak256.hash(
      ABI.encode([
        .bytes32(header.contractHash), .bytes(signature),
        .array(relayKeys.map { .uint(UInt256(UInt64($0))) }),
      ]))
  }
}

extension CommitmentWords {
  /// The tuple in the contract ABI.
  var abiValue: ABIValue {
    .tuple([
      .tuple([.uint(commitment.x), .uint(commitment.y)]), lengthCommitment.abiValue,
      lengthProof.abiValue, .uint(UInt256(UInt64(length))),
    ])
  }
}

extension G2Words {
  /// The tuple of two pairs in the contract ABI.
  var abiValue: ABIValue {
    .tuple([.fixedArray([.uint(x1), .uint(x0)]), .fixedArray([.uint(y1), .uint(y0)])])
  }
}

/// Who pays for a dispersal, and how: only its hash is in the certificate.
public struct PaymentHeader: Hashable, Sendable {
  /// The account.
  public var account: Address
  /// When, in nanoseconds since 1970.
  public var timestampInNanoseconds: UInt64
  /// What the account has paid up to now, in wei, this blob included; zero for a reservation.
  public var cumulativePayment: UInt256

  /// A header of these parts.
  public init(account: Address, timestampInNanoseconds: UInt64, cumulativePayment: UInt256) {
    self.account = account
    self.timestampInNanoseconds = timestampInNanoseconds
    self.cumulativePayment = cumulativePayment
  }

  /// The hash over (string, int64, uint256) of the ABI; the account is text with a checksum's
  /// capitals.
  public var hash: Hash {
    Keccak256.hash(
      ABI.encode([
        .tuple([
          .string(account.checksummed), .int(UInt256(timestampInNanoseconds)),
          .uint(cumulativePayment),
        ])
      ]))
  }
}
