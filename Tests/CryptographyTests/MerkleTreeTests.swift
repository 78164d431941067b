import Cryptography
import Primitives
import Testing

@Suite("Merkle tree")
struct MerkleTreeTests {
  /// The leaves that the tests of certificate transparency use.
  private static let knownLeaves: [Bytes] = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ].map { Hexadecimal.decode($0) ?? [] }

  private static let knownRoots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  private static let leaves: [Hash] = (0..<64).map { MerkleTree.leafHash([UInt8($0)]) }

  /// The definition, as RFC 9162 writes it.
  private func definedRoot(_ leaves: ArraySlice<Hash>) -> Hash {
    guard leaves.count > 1 else { return leaves.first ?? MerkleTree.emptyRoot }
    var left = 1
    while left * 2 < leaves.count { left *= 2 }
    let middle = leaves.startIndex + left
    return MerkleTree.nodeHash(definedRoot(leaves[..<middle]), definedRoot(leaves[middle...]))
  }

  @Test("the roots of certificate transparency's test leaves come out")
  func known() {
    #expect(
      MerkleTree.emptyRoot.hexadecimal
        == "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    let hashes = Self.knownLeaves.map { MerkleTree.leafHash($0) }
    for (index, root) in Self.knownRoots.enumerated() {
      #expect(MerkleTree.root(Array(hashes[...index])).hexadecimal == "0x" + root)
    }
  }

  @Test("a node's hash is that of its 65 bytes")
  func nodeHash() {
    let left = SHA256.hash([1] as Bytes)
    let right = SHA256.hash([2] as Bytes)
    #expect(MerkleTree.nodeHash(left, right) == SHA256.hash([1] + left.bytes + right.bytes))
  }

  @Test("the root of every size to 64 is the defined one, appended or at once")
  func roots() throws {
    var frontier = MerkleFrontier()
    var nodes: [String: Hash] = [:]
    for size in 0...64 {
      let expected = definedRoot(Self.leaves[..<size])
      #expect(frontier.root == expected)
      #expect(MerkleTree.root(Array(Self.leaves[..<size])) == expected)
      #expect(MerkleFrontier(count: frontier.count, peaks: frontier.peaks) == frontier)
      guard size < 64 else { break }
      frontier.append(Self.leaves[size]) { level, index, hash in
        #expect(nodes.updateValue(hash, forKey: "\(level)/\(index)") == nil)
      }
    }
    // 64 leaves complete 127 subtrees, and each was told once with its hash.
    #expect(nodes.count == 127)
    for level in 0...6 {
      for index in 0..<64 >> level {
        let range = index << level..<(index + 1) << level
        #expect(nodes["\(level)/\(index)"] == definedRoot(Self.leaves[range]))
      }
    }
    #expect(MerkleFrontier(count: 5, peaks: [.zero]) == nil)
  }

  @Test("every leaf of every tree to 64 leaves is proved, and no changed proof is accepted")
  func inclusion() {
    var failures: [String] = []
    for size in 1...64 {
      let leaves = Array(Self.leaves[..<size])
      let root = definedRoot(leaves[...])
      for index in 0..<size {
        let proof = MerkleTree.inclusionProof(index: index, leaves: leaves)
        func accepts(
          _ proof: [Hash], leaf: Hash? = nil, index other: Int? = nil, size otherSize: Int? = nil
        ) -> Bool {
          MerkleTree.verifyInclusion(
            leaf: leaf ?? leaves[index], index: UInt64(other ?? index),
            treeSize: UInt64(otherSize ?? size), root: root, proof: proof)
        }
        if !accepts(proof) { failures.append("\(index) of \(size) is not proved") }
        for changed in mutations(of: proof) where accepts(changed) {
          failures.append("\(index) of \(size): a changed proof")
        }
        if accepts(proof, leaf: .zero) { failures.append("\(index) of \(size): another leaf") }
        for other in [index + 1, index ^ 1, size]
        where other != index && accepts(proof, index: other) {
          failures.append("\(index) of \(size): the index \(other)")
        }
        if accepts(proof, size: 0) { failures.append("\(index) of \(size): no leaves") }
      }
    }
    #expect(failures.isEmpty)
  }

  @Test("every pair of trees to 64 leaves is proved consistent, and no changed proof is accepted")
  func consistency() {
    var failures: [String] = []
    let roots = (0...64).map { definedRoot(Self.leaves[..<$0]) }
    for new in 1...64 {
      let leaves = Array(Self.leaves[..<new])
      for old in 1...new {
        let proof = MerkleTree.consistencyProof(oldSize: old, leaves: leaves)
        func accepts(_ proof: [Hash], oldRoot: Hash, newRoot: Hash) -> Bool {
          MerkleTree.verifyConsistency(
            oldSize: UInt64(old), oldRoot: oldRoot, newSize: UInt64(new), newRoot: newRoot,
            proof: proof)
        }
        if !accepts(proof, oldRoot: roots[old], newRoot: roots[new]) {
          failures.append("\(old) in \(new) is not proved")
        }
        for changed in mutations(of: proof)
        where accepts(changed, oldRoot: roots[old], newRoot: roots[new]) {
          failures.append("\(old) in \(new): a changed proof")
        }
        if accepts(proof, oldRoot: .zero, newRoot: roots[new])
          || accepts(proof, oldRoot: roots[old], newRoot: .zero)
        {
          failures.append("\(old) in \(new): another root")
        }
      }
    }
    #expect(failures.isEmpty)
  }

  /// Proofs that differ by one flipped bit, one missing or one more node, or two swapped ones.
  private func mutations(of proof: [Hash]) -> [[Hash]] {
    var changed: [[Hash]] = [proof + [.zero], [.zero] + proof]
    for index in proof.indices {
      var flipped = proof
      flipped[index] = Hash(UInt256(proof[index]) ^ UInt256.one << (index * 37 % 256))
      var shortened = proof
      shortened.remove(at: index)
      changed += [flipped, shortened]
      if index > 0 {
        var swapped = proof
        swapped.swapAt(index, index - 1)
        changed.append(swapped)
      }
    }
    return changed
  }

  @Test("the empty tree is the start of every tree, and nothing larger is")
  func corners() {
    let root = definedRoot(Self.leaves[...])
    func accepts(_ old: UInt64, _ oldRoot: Hash, _ new: UInt64, _ proof: [Hash]) -> Bool {
      MerkleTree.verifyConsistency(
        oldSize: old, oldRoot: oldRoot, newSize: new, newRoot: root, proof: proof)
    }
    #expect(accepts(0, MerkleTree.emptyRoot, 64, []))
    #expect(!accepts(0, root, 64, []))
    #expect(!accepts(0, MerkleTree.emptyRoot, 64, [root]))
    #expect(accepts(64, root, 64, []))
    #expect(!accepts(64, root, 64, [root]))
    #expect(!accepts(65, root, 64, []))
    #expect(!accepts(1, root, 64, []))
    #expect(!accepts(.max, root, .max - 1, [root]))
    let long = [Hash](repeating: root, count: 1000)
    #expect(!accepts(1, root, .max, long))
    #expect(
      !MerkleTree.verifyInclusion(
        leaf: root, index: .max - 1, treeSize: .max, root: root, proof: long))
  }
}
