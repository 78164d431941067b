import Blobs
import Pairings
import Synchronization

/// The provers that were made so far, by shape and length of blobs: their tables take longer to
/// make than many proofs.
///
/// All are over one reference string.
public final class ProverShelf: Sendable {
  private struct Key: Hashable {
    let shape: EncodingShape
    let blobLength: Int
  }

  private let content = Mutex<[Key: MultiproofProver]>([:])
  private let folder: String?

  /// An empty shelf; tables are also kept in a folder, if one is named.
  public init(folder: String? = nil) { self.folder = folder }

  /// The prover of a code, made now if need be; nil if there are fewer powers of τ than
  /// coefficients.
  public func prover(
    _ code: ErasureCode, powers1: [BN254.G1], threads: Int = 1
  ) -> MultiproofProver? {
    let key = Key(shape: code.shape, blobLength: code.blobLength)
    if let known = content.withLock({ $0[key] }) { return known }
    let made = MultiproofProver.cached(
      code, powers1: powers1, folder: folder, threads: threads)
    content.withLock { $0[key] = made }
    return made
  }
}
