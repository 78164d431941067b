import EVM
import Execution
import Primitives

/// What the pipeline lacks; the caller fetches it, hands it over, and goes on.
public enum DerivationNeed: Hashable, Sendable {
  /// The L1 block of this number, for `supply(l1Block:)`; it may not exist yet.
  case l1Block(number: UInt64)
  /// Blobs of an L1 block, for `supply(blobs:)`, in this order.
  case blobs([BlobRequest], of: L1BlockReference)
  /// What a commitment in an L1 block stands for, for `supply(input:)`.
  case altDAInput(AltDACommitment, of: L1BlockReference)
  /// The block of this number on the safe L2 chain, for `supply(l2Block:)`.
  case l2Block(number: UInt64)
}

/// A blob that a batcher transaction names.
public struct BlobRequest: Hashable, Sendable {
  /// Its index among all blobs of the L1 block.
  public var index: Int
  /// Its versioned hash.
  public var versionedHash: Hash

  /// A request for the blob with these names.
  public init(index: Int, versionedHash: Hash) {
    self.index = index
    self.versionedHash = versionedHash
  }
}

/// Why derivation cannot go on from where it stands, and must begin again at a start that holds.
public enum DerivationReset: Hashable, Sendable {
  /// The L1 block that was handed over does not follow the one before: L1 was reorganised.
  case l1Reorganised(from: BlockIdentifier, to: L1BlockReference)
  /// The safe head's origin is not where the pipeline has read L1.
  case originMismatch(expected: BlockIdentifier, got: BlockIdentifier)
  /// A block of the safe chain that was handed over says nothing of its origin.
  case malformedL2Block(L2BlockError)
}

/// Why no correct block can be derived any more.
public enum DerivationFailure: Hashable, Sendable {
  /// A log of the portal is no deposit.
  case malformedDeposit(MalformedDeposit)
  /// The engine found a block of deposits alone invalid.
  case invalidDeposits(parent: BlockIdentifier)
}

/// What ends a step without a result.
public enum DerivationError: Error, Hashable, Sendable {
  /// Begin again: find a start, and make a new pipeline from it.
  case reset(DerivationReset)
  /// Stop: nothing can be done.
  case critical(DerivationFailure)
}

/// Why a stage of the pipeline gives nothing.
enum StageStop: Error {
  /// Nothing more in this L1 block.
  case endOfData
  /// Something was read or dropped; ask again.
  case again
  case needs(DerivationNeed)
  case failed(DerivationError)
}
