import Cryptography
import Primitives

/// The Merkle tree over a batch's certificates, as EigenDA's contracts check it: nodes are the
/// Keccak-256 of their children, leaves that of the leaf, and zeros fill up to a power of two.
public struct BatchTree: Equatable, Sendable {
  /// The nodes level by level, the leaves first.
  private let levels: [[Hash]]

  /// The tree over at least one leaf.
  public init(leaves: [Hash]) {
    precondition(!leaves.isEmpty, "a batch has a blob")
    var level = leaves.map { Keccak256.hash($0) }
    while level.count & (level.count - 1) != 0 { level.append(.zero) }
    var levels = [level]
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map { index in
        Keccak256.hash(UInt256(level[index]), UInt256(level[index + 1]))
      }
      levels.append(level)
    }
    self.levels = levels
  }

  /// The root.
  public var root: Hash { levels[levels.count - 1][0] }

  /// The siblings on the way from a leaf to the root.
  public func proof(at index: Int) -> [Hash] {
    precondition(index >= 0 && index < levels[0].count, "a leaf of the tree")
    return levels.dropLast().enumerated().map { level, nodes in nodes[index >> level ^ 1] }
  }

  /// The root to which a proof leads from a leaf, or nil unless it is of 32 bytes a level, at most
  /// 256 levels.
  ///
  /// Bits of the index beyond the proof's length count for nothing, as in the contract.
  public static func root(leaf: Hash, index: UInt32, proof: Bytes) -> Hash? {
    guard proof.count % 32 == 0, proof.count <= 32 * 256 else { return nil }
    var node = Keccak256.hash(leaf)
    var index = index
    for start in stride(from: 0, to: proof.count, by: 32) {
      let sibling = UInt256(bigEndian: proof[start..<start + 32])
      node =
        index & 1 == 0
        ? Keccak256.hash(UInt256(node), sibling) : Keccak256.hash(sibling, UInt256(node))
      index >>= 1
    }
    return node
  }
}
