import Primitives

/// A certificate: that enough operators hold their chunks of a blob.
///
/// The parts and their names are those of EigenDA's contracts (`EigenDACertTypes.sol`).
public struct Certificate: Hashable, Sendable {
  /// How a certificate is laid out.
  public enum Version: UInt8, Hashable, Sendable {
    /// Inclusion before batch header.
    case v2 = 1
    /// Batch header before inclusion.
    case v3 = 2
    /// As version 3, with the version of the rules of derivation at the end.
    case v4 = 3
  }

  /// How it is laid out.
  public var version: Version
  /// The batch.
  public var batchHeader: BatchHeader
  /// The blob, and where in the batch it is.
  public var inclusion: BlobInclusion
  /// Who signed.
  public var attestation: Attestation
  /// The quorums that signed, a byte each.
  public var signedQuorums: Bytes
  /// The version of the rules of derivation; 0 up to version 3.
  public var derivationVersion: UInt16

  /// A certificate of these parts.
  public init(
    version: Version, batchHeader: BatchHeader, inclusion: BlobInclusion,
    attestation: Attestation, signedQuorums: Bytes, derivationVersion: UInt16 = 0
  ) {
    self.version = version
    self.batchHeader = batchHeader
    self.inclusion = inclusion
    self.attestation = attestation
    self.signedQuorums = signedQuorums
    self.derivationVersion = derivationVersion
  }

  /// The commitment to the blob.
  public var commitment: CommitmentWords { inclusion.certificate.header.commitment }

  /// Certificates longer than this are refused, in either encoding.
  public static var sizeLimitInBytes: Int { 1 << 18 }
}

/// What the operators sign: the root over a batch's blobs, and the L1 block whose stakes count.
public struct BatchHeader: Hashable, Sendable {
  /// The root of the tree over the hashes of the batch's blob certificates.
  public var root: Hash
  /// The L1 block at which stakes are read.
  public var referenceBlock: UInt32

  /// A header of these parts.
  public init(root: Hash, referenceBlock: UInt32) {
    self.root = root
    self.referenceBlock = referenceBlock
  }
}

/// What a blob is, as its dispersal asked for.
public struct BlobHeader: Hashable, Sendable {
  /// The version of the coding's parameters.
  public var version: UInt16
  /// The quorums, a byte each.
  public var quorums: Bytes
  /// The commitment.
  public var commitment: CommitmentWords
  /// The hash of who pays and how.
  public var paymentHash: Hash

  /// A header of these parts.
  public init(version: UInt16, quorums: Bytes, commitment: CommitmentWords, paymentHash: Hash) {
    self.version = version
    self.quorums = quorums
    self.commitment = commitment
    self.paymentHash = paymentHash
  }
}

/// A blob's header with its account's signature and the relays that serve it.
public struct BlobCertificate: Hashable, Sendable {
  /// The header.
  public var header: BlobHeader
  /// The account's signature over the blob key: r, s and v in 65 bytes.
  public var signature: Bytes
  /// The relays.
  public var relayKeys: [UInt32]

  /// A certificate of these parts.
  public init(header: BlobHeader, signature: Bytes, relayKeys: [UInt32]) {
    self.header = header
    self.signature = signature
    self.relayKeys = relayKeys
  }
}

/// A blob's certificate, and the proof that a batch has it.
public struct BlobInclusion: Hashable, Sendable {
  /// The blob's certificate.
  public var certificate: BlobCertificate
  /// Its index in the batch.
  public var index: UInt32
  /// The siblings on the way to the root, 32 bytes each.
  public var proof: Bytes

  /// An inclusion of these parts.
  public init(certificate: BlobCertificate, index: UInt32, proof: Bytes) {
    self.certificate = certificate
    self.index = index
    self.proof = proof
  }
}

/// The operators' aggregated signature over a batch, and all that L1's registry needs to tell who
/// did not sign: EigenLayer's `NonSignerStakesAndSignature`.
public struct Attestation: Hashable, Sendable {
  /// For each operator that did not sign, the index of its entry in the history of bitmaps.
  public var nonSignerBitmapIndices: [UInt32]
  /// The keys of those operators, sorted by their hashes.
  public var nonSigners: [G1Words]
  /// For each quorum that signed, the sum of all its operators' keys.
  public var quorumKeys: [G1Words]
  /// The sum of the signers' keys in G2, one for each quorum that an operator signed for.
  public var signersKey: G2Words
  /// The sum of their signatures.
  public var signature: G1Words
  /// For each quorum, the index of its entry in the history of keys.
  public var quorumKeyIndices: [UInt32]
  /// For each quorum, the index of its entry in the history of total stakes.
  public var totalStakeIndices: [UInt32]
  /// For each quorum, the indices of its non-signers' entries in the histories of their stakes.
  public var nonSignerStakeIndices: [[UInt32]]

  /// An attestation of these parts.
  public init(
    nonSignerBitmapIndices: [UInt32], nonSigners: [G1Words], quorumKeys: [G1Words],
    signersKey: G2Words, signature: G1Words, quorumKeyIndices: [UInt32],
    totalStakeIndices: [UInt32], nonSignerStakeIndices: [[UInt32]]
  ) {
    self.nonSignerBitmapIndices = nonSignerBitmapIndices
    self.nonSigners = nonSigners
    self.quorumKeys = quorumKeys
    self.signersKey = signersKey
    self.signature = signature
    self.quorumKeyIndices = quorumKeyIndices
    self.totalStakeIndices = totalStakeIndices
    self.nonSignerStakeIndices = nonSignerStakeIndices
  }
}
