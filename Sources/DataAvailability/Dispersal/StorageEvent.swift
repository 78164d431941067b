import Blobs
import Pairings
import Primitives

/// How an operator misbehaves, on demand.
public enum OperatorFault: UInt8, CaseIterable, Equatable, Sendable {
  /// Not at all.
  case none = 0
  /// It does not answer.
  case down = 1
  /// It keeps its chunks, but signs after the time for it.
  case slow = 2
  /// It keeps its chunks, and gives out others.
  case corrupting = 3
  /// It signs without keeping anything.
  case signsWithoutHolding = 4
  /// It signs whatever it is given, conflicting batches too, and checks nothing.
  case equivocating = 5
}

/// What happened in the data availability layer: decisions, in the past tense.
///
/// The state follows from them alone (`StorageState`). Large bytes are kept elsewhere, by hash.
public enum StorageEvent: Equatable, Sendable {
  /// An operator came, with a key whose possession it proved.
  case operatorRegistered(
    key: OperatorKey, account: Address, signature: BN254.G1, stakes: [QuorumStake], block: UInt32)
  /// An operator's stake became another.
  case stakeChanged(id: Hash, quorum: UInt8, stake: UInt256, block: UInt32)
  /// An operator left quorums, or was ejected.
  case operatorRemoved(id: Hash, quorums: Bytes, block: UInt32)
  /// An operator began or stopped to misbehave.
  case faultInjected(id: Hash, fault: OperatorFault)
  /// Somebody deposited for an account.
  case deposited(account: Address, amount: UInt256)
  /// An account was given a reservation.
  case reserved(account: Address, reservation: Reservation, timeInNanoseconds: UInt64)
  /// A blob was accepted and charged.
  case blobDispersed(
    certificate: BlobCertificate, payment: PaymentHeader, timeInNanoseconds: UInt64)
  /// A blob was coded.
  case blobEncoded(blobKey: Hash)
  /// Coded blobs became a batch, in this order.
  case batchSealed(blobKeys: [Hash], referenceBlock: UInt32)
  /// Enough operators signed a batch.
  case batchAttested(batch: Hash, signers: [Hash], signature: BN254.G1)
  /// A blob will not be certified, for a reason of `DispersalFailure`.
  case blobFailed(blobKey: Hash, failure: DispersalFailure)
  /// Blobs that were dispersed before a time are no longer kept by anybody.
  case blobsExpired(dispersedBeforeInNanoseconds: UInt64)

  /// A stake in a quorum.
  public struct QuorumStake: Equatable, Sendable {
    /// The quorum.
    public var quorum: UInt8
    /// How much.
    public var stake: UInt256

    /// A stake in a quorum.
    public init(quorum: UInt8, stake: UInt256) {
      self.quorum = quorum
      self.stake = stake
    }
  }
}

/// Why a blob was not certified.
public enum DispersalFailure: UInt8, Equatable, Sendable {
  /// A quorum's signers have less than the threshold.
  case thresholdNotReached = 0
  /// Its chunks could not be assigned.
  case noAssignment = 1
}
