import Primitives

/// The append-only Merkle tree of certificate transparency, over SHA-256.
///
/// Leaves and inner nodes are hashed with different first bytes, so neither passes for the other.
/// Proofs are made from complete subtrees, which whoever keeps the tree hands in by level and
/// index: the one at (level, index) has the 2^level leaves from `index * 2^level` on.
///
/// Source: RFC 9162, section 2.1.
public enum MerkleTree {
  /// The root of the tree without leaves.
  public static var emptyRoot: Hash { SHA256.hash([] as Bytes) }

  /// The hash of a leaf with these bytes.
  public static func leafHash(_ bytes: Bytes) -> Hash {
    var message = Bytes()
    message.reserveCapacity(bytes.count + 1)
    message.append(0)
    message.append(contentsOf: bytes)
    return SHA256.hash(message)
  }

  /// The hash of the node above two others.
  public static func nodeHash(_ left: Hash, _ right: Hash) -> Hash {
    // The 65 bytes as words, all moved by the byte 1 that stands before the two hashes.
    var state = SHA256State()
    state.absorb([
      1 &<< 56 | left.word0 &>> 8, join(left.word0, left.word1), join(left.word1, left.word2),
      join(left.word2, left.word3), join(left.word3, right.word0),
      join(right.word0, right.word1), join(right.word1, right.word2),
      join(right.word2, right.word3),
    ])
    state.absorb([right.word3 &<< 56 | 0x80 &<< 48, 0, 0, 0, 0, 0, 0, 65 * 8])
    return state.digest
  }

  /// The last byte of one word and the first seven of the next.
  @inline(__always)
  private static func join(_ left: UInt64, _ right: UInt64) -> UInt64 {
    left &<< 56 | right &>> 8
  }

  /// The root over these leaf hashes.
  public static func root(_ leaves: [Hash]) -> Hash {
    var frontier = MerkleFrontier()
    for leaf in leaves { frontier.append(leaf) }
    return frontier.root
  }

  /// The siblings from a leaf up to the root of the tree of the first `treeSize` leaves.
  ///
  /// The index is below the size.
  /// - Throws: what `subtree` throws.
  public static func inclusionProof<Failure: Error>(
    index: UInt64, treeSize: UInt64,
    subtree: (_ level: Int, _ index: UInt64) throws(Failure) -> Hash
  ) throws(Failure) -> [Hash] {
    precondition(index < treeSize, "the leaf is in the tree")
    var proof: [Hash] = []
    var (start, size) = (0 as UInt64, treeSize)
    while size > 1 {
      let left = largestPowerOfTwo(below: size)
      if index < start + left {
        proof.append(try rangeRoot(start + left, size - left, subtree))
        size = left
      } else {
        proof.append(try rangeRoot(start, left, subtree))
        start += left
        size -= left
      }
    }
    proof.reverse()
    return proof
  }

  /// The nodes that show that the tree of the first `oldSize` leaves is the start of a larger one.
  ///
  /// The old size is above 0 and at most the new one.
  /// - Throws: what `subtree` throws.
  public static func consistencyProof<Failure: Error>(
    oldSize: UInt64, newSize: UInt64,
    subtree: (_ level: Int, _ index: UInt64) throws(Failure) -> Hash
  ) throws(Failure) -> [Hash] {
    precondition(0 < oldSize && oldSize <= newSize, "the old tree has leaves and is the smaller")
    var proof: [Hash] = []
    var (start, size, old) = (0 as UInt64, newSize, oldSize)
    while old != size {
      let left = largestPowerOfTwo(below: size)
      if old <= left {
        proof.append(try rangeRoot(start + left, size - left, subtree))
        size = left
      } else {
        proof.append(try rangeRoot(start, left, subtree))
        start += left
        size -= left
        old -= left
      }
    }
    if start != 0 { proof.append(try rangeRoot(start, size, subtree)) }
    proof.reverse()
    return proof
  }

  /// The siblings from a leaf up to the root over these leaf hashes.
  public static func inclusionProof(index: Int, leaves: [Hash]) -> [Hash] {
    inclusionProof(index: UInt64(index), treeSize: UInt64(leaves.count)) { level, index in
      subtreeRoot(level, index, leaves)
    }
  }

  /// The nodes that show that the first `oldSize` leaf hashes are the start of these.
  public static func consistencyProof(oldSize: Int, leaves: [Hash]) -> [Hash] {
    consistencyProof(oldSize: UInt64(oldSize), newSize: UInt64(leaves.count)) { level, index in
      subtreeRoot(level, index, leaves)
    }
  }

  private static func subtreeRoot(_ level: Int, _ index: UInt64, _ leaves: [Hash]) -> Hash {
    let start = Int(index) << level
    return root(Array(leaves[start..<start + 1 << level]))
  }

  /// The root over a range whose start is a multiple of a power of two that covers its size.
  private static func rangeRoot<Failure: Error>(
    _ start: UInt64, _ size: UInt64,
    _ subtree: (_ level: Int, _ index: UInt64) throws(Failure) -> Hash
  ) throws(Failure) -> Hash {
    // From the right: the smallest complete subtree first, and each larger one to its left.
    var end = start + size
    var remaining = size
    var result: Hash?
    while remaining > 0 {
      let level = remaining.trailingZeroBitCount
      end -= 1 << UInt64(level)
      let node = try subtree(level, end >> UInt64(level))
      result = result.map { right in nodeHash(node, right) } ?? node
      remaining &= remaining - 1
    }
    return result ?? emptyRoot
  }

  private static func largestPowerOfTwo(below size: UInt64) -> UInt64 {
    1 << UInt64(63 - (size - 1).leadingZeroBitCount)
  }
}
