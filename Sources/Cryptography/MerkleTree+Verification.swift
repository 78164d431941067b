import Primitives

/// The other side: whoever has only roots checks proofs here.
extension MerkleTree {
  /// Whether the proof leads from a leaf hash at an index to the root of a tree of this size.
  ///
  /// Source: RFC 9162, section 2.1.3.2.
  public static func verifyInclusion(
    leaf: Hash, index: UInt64, treeSize: UInt64, root: Hash, proof: [Hash]
  ) -> Bool {
    guard index < treeSize else { return false }
    var (node, last) = (index, treeSize - 1)
    var hash = leaf
    for sibling in proof {
      guard last != 0 else { return false }
      if node & 1 == 1 || node == last {
        hash = nodeHash(sibling, hash)
        while node & 1 == 0 && node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        hash = nodeHash(hash, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && hash == root
  }

  /// Whether the proof shows that the old tree is the start of the new one.
  ///
  /// A tree of no leaves is the start of every tree, by an empty proof.
  ///
  /// Source: RFC 9162, section 2.1.4.2.
  public static func verifyConsistency(
    oldSize: UInt64, oldRoot: Hash, newSize: UInt64, newRoot: Hash, proof: [Hash]
  ) -> Bool {
    guard oldSize <= newSize else { return false }
    if oldSize == newSize { return proof.isEmpty && oldRoot == newRoot }
    if oldSize == 0 { return proof.isEmpty && oldRoot == emptyRoot }
    var path = proof[...]
    // The old root itself is the first node where the old tree is one complete subtree.
    var first = oldRoot
    if oldSize & (oldSize - 1) != 0 {
      guard let head = path.popFirst() else { return false }
      first = head
    }
    guard
      let roots = consistentRoots(
        oldSize: oldSize, newSize: newSize, first: first, path: path)
    else { return false }
    return roots.old == oldRoot && roots.new == newRoot
  }

  /// The roots of an older and a newer tree to which a consistency path leads; nil if it is not as
  /// long as it must be.
  ///
  /// `first` is the largest complete subtree at the right edge of the older tree. The old size is
  /// above 0 and below the new one.
  ///
  /// Source: RFC 9162, section 2.1.4.2.
  public static func consistentRoots(
    oldSize: UInt64, newSize: UInt64, first: Hash, path: ArraySlice<Hash>
  ) -> (old: Hash, new: Hash)? {
    guard 0 < oldSize, oldSize < newSize else { return nil }
    var (node, last) = (oldSize - 1, newSize - 1)
    while node & 1 == 1 {
      node >>= 1
      last >>= 1
    }
    var (old, new) = (first, first)
    for sibling in path {
      guard last != 0 else { return nil }
      if node & 1 == 1 || node == last {
        old = nodeHash(sibling, old)
        new = nodeHash(sibling, new)
        while node & 1 == 0 && node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        new = nodeHash(new, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 ? (old, new) : nil
  }
}

/// The right edge of a growing tree: all that appending and the root need.
///
/// A value of at most 64 hashes; appending takes constant time on average.
public struct MerkleFrontier: Hashable, Sendable {
  /// How many leaves there are.
  public private(set) var count: UInt64

  /// The roots of the complete subtrees, the largest and leftmost first: one for each bit of
  /// `count`.
  public private(set) var peaks: [Hash]

  /// The tree without leaves.
  public init() {
    count = 0
    peaks = []
  }

  /// The tree that was saved as these parts, or nil if they do not belong together.
  public init?(count: UInt64, peaks: [Hash]) {
    guard count.nonzeroBitCount == peaks.count else { return nil }
    self.count = count
    self.peaks = peaks
  }

  /// Appends a leaf hash.
  public mutating func append(_ leaf: Hash) {
    append(leaf) { _, _, _ in }
  }

  /// Appends a leaf hash and tells each subtree that it completes, the leaf at level 0 first.
  public mutating func append(
    _ leaf: Hash, completed: (_ level: Int, _ index: UInt64, _ hash: Hash) -> Void
  ) {
    var node = leaf
    var index = count
    var level = 0
    completed(level, index, node)
    while index & 1 == 1, let left = peaks.popLast() {
      node = MerkleTree.nodeHash(left, node)
      index >>= 1
      level += 1
      completed(level, index, node)
    }
    peaks.append(node)
    count += 1
  }

  /// The root over all leaves.
  public var root: Hash {
    guard var root = peaks.last else { return MerkleTree.emptyRoot }
    for peak in peaks.dropLast().reversed() { root = MerkleTree.nodeHash(peak, root) }
    return root
  }
}
