import Cryptography
import Primitives
import Testing
import Trie

/// Nodes by hash, which can be taken away one by one.
final class Nodes: NodeSource {
  let known: [Hash: Bytes]
  init(_ known: [Hash: Bytes]) { self.known = known }
  func node(_ hash: Hash) -> Bytes? { known[hash] }
}

@Suite("A trie known by its root")
struct NodeSourceTests {
  static func nodes(of trie: MerklePatriciaTrie) -> [Hash: Bytes] {
    var known: [Hash: Bytes] = [:]
    trie.visitNodes { hash, encoding in known.updateValue(encoding, forKey: hash) == nil }
    return known
  }

  @Test("reads and changes like the one in memory")
  func sameAsInMemory() throws {
    let known = try TrieProofTests.sample()
    let source = Nodes(Self.nodes(of: known))
    var whole = known
    var lazy = MerklePatriciaTrie(root: known.root, source: source)
    #expect(try lazy.entries().map(\.value) == whole.entries().map(\.value))
    var random = SplitMix(state: 5)
    for _ in 0..<400 {
      let key = Keccak256.hash([UInt8(truncatingIfNeeded: random.next())]).bytes
      let value = random.next() % 2 == 0 ? [] : random.bytes(count: 9)
      try whole.set(key, to: value)
      try lazy.set(key, to: value)
      #expect(whole.root == lazy.root)
    }
  }

  @Test("has of a later version exactly the nodes that it does not share with an earlier one")
  func nodesSince() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SplitMix(state: seed)
      var trie = MerklePatriciaTrie()
      var kept: Set<Hash> = []
      for round in 0..<30 {
        let older = trie
        // Every other round changes values alone, of which no node needs another path.
        let known = round % 2 == 0 ? [] : try trie.entries().map(\.key)
        for _ in 0..<random.next() % 40 {
          var key = Keccak256.hash([UInt8(truncatingIfNeeded: random.next())]).bytes
          if !known.isEmpty { key = known[Int(random.next() % UInt64(known.count))] }
          // As an account does, the value says which trie hangs on it.
          var storage = MerklePatriciaTrie()
          try storage.set(Keccak256.hash([1]).bytes, to: random.bytes(count: 40))
          let isRemoval = known.isEmpty && random.next() % 4 == 0
          try trie.set(
            key, to: isRemoval ? [] : storage.root.bytes, subtrie: isRemoval ? nil : storage)
        }
        var since: Set<Hash> = []
        let isKnown = { (hash: Hash, _: Bytes) in kept.contains(hash) }
        trie.visitNodes(since: older, unless: isKnown) { hash, encoding in
          #expect(Keccak256.hash(encoding) == hash)
          since.insert(hash)
        }
        let all = Self.nodes(of: trie).keys
        #expect(Set(all).isSubset(of: since.union(kept)), "seed \(seed), round \(round)")
        let shared = since.intersection(Self.nodes(of: older).keys)
        #expect(shared.isEmpty, "seed \(seed), round \(round)")
        kept.formUnion(all)
      }
    }
  }

  @Test("names the node that is missing, and is then unchanged")
  func misses() throws {
    let known = try TrieProofTests.sample()
    let nodes = Self.nodes(of: known)
    for missing in nodes.keys {
      var fewer = nodes
      fewer[missing] = nil
      let source = Nodes(fewer)
      for index in stride(from: UInt8(0), to: 200, by: 7) {
        let key = Keccak256.hash([index]).bytes
        for value: Bytes in [[], [7]] {
          var trie = MerklePatriciaTrie(root: known.root, source: source)
          do throws(TrieMiss) {
            try trie.set(key, to: value)
          } catch {
            #expect(error.hash == missing)
            #expect(trie.root == known.root)
          }
        }
      }
    }
  }

  @Test("takes wrong bytes for a miss")
  func wrongBytes() throws {
    let known = try TrieProofTests.sample()
    var nodes = Self.nodes(of: known)
    nodes[known.root] = [0xc2, 0x20, 0x01]
    let trie = MerklePatriciaTrie(root: known.root, source: Nodes(nodes))
    #expect(throws: TrieMiss(hash: known.root)) { try trie.get([1]) }
    let none = MerklePatriciaTrie(root: known.root, source: nil)
    #expect(throws: TrieMiss(hash: known.root)) { try none.proof([1]) }
  }

  @Test("can be read by many threads once it is sealed")
  func concurrentReaders() async throws {
    let trie = try TrieProofTests.sample().sealed()
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (UInt8(0)..<200).allSatisfy { index in
            (try? trie.get(Keccak256.hash([index]).bytes)) != nil && trie.root == trie.root
          }
        }
      }
      for await answer in group { #expect(answer) }
    }
  }
}
