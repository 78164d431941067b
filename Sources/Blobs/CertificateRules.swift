import Primitives

/// What a rollup demands of certificates: the constants of its certificate verifier on L1.
public struct CertificateRules: Equatable, Sendable {
  /// The parameters of each version of blobs, from version 0 on.
  public var blobVersions: [BlobVersionParameters]
  /// The share of a quorum's stake, in per cent, that must have signed.
  public var confirmationPercent: UInt8
  /// The share of a quorum's stake, in per cent, that may belong to an adversary.
  public var adversaryPercent: UInt8
  /// The quorums that every blob must be in, in ascending order.
  public var requiredQuorums: Bytes
  /// The version of the rules of derivation, which certificates of version 4 name.
  public var derivationVersion: UInt16
  /// More signed quorums than these are refused.
  public var quorumLimit: Int
  /// More non-signers than these, counted once a quorum, are refused.
  public var nonSignerLimit: Int

  /// Rules of these constants.
  public init(
    blobVersions: [BlobVersionParameters], confirmationPercent: UInt8, adversaryPercent: UInt8,
    requiredQuorums: Bytes, derivationVersion: UInt16 = 0, quorumLimit: Int = 5,
    nonSignerLimit: Int = 415
  ) {
    self.blobVersions = blobVersions
    self.confirmationPercent = confirmationPercent
    self.adversaryPercent = adversaryPercent
    self.requiredQuorums = requiredQuorums
    self.derivationVersion = derivationVersion
    self.quorumLimit = quorumLimit
    self.nonSignerLimit = nonSignerLimit
  }

  /// EigenDA's: 55 % must sign, 33 % may be bad, quorums 0 and 1.
  public static var mainnet: Self {
    Self(
      blobVersions: [.mainnet], confirmationPercent: 55, adversaryPercent: 33,
      requiredQuorums: [0, 1])
  }
}

/// Why a certificate is not valid, in the order in which it is checked.
public enum CertificateRejection: Error, Equatable, Sendable {
  /// The encoding for the contract is longer than the limit.
  case tooLong(Int)
  /// It is for other rules of derivation.
  case derivationVersion(UInt16)
  /// The proof does not lead from the blob to the batch's root.
  case inclusion
  /// There is no such version of blobs.
  case blobVersion(UInt16)
  /// With these thresholds, a blob of this version could be lost.
  case securityAssumptions
  /// It has more quorums than the limit.
  case quorumCount(Int)
  /// It has more non-signers than the limit.
  case nonSignerCount(Int)
  /// No quorum signed.
  case noQuorum
  /// Lists that go together differ in length.
  case lengthMismatch
  /// The reference block is not before the block of the check.
  case referenceBlock(UInt32)
  /// The quorums are not in ascending order, or one does not exist.
  case quorums
  /// The non-signers are not in ascending order of their hashes.
  case nonSignersUnsorted
  /// The registry had no such entry for an operator at the reference block.
  case nonSigner(Int)
  /// The key of a quorum is another one, or not at that index.
  case quorumKey(UInt8)
  /// A stake is not at the index that the certificate names.
  case stakeIndex(UInt8)
  /// The signature, or a point, is not valid.
  case signature
  /// A quorum of the blob is not confirmed.
  case blobQuorums
  /// A required quorum is not one of the blob's.
  case requiredQuorums
}
