import Cryptography
import Primitives
import Testing
import Trie

@Suite("The hashes of nodes")
struct NodeHashingTests {
  /// A key like those of a state: the hash of something.
  private static func key(_ index: Int) -> Bytes {
    Keccak256.hash(UInt256(UInt64(index))).bytes
  }

  @Test(
    "roots after changes are those of tries made anew, and earlier versions stay as they were")
  func changes() throws {
    var trie = MerklePatriciaTrie()
    var model: [Int: Bytes] = [:]
    var generator = SystemRandomNumberGenerator()
    var history: [(trie: MerklePatriciaTrie, root: Hash)] = []
    for round in 0..<30 {
      for _ in 0..<120 {
        let index = Int.random(in: 0..<700, using: &generator)
        // Some values are short enough for their leaves to stand inline, deep in the trie.
        let size = [0, 1, 3, 40, 90].randomElement(using: &generator) ?? 1
        let value = Bytes(repeating: UInt8(1 + round), count: size)
        model[index] = value.isEmpty ? nil : value
        try trie.set(Self.key(index), to: value)
      }
      var rebuilt = MerklePatriciaTrie()
      for (index, value) in model { try rebuilt.set(Self.key(index), to: value) }
      #expect(trie.root == rebuilt.root)
      history.append((trie, trie.root))
    }
    for version in history {
      // Each under the hash by which its parent names it; proofs have the readable encodings.
      var encodings: [Hash: Bytes] = [:]
      version.trie.visitNodes { hash, encoding in
        encodings[hash] = encoding
        return true
      }
      for index in stride(from: 0, to: 700, by: 7) {
        for node in try version.trie.proof(Self.key(index)) {
          #expect(encodings[Keccak256.hash(node)] == node)
        }
      }
      #expect(version.trie.root == version.root)
    }
  }

  @Test(
    "leaves that stand inline in a full branch are hashed as in a trie made anew"
  )
  func inlineLeaves() throws {
    var trie = MerklePatriciaTrie()
    var model: [Bytes: Bytes] = [:]
    for round in 0..<4 {
      for index in 0..<256 where round == 0 || index % (3 + round) == 0 {
        let key: Bytes = [UInt8(index)]
        let value = Bytes(repeating: UInt8(round + 1), count: 1 + (index + round * 11) % 45)
        model[key] = value
        try trie.set(key, to: value)
      }
      var rebuilt = MerklePatriciaTrie()
      for (key, value) in model { try rebuilt.set(key, to: value) }
      #expect(trie.root == rebuilt.root)
    }
  }
}
