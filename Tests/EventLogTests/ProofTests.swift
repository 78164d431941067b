import Cryptography
import EventLog
import Primitives
import Testing

@Suite("The event log's proofs")
struct ProofTests {
  @Test("every root, inclusion and consistency proof is the reference tree's")
  func reference() throws {
    let count = 1100
    let leaves = sampleRows(1...UInt64(count)).map(\.leafHash)
    try withLog(UInt64(count), batch: 170) { path in
      let log = try EventLog(path: path, mode: .readOnly)
      let sizes = [1, 2, 3, 255, 256, 257, 511, 512, 513, 767, 1023, 1024, 1025, 1099, 1100]
      for size in sizes {
        let tree = Array(leaves[..<size])
        #expect(try log.root(size: UInt64(size)) == MerkleTree.root(tree))
        for index in stride(from: 0, to: size, by: 97) {
          #expect(
            try log.inclusionProof(sequence: UInt64(index) + 1, size: UInt64(size))
              == MerkleTree.inclusionProof(index: index, leaves: tree))
        }
        for old in sizes where old <= size {
          #expect(
            try log.consistencyProof(from: UInt64(old), to: UInt64(size))
              == MerkleTree.consistencyProof(oldSize: old, leaves: tree))
        }
      }
    }
  }

  @Test("a proof convinces whoever has only the roots, and an altered one does not")
  func verification() throws {
    try withLog(600) { path in
      let log = try EventLog(path: path, mode: .readOnly)
      let (old, new) = (try log.root(size: 300), try log.root())
      let leaf = try log.leafHash(at: 299)
      var proof = try log.inclusionProof(sequence: 299, size: 600)
      func isIncluded() -> Bool {
        MerkleTree.verifyInclusion(
          leaf: leaf, index: 298, treeSize: 600, root: new, proof: proof)
      }
      #expect(isIncluded())
      proof[3] = .zero
      #expect(!isIncluded())
      let consistency = try log.consistencyProof(from: 300, to: 600)
      #expect(
        MerkleTree.verifyConsistency(
          oldSize: 300, oldRoot: old, newSize: 600, newRoot: new, proof: consistency))
      #expect(
        !MerkleTree.verifyConsistency(
          oldSize: 300, oldRoot: new, newSize: 600, newRoot: new, proof: consistency))
      #expect(try log.consistencyProof(from: 0, to: 600) == [])
    }
  }

  @Test("a proof about what is not there is out of range")
  func ranges() throws {
    try withLog(300) { path in
      let log = try EventLog(path: path, mode: .readOnly)
      #expect(throws: EventLogError.self) { try log.root(size: 301) }
      for (sequence, size) in [
        (UInt64(0), UInt64(300)), (301, 300), (1, 301), (1, 0), (.max, .max),
      ] {
        #expect(throws: EventLogError.self) {
          try log.inclusionProof(sequence: sequence, size: size)
        }
      }
      for (old, new) in [(UInt64(1), UInt64(301)), (200, 100), (.max, 300), (.max, .max)] {
        #expect(throws: EventLogError.self) { try log.consistencyProof(from: old, to: new) }
      }
    }
  }

  @Test("an altered leaf hash in a complete tile is found before a proof is made from it")
  func alteredLeaf() throws {
    try withLog(600) { path in
      try tamper(
        path, "UPDATE leaf SET hashes = zeroblob(length(hashes)) WHERE sequence = 1")
      let log = try EventLog(path: path, mode: .readOnly)
      let failure = #expect(throws: EventLogError.self) {
        try log.inclusionProof(sequence: 200, size: 600)
      }
      guard case .corrupt(_, sequence: 1, _) = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
      #expect(try log.inclusionProof(sequence: 300, size: 300).count > 0)
    }
  }
}
