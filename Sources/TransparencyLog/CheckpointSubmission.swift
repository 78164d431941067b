import Cryptography
import Primitives

/// A checkpoint with the proof that it extends an older one: what witnesses are asked to cosign.
///
/// Source: https://c2sp.org/tlog-witness
public struct CheckpointSubmission: Hashable, Sendable {
  /// The size of the older tree; 0 where there is none.
  public var oldSize: UInt64
  /// The consistency proof from the older tree.
  public var proof: [Hash]
  /// The new checkpoint.
  public var checkpoint: SignedTreeHead

  /// A submission of these parts.
  public init(oldSize: UInt64, proof: [Hash], checkpoint: SignedTreeHead) {
    self.oldSize = oldSize
    self.proof = proof
    self.checkpoint = checkpoint
  }

  /// Reads a submission; nothing in it is checked.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public init(_ bytes: Bytes) throws(TransparencyError) {
    var lines = LineReader(bytes)
    guard let first = lines.next(), first.hasPrefix("old "),
      let size = TreeHead.number(first.dropFirst(4))
    else { throw .malformed(what: "the submission", reason: "it names no old size") }
    oldSize = size
    proof = try lines.hashes(limit: 63, of: "the submission")
    checkpoint = try SignedTreeHead(lines.rest)
  }

  /// The submission as it is sent.
  public var bytes: Bytes {
    let lines = ["old \(oldSize)"] + proof.map(TreeHead.base64)
    return Bytes((lines.joined(separator: "\n") + "\n\n").utf8) + checkpoint.bytes
  }

  /// Whether the proof leads from an older root to the new one.
  public func extends(oldRoot: Hash) -> Bool {
    MerkleTree.verifyConsistency(
      oldSize: oldSize, oldRoot: oldRoot, newSize: checkpoint.head.size,
      newRoot: checkpoint.head.root, proof: proof)
  }
}
