import Ledger
import Primitives

/// What a node does for a rollup besides making its blocks.
public struct RollupServices: Sendable {
  /// How the second layer settles on the first; nil where the log says so already.
  public var document: RollupDocument
  /// Posts batches; nil for a node that does not.
  public var batcher: Batcher?
  /// Claims output roots; nil for a node that does not.
  public var proposer: Proposer?
  /// Brings a payload to a DA layer, and gives the commitment that goes to L1 behind a byte 1.
  ///
  /// Nil where the layer does not take it now. It may take its time.
  public var disperse: (@Sendable (Bytes) -> Bytes?)?
  /// Where postings wait for whoever makes them ready; nil for a thread of their own.
  public var preparations: PreparationQueue?
  /// Where the trusted setup of blobs is: `kzg_trusted_setup.txt`.
  public var trustedSetupPath: String?

  /// Makes the services.
  public init(
    document: RollupDocument, batcher: Batcher? = nil, proposer: Proposer? = nil,
    trustedSetupPath: String? = nil
  ) {
    self.document = document
    self.batcher = batcher
    self.proposer = proposer
    self.trustedSetupPath = trustedSetupPath
  }
}
