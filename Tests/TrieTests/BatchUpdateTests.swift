import Cryptography
import Primitives
import Testing
import Trie

@Suite("Changes made together")
struct BatchUpdateTests {
  /// Nodes by their hashes, some of which may be kept back.
  private final class Nodes: NodeSource, @unchecked Sendable {
    var encodings: [Hash: Bytes] = [:]

    func node(_ hash: Hash) -> Bytes? { encodings[hash] }

    /// Takes in all nodes of a trie.
    init(_ trie: MerklePatriciaTrie) {
      trie.visitNodes { hash, encoding in
        encodings[hash] = encoding
        return true
      }
    }
  }

  /// Keys of which many share long prefixes, so that there are extensions and deep branches.
  private static func key(_ random: inout SplitMix) -> Hash {
    let number = random.next() % 400
    if random.next() % 4 == 0 {
      return Hash(0xabab << 48 | (number % 5) << 8, number % 3, 0, number % 7)
    }
    return Keccak256.hash(UInt256(number))
  }

  /// Some changes, of which a third remove; a key may be among them twice.
  private static func changes(_ random: inout SplitMix, count: Int) -> [TrieChange] {
    (0..<count).map { _ in
      let size = random.next() % 3 == 0 ? 0 : Int(random.next() % 60)
      var subtrie: MerklePatriciaTrie?
      if random.next() % 5 == 0 {
        var storage = MerklePatriciaTrie()
        try? storage.set([1], to: random.bytes(count: 3))
        subtrie = storage
      }
      return TrieChange(key: key(&random), value: random.bytes(count: size), subtrie: subtrie)
    }
  }

  @Test(
    "come to what they come to one by one, whatever was there, and leave earlier versions alone")
  func agreement() throws {
    for seed in 1...30 {
      var random = SplitMix(state: UInt64(seed))
      var together = MerklePatriciaTrie()
      var alone = MerklePatriciaTrie()
      var history: [(trie: MerklePatriciaTrie, root: Hash)] = []
      for round in 0..<12 {
        let changes = Self.changes(&random, count: Int(random.next() % (round < 6 ? 120 : 9)))
        try together.update(changes)
        for change in changes {
          try alone.set(change.key.bytes, to: change.value, subtrie: change.subtrie)
        }
        #expect(together.root == alone.root, "seed \(seed), round \(round)")
        history.append((together, alone.root))
      }
      let (left, right) = (try together.entries(), try alone.entries())
      #expect(left.map(\.key) == right.map(\.key) && left.map(\.value) == right.map(\.value))
      for (key, _) in left {
        #expect(try together.subtrie(key)?.root == alone.subtrie(key)?.root)
      }
      for version in history { #expect(version.trie.root == version.root) }
    }
  }

  @Test("are hashed as the readable encodings are")
  func encodings() throws {
    var random = SplitMix(state: 99)
    var trie = MerklePatriciaTrie()
    for _ in 0..<8 {
      try trie.update(Self.changes(&random, count: 200))
      trie.visitNodes { hash, encoding in
        #expect(Keccak256.hash(encoding) == hash)
        return true
      }
    }
  }

  @Test("of a trie that is known by its root alone fetch what they need, and no more")
  func sources() throws {
    for seed in 1...20 {
      var random = SplitMix(state: UInt64(1_000 + seed))
      var whole = MerklePatriciaTrie()
      try whole.update(
        Self.changes(&random, count: 300).map { TrieChange(key: $0.key, value: $0.value) })
      var partial = MerklePatriciaTrie(root: whole.root, source: Nodes(whole))
      let changes = Self.changes(&random, count: 20)
      try partial.update(changes)
      try whole.update(changes)
      #expect(partial.root == whole.root, "seed \(seed)")
    }
  }

  @Test("leave a trie as it was when a node is missing, and say which")
  func misses() throws {
    var random = SplitMix(state: 5)
    var whole = MerklePatriciaTrie()
    try whole.update(
      Self.changes(&random, count: 300).map { TrieChange(key: $0.key, value: $0.value) })
    let changes = Self.changes(&random, count: 40)
    var changed = whole
    try changed.update(changes)
    let nodes = Nodes(whole)
    var partial = MerklePatriciaTrie(root: whole.root, source: nodes)
    // Each node that is missing is named, until all that are needed are there.
    let all = nodes.encodings
    nodes.encodings = [:]
    var misses = 0
    while misses <= all.count {
      do {
        try partial.update(changes)
        break
      } catch {
        #expect(partial.root == whole.root)
        let known = all[error.hash]
        #expect(known != nil && nodes.encodings[error.hash] == nil)
        nodes.encodings[error.hash] = known
        misses += 1
      }
    }
    #expect(partial.root == changed.root)
    #expect(misses > 0 && misses < all.count)
  }

  @Test("of nothing, and of keys that were never there, change nothing")
  func nothing() throws {
    var trie = MerklePatriciaTrie()
    try trie.update([TrieChange]())
    try trie.update([TrieChange(key: .zero, value: [])])
    #expect(trie.isEmpty)
    try trie.update([TrieChange(key: .zero, value: [7]), TrieChange(key: .zero, value: [8])])
    #expect(try trie.get(Hash.zero.bytes) == [8])
    let root = trie.root
    try trie.update([TrieChange(key: Keccak256.empty, value: [])])
    #expect(trie.root == root)
    try trie.update([TrieChange(key: .zero, value: [])])
    #expect(trie.isEmpty)
  }

  @Test("of keys of other lengths beside them come to the same")
  func otherLengths() throws {
    var together = MerklePatriciaTrie()
    for length in [1, 5, 33, 64] {
      try together.set(Bytes(repeating: 0xab, count: length), to: [UInt8(length)])
    }
    var alone = together
    let changes = [0xab, 0xac].flatMap { (byte: UInt8) in
      [31, 32].map {
        TrieChange(
          key: Hash(Bytes(repeating: 0xab, count: $0) + Bytes(repeating: byte, count: 32 - $0)),
          value: [byte])
      }
    }
    try together.update(changes)
    for change in changes { try alone.set(change.key.bytes, to: change.value) }
    #expect(together.root == alone.root)
    let removals = changes.map { TrieChange(key: $0.key, value: []) }
    try together.update(removals)
    for change in removals { try alone.remove(change.key.bytes) }
    #expect(together.root == alone.root)
  }
}
