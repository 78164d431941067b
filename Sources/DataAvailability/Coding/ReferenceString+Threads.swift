import Blobs
import Threads

extension ReferenceString {
  /// The commitment of a blob, with its length proof, or nil where there are too few points; with
  /// more than one thread, the two sums that take longest are made side by side.
  public func commit(_ blob: Blob, threads: Int) -> BlobCommitment? {
    guard threads > 1, provesLengths else { return commit(blob) }
    let sums = Parallel.beside({ lengthProof(of: blob) }) {
      (blob.commitment(powers1), lengthCommitment(of: blob))
    }
    guard let proof = sums.other, let commitment = sums.here.0, let length = sums.here.1 else {
      return nil
    }
    return BlobCommitment(
      commitment: commitment, lengthCommitment: length, lengthProof: proof,
      length: UInt32(blob.length))
  }
}
