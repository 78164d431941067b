import Cryptography
import Primitives

/// What convinces somebody who has only a root.
extension EventLog {
  /// The root of the tree over the first `size` events; over all of them without an argument.
  ///
  /// - Throws: `EventLogError`: `outOfRange` for more events than there are; `corrupt`.
  public func root(size: UInt64? = nil) throws(EventLogError) -> Hash {
    let size = size ?? count
    try checkSize(size)
    var root: Hash?
    var remaining = size
    // From the right: the smallest complete subtree first, and each larger one to its left.
    while remaining > 0 {
      let level = remaining.trailingZeroBitCount
      remaining &= remaining - 1
      let node = try subtree(level, remaining >> UInt64(level))
      root = root.map { right in hasher.node(node, right) } ?? node
    }
    return root ?? MerkleTree.emptyRoot
  }

  /// The leaf hash that a row has or would have: the same as ``Row/leafHash``, and faster.
  public func leafHash(of row: Row) -> Hash { hasher.leaf(row) }

  /// The leaf hash of an event, as it was appended.
  ///
  /// - Throws: `EventLogError`: `outOfRange` if the event is not there yet; `corrupt`.
  public func leafHash(at sequence: UInt64) throws(EventLogError) -> Hash {
    guard sequence > 0 else { throw .outOfRange(path: path, requested: 0, count: count) }
    try checkSize(sequence)
    return try subtree(0, sequence - 1)
  }

  /// The siblings from an event's leaf up to the root of the tree of the first `size` events.
  ///
  /// `MerkleTree.verifyInclusion` checks it, with `sequence - 1` for the index.
  ///
  /// - Throws: `EventLogError`: `outOfRange` if the event is not in that tree, or the tree is
  ///   larger than the log; `corrupt`.
  public func inclusionProof(
    sequence: UInt64, size: UInt64
  ) throws(EventLogError) -> [Hash] {
    try checkSize(size)
    guard sequence > 0, sequence <= size else {
      throw .outOfRange(path: path, requested: sequence, count: size)
    }
    return try MerkleTree.inclusionProof(index: sequence - 1, treeSize: size, subtree: subtree)
  }

  /// The nodes that show that the tree of `oldSize` events is the start of that of `newSize`.
  ///
  /// `MerkleTree.verifyConsistency` checks it. The empty tree is the start of every tree, by an
  /// empty proof.
  ///
  /// - Throws: `EventLogError`: `outOfRange` if the old size is above the new one, or that above
  ///   the log's; `corrupt`.
  public func consistencyProof(
    from oldSize: UInt64, to newSize: UInt64
  ) throws(EventLogError) -> [Hash] {
    try checkSize(newSize)
    guard oldSize <= newSize else {
      throw .outOfRange(path: path, requested: oldSize, count: newSize)
    }
    guard oldSize > 0 else { return [] }
    return try MerkleTree.consistencyProof(
      oldSize: oldSize, newSize: newSize, subtree: subtree)
  }

  private func checkSize(_ size: UInt64) throws(EventLogError) {
    guard size <= count else {
      throw .outOfRange(path: path, requested: size, count: count)
    }
  }

  /// The root of a complete subtree: from memory, or within a tile from its leaf hashes.
  private func subtree(_ level: Int, _ index: UInt64) throws(EventLogError) -> Hash {
    if level >= EventLogFormat.tileHeight { return tree.root(level: level, index: index) }
    let first = index << UInt64(level)
    let leaves = try leaves(ofTile: first / EventLogFormat.tileWidth)
    let start = Int(first % EventLogFormat.tileWidth)
    return hasher.completeRoot(leaves[start..<start + 1 << level])
  }

  /// The leaf hashes of a tile; those of a complete one must have the root that is known of it.
  func leaves(ofTile number: UInt64) throws(EventLogError) -> [Hash] {
    guard number < tree.tileCount else { return tree.tail }
    if let cachedTile, cachedTile.number == number { return cachedTile.leaves }
    let leaves = try loadLeaves(ofTile: number, size: count)
    let root = tree.root(level: EventLogFormat.tileHeight, index: number)
    guard hasher.completeRoot(leaves[...]) == root else {
      throw .corrupt(
        path: path, sequence: number * EventLogFormat.tileWidth + 1,
        detail: "the leaf hashes of the \(leaves.count) events from here on were altered")
    }
    cachedTile = (number, leaves)
    return leaves
  }
}
