import Cryptography
import Primitives
import Testing
import Trie

@Suite("A proof")
struct TrieProofTests {
  /// Two hundred keys with long and short values.
  static func sample() throws -> MerklePatriciaTrie {
    var trie = MerklePatriciaTrie()
    for index in UInt8(0)..<200 {
      let value = Bytes(repeating: index + 1, count: index % 2 == 0 ? 40 : 1)
      try trie.set(Keccak256.hash([index]).bytes, to: value)
    }
    return trie
  }

  @Test("shows each value, and that a key is not there")
  func roundTrip() throws {
    let trie = try Self.sample()
    for index in UInt8(0)...255 {
      let key = Keccak256.hash([index]).bytes
      let proof = try trie.proof(key)
      let value = try MerklePatriciaTrie.verify(proof: proof, root: trie.root, key: key)
      #expect(value == (try trie.get(key)))
      #expect((value == nil) == (index >= 200))
    }
  }

  @Test("works for short keys, inline nodes and values at branches")
  func shortKeys() throws {
    for seed in 1...20 {
      var random = SplitMix(state: UInt64(seed))
      var trie = MerklePatriciaTrie()
      for _ in 0..<20 { try trie.set(random.key(seed: 1), to: random.bytes(count: 1)) }
      for _ in 0..<60 {
        let key = random.key(seed: 1)
        let proof = try trie.proof(key)
        #expect(
          try MerklePatriciaTrie.verify(proof: proof, root: trie.root, key: key) == trie.get(key))
      }
    }
  }

  @Test("of the empty trie is empty")
  func empty() throws {
    #expect(try MerklePatriciaTrie().proof([1]).isEmpty)
    #expect(
      try MerklePatriciaTrie.verify(proof: [], root: MerklePatriciaTrie.emptyRoot, key: [1]) == nil)
  }

  @Test("that was altered, cut, lengthened or mixed up is refused")
  func hostileProofs() throws {
    let trie = try Self.sample()
    let key = Keccak256.hash([3]).bytes
    let proof = try trie.proof(key)
    for index in proof.indices {
      for offset in stride(from: 0, to: proof[index].count, by: 7) {
        var altered = proof
        altered[index][offset] ^= 1
        #expect(throws: TrieProofError.wrongHash(index: index)) {
          try MerklePatriciaTrie.verify(proof: altered, root: trie.root, key: key)
        }
      }
    }
    #expect(throws: TrieProofError.truncated) {
      try MerklePatriciaTrie.verify(proof: proof.dropLast(), root: trie.root, key: key)
    }
    #expect(throws: TrieProofError.surplusNodes(index: proof.count)) {
      try MerklePatriciaTrie.verify(proof: proof + [proof[0]], root: trie.root, key: key)
    }
    #expect(throws: TrieProofError.wrongHash(index: 0)) {
      try MerklePatriciaTrie.verify(proof: proof.reversed(), root: trie.root, key: key)
    }
    #expect(throws: TrieProofError.truncated) {
      try MerklePatriciaTrie.verify(proof: [], root: trie.root, key: key)
    }
  }

  @Test("made of nodes that no trie has is refused", arguments: malformedNodes)
  func malformedNode(hexadecimal: String) throws {
    let node = try #require(Hexadecimal.decode(hexadecimal))
    #expect(throws: TrieProofError.malformedNode(index: 0)) {
      try MerklePatriciaTrie.verify(
        proof: [node], root: Keccak256.hash(node), key: Bytes(repeating: 0, count: 32))
    }
  }

  @Test("of random bytes never traps")
  func randomNodes() throws {
    var random = SplitMix(state: 99)
    let good = try Self.sample().proof(Keccak256.hash([3]).bytes)
    for round in 0..<4000 {
      var node = round % 2 == 0 ? good[round % good.count] : random.bytes(count: 40)
      for _ in 0..<3 where !node.isEmpty {
        node[Int(random.next() % UInt64(node.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      if round % 5 == 0 { node.removeLast(Int(random.next() % UInt64(node.count))) }
      _ = try? MerklePatriciaTrie.verify(
        proof: [node], root: Keccak256.hash(node), key: Bytes(repeating: 0x12, count: 32))
    }
  }
}

/// Empty; no list; three items; an odd flag; an extension to nothing, with no path, to a leaf; a
/// leaf without value; a branch with one child; a child of 33 bytes; a byte too many.
let malformedNodes = [
  "0x", "0x80", "0xc0", "0xc3010203", "0xc24001", "0xc21001", "0xc20001", "0xc21180",
  "0xe200a0" + String(repeating: "11", count: 32), "0xc511c3200101", "0xc22080", "0xc2c020",
  "0xd1" + String(repeating: "80", count: 17), "0xd1" + String(repeating: "80", count: 16) + "01",
  "0xf3" + "a1" + String(repeating: "11", count: 33) + String(repeating: "80", count: 17),
  "0xc2200100", "0xc220", "0xc3812001", "0xf80220",
]
