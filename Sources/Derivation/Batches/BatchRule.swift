import Primitives

/// A rule of validity that a batch can break, or what it must wait for.
///
/// Source: the OP Stack specification, batch queue; Delta, span batches; Holocene; Isthmus.
public enum BatchRule: Hashable, Sendable {
  /// It is for a later block than the next; since Holocene that is a gap, and gaps are refused.
  case future
  /// It is for a block that exists.
  case past
  /// Its parent is not the safe head, or a span's parent check is not that of its parent.
  case parentHash
  /// It was posted after the sequencing window of its origin.
  case sequencingWindow
  /// Its origin is older than the one before.
  case originTooOld
  /// Its origin is more than one L1 block later than the one before.
  case originTooNew
  /// Its origin is another block than L1's of that number.
  case originHash
  /// It is older than its origin.
  case beforeOrigin
  /// It runs too far ahead of its origin, and has transactions.
  case driftWithTransactions
  /// It runs too far ahead of its origin where the next origin could have been taken.
  case driftWithoutNextOrigin
  /// A transaction has no byte.
  case emptyTransaction
  /// A transaction is a deposit, which only L1 can make.
  case depositTransaction
  /// A transaction sets code, which came with Isthmus.
  case setCodeBeforeIsthmus
  /// Jovian's first block has transactions, and may have none.
  case transactionsAtActivation
  /// A transaction has blobs, which L2 does not.
  case blobTransaction
  /// Span batches came with Delta.
  case spanBeforeDelta
  /// A span's blocks stand between those of the chain.
  case misalignedTimestamp
  /// A span's block that exists already has other transactions there.
  case overlapTransactions
  /// A span's block that exists already has another origin there.
  case overlapOrigin
  /// The next L1 block is not known yet.
  case originUnknown

  /// The rule's name, as log lines print it.
  public var name: String {
    switch self {
    case .future: "timestamp is in the future"
    case .past: "timestamp is in the past"
    case .parentHash: "parent hash does not match"
    case .sequencingWindow: "sequencing window has expired"
    case .originTooOld: "L1 origin is too old"
    case .originTooNew: "L1 origin is too new"
    case .originHash: "L1 origin is not canonical"
    case .beforeOrigin: "timestamp is before the L1 origin"
    case .driftWithTransactions: "sequencer drift exceeded with transactions"
    case .driftWithoutNextOrigin: "sequencer drift exceeded, next L1 origin available"
    case .emptyTransaction: "empty transaction"
    case .depositTransaction: "deposit transaction in a batch"
    case .transactionsAtActivation: "transactions in Jovian's first block"
    case .setCodeBeforeIsthmus: "set-code transaction before Isthmus"
    case .blobTransaction: "blob transaction in a batch"
    case .spanBeforeDelta: "span batch before Delta"
    case .misalignedTimestamp: "timestamp is not aligned with the chain"
    case .overlapTransactions: "overlapped block has other transactions"
    case .overlapOrigin: "overlapped block has another L1 origin"
    case .originUnknown: "L1 origin is not known yet"
    }
  }
}

/// What becomes of a batch.
public enum BatchValidity: Hashable, Sendable {
  /// It is the next block.
  case accept
  /// It breaks a rule, now and always.
  case drop(BatchRule)
  /// It cannot be judged without more of L1.
  case undecided(BatchRule)
  /// It may be valid later; not since Holocene.
  case future
  /// Since Holocene: it is for blocks that exist, which harms nothing.
  case past
}
