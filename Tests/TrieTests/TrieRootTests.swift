import Cryptography
import Primitives
import Testing
import Trie

@Suite("The root of a trie")
struct TrieRootTests {
  @Test("that holds nothing is the known one")
  func emptyRoot() {
    #expect(
      MerklePatriciaTrie().root.hexadecimal
        == "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
    #expect(MerklePatriciaTrie.orderedRoot([]) == MerklePatriciaTrie.emptyRoot)
  }

  @Test("is that of the known examples", arguments: examples)
  func knownRoots(example: Example) throws {
    var trie = MerklePatriciaTrie()
    for (key, value) in example.pairs { try trie.set(Bytes(key.utf8), to: Bytes(value.utf8)) }
    #expect(trie.root.hexadecimal == example.root)
  }

  @Test("depends on what is in it, never on how it came there")
  func orderIndependence() throws {
    for seed in 1...60 {
      var random = SplitMix(state: UInt64(seed))
      var expected: [Bytes: Bytes] = [:]
      var trie = MerklePatriciaTrie()
      for _ in 0..<Int(random.next() % 200 + 1) {
        let key = random.key(seed: seed)
        if random.next() % 3 == 0 {
          expected[key] = nil
          try trie.remove(key)
        } else {
          let value = random.bytes(count: Int(random.next() % 40 + 1))
          expected[key] = value
          try trie.set(key, to: value)
        }
        if random.next() % 16 == 0 { _ = trie.root }
      }
      var rebuilt = MerklePatriciaTrie()
      for (key, value) in expected { try rebuilt.set(key, to: value) }
      #expect(trie.root == rebuilt.root, "seed \(seed)")
      for (key, value) in expected { #expect(try trie.get(key) == value) }
      let entries = try trie.entries()
      #expect(entries.count == expected.count)
      #expect(entries.allSatisfy { expected[$0.key] == $0.value })
      let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      #expect(sorted.map(\.key) == entries.map(\.key))
    }
  }

  @Test("of a copy stays when the other changes")
  func copiesAreIndependent() throws {
    var random = SplitMix(state: 7)
    var trie = MerklePatriciaTrie()
    var history: [(trie: MerklePatriciaTrie, root: Hash)] = []
    var keys: [Bytes] = []
    for step in 0..<300 {
      if step % 3 == 2, let key = keys.randomElement(using: &random) {
        try trie.remove(key)
      } else {
        keys.append(random.bytes(count: 4))
        try trie.set(keys[keys.count - 1], to: random.bytes(count: 20))
      }
      history.append((trie, trie.root))
    }
    for (copy, root) in history {
      #expect(copy.root == root)
      var rebuilt = MerklePatriciaTrie()
      for (key, value) in try copy.entries() { try rebuilt.set(key, to: value) }
      #expect(rebuilt.root == root)
    }
  }

  @Test("does not count what is attached to a value")
  func subtries() throws {
    var storage = MerklePatriciaTrie()
    try storage.set([1, 2], to: [3])
    var plain = MerklePatriciaTrie()
    var attached = MerklePatriciaTrie()
    for index in UInt8(0)..<40 {
      let key = Keccak256.hash([index]).bytes
      try plain.set(key, to: [index + 1])
      try attached.set(key, to: [index + 1], subtrie: index == 9 ? storage : nil)
    }
    #expect(plain.root == attached.root)
    #expect(try attached.subtrie(Keccak256.hash([9]).bytes)?.root == storage.root)
    #expect(try attached.subtrie(Keccak256.hash([8]).bytes) == nil)
    // The attachment goes with the value when its neighbours leave.
    for index in UInt8(0)..<40 where index != 9 {
      try attached.remove(Keccak256.hash([index]).bytes)
    }
    #expect(try attached.subtrie(Keccak256.hash([9]).bytes)?.root == storage.root)
  }

  @Test("of indexed items is that of the trie under their RLP")
  func orderedRoot() throws {
    let items = (0..<300).map { Bytes(repeating: UInt8($0 % 255 + 1), count: $0 % 60 + 1) }
    var trie = MerklePatriciaTrie()
    for index in items.indices.reversed() {
      try trie.set(RLPWriter.encode(uint64: UInt64(index)), to: items[index])
    }
    #expect(MerklePatriciaTrie.orderedRoot(items) == trie.root)
  }
}

struct Example: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let pairs: [(String, String)]
  let root: String
}

/// From ethereum/tests, TrieTests (`trietest.json`, `trieanyorder.json`).
let examples = [
  Example(
    testDescription: "singleItem",
    pairs: [("A", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")],
    root: "0xd23786fb4a010da3ce639d66d5e904a11dbc02746d1ce25029e53290cabf28ab"),
  Example(
    testDescription: "dogs",
    pairs: [("doe", "reindeer"), ("dog", "puppy"), ("dogglesworth", "cat")],
    root: "0x8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3"),
  Example(
    testDescription: "puppy",
    pairs: [("do", "verb"), ("horse", "stallion"), ("doge", "coin"), ("dog", "puppy")],
    root: "0x5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84"),
  Example(
    testDescription: "foo",
    pairs: [("foo", "bar"), ("food", "bass")],
    root: "0x17beaa1648bafa633cda809c90c04af50fc8aed3cb40d16efbddee6fdf63c4c3"),
  Example(
    testDescription: "smallValues",
    pairs: [("be", "e"), ("dog", "puppy"), ("bed", "d")],
    root: "0x3f67c7a47520f79faa29255d2d3c084a7a6df0453116ed7232ff10277a8be68b"),
]

/// A small generator, so that a failing seed can be run again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func bytes(count: Int) -> Bytes {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) }
  }

  /// Keys that share long prefixes, and of which some end where others go on.
  mutating func key(seed: Int) -> Bytes {
    if seed % 3 == 0 { return bytes(count: 1) }
    if seed % 3 == 1 { return (0..<Int(next() % 6)).map { _ in UInt8(next() % 3) * 0x11 } }
    return Keccak256.hash([UInt8(next() % 60)]).bytes
  }
}
