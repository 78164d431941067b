import Primitives

/// What becomes of one key of a state's trie.
public struct TrieChange: Sendable {
  /// The key: the hash of an address or of a slot.
  public var key: Hash
  /// The value; empty removes the key.
  public var value: Bytes
  /// What is attached to the value; see ``MerklePatriciaTrie/set(_:to:subtrie:)``.
  public var subtrie: MerklePatriciaTrie?

  /// Puts a value under a key, or removes the key where the value is empty.
  public init(key: Hash, value: Bytes, subtrie: MerklePatriciaTrie? = nil) {
    self.key = key
    self.value = value
    self.subtrie = subtrie
  }
}

extension MerklePatriciaTrie {
  /// Makes changes, of which the later counts where two are of one key, and computes the hashes on
  /// the way.
  ///
  /// The same as ``set(_:to:subtrie:)`` for each of them and then ``sealed()``, but each branch is
  /// met, copied and hashed once, while what it needs is still in the processor's caches.
  ///
  /// - Throws: `TrieMiss` when a node is not in memory and not in the source; the trie is then
  ///   unchanged.
  public mutating func update(_ changes: [TrieChange]) throws(TrieMiss) {
    if changes.isEmpty { return }
    let sorted = changes.count == 1 ? changes : changes.sorted { $0.key < $1.key }
    // Whether any key is there twice is known by a look at the neighbours.
    let isRepeated = sorted.indices.dropLast().contains { sorted[$0].key == sorted[$0 + 1].key }
    let update = BatchUpdate(changes: isRepeated ? Self.last(of: sorted) : sorted, source: source)
    var changed = link
    try update.apply(update.changes.indices, to: &changed, at: 0)
    link = changed
  }

  /// The last change of each key.
  private static func last(of sorted: [TrieChange]) -> [TrieChange] {
    var distinct: [TrieChange] = []
    for change in sorted {
      if distinct.last?.key == change.key { distinct.removeLast() }
      distinct.append(change)
    }
    return distinct
  }
}

/// Changes on their way into a trie together, ascending by key.
struct BatchUpdate {
  let changes: [TrieChange]
  let source: (any NodeSource)?

  /// Makes the changes of a range, one at least, whose keys agree up to nibble `position`, below
  /// `link`.
  ///
  /// When it throws, `link` is of no use any more.
  func apply(_ range: Range<Int>, to link: inout Link, at position: Int) throws(TrieMiss) {
    switch link {
    case .branch(let node) where position < 64:
      link = try applied(range, to: node, at: position)
    case .leaf(let node):
      if range.count == 1, isHere(changes[range.lowerBound].key, node, at: position) {
        link = replaced(node, by: changes[range.lowerBound])
      } else {
        try applyEach(range, to: &link, at: position)
      }
    case .unresolved:
      var resolved = try link.resolved(from: source)
      try apply(range, to: &resolved, at: position)
      link = resolved
    default:
      try applyEach(range, to: &link, at: position)
    }
    _ = link.reference()
  }

  /// One change after the other, where there is no branch to begin with.
  private func applyEach(
    _ range: Range<Int>, to link: inout Link, at position: Int
  ) throws(TrieMiss) {
    for change in changes[range] {
      let key = change.key.bytes
      if change.value.isEmpty {
        let removal = Removal(key: key, source: source)
        if let rest = try removal.result(in: link, at: position) { link = rest }
      } else {
        let insertion = Insertion(
          key: key, value: change.value, subtrie: change.subtrie?.link ?? .empty, source: source)
        try insertion.apply(to: &link, at: position)
      }
    }
  }

  /// A copy of a branch with the changes of a range.
  private func applied(
    _ range: Range<Int>, to node: BranchNode, at position: Int
  ) throws(TrieMiss) -> Link {
    let copy = node.copy()
    var isPoorer = false
    var start = range.lowerBound
    while start < range.upperBound {
      let way = nibble(of: changes[start].key, at: position)
      var end = start + 1
      while end < range.upperBound, nibble(of: changes[end].key, at: position) == way { end += 1 }
      try apply(start..<end, to: &copy.children[way], at: position + 1)
      if copy.children[way].isEmpty { isPoorer = true }
      start = end
    }
    return isPoorer ? try Removal.collapsed(copy, source) : .branch(copy)
  }

  /// Whether the leaf at `position` is that of a key.
  private func isHere(_ key: Hash, _ node: LeafNode, at position: Int) -> Bool {
    guard node.path.end - node.path.start == 64 - position else { return false }
    if node.path.start == position, node.path.packed.count == Hash.sizeInBytes {
      // The leaf has its whole key, of which the way to here is the beginning.
      return Hash(node.path.packed) == key
    }
    return (position..<64).allSatisfy { nibble(of: key, at: $0) == node.path[$0 - position] }
  }

  /// What stands in the place of a leaf whose key changes.
  private func replaced(_ node: LeafNode, by change: TrieChange) -> Link {
    if change.value.isEmpty { return .empty }
    return .leaf(
      LeafNode(path: node.path, value: change.value, subtrie: change.subtrie?.link ?? .empty))
  }
}

/// Nibble `index` of a hash, counted from the high half of its first byte.
@inline(__always)
private func nibble(of key: Hash, at index: Int) -> Int {
  let word =
    switch index >> 4 {
    case 0: key.word0
    case 1: key.word1
    case 2: key.word2
    default: key.word3
    }
  return Int(truncatingIfNeeded: word >> UInt64(60 - 4 * (index & 15)) & 15)
}
