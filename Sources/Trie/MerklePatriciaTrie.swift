import Cryptography
import Primitives

/// A Merkle-Patricia trie (Yellow Paper, appendix D) as a value.
///
/// A copy costs nothing and shares all nodes; a change copies only the nodes on its path that
/// another trie also holds. Hashes are computed when the root is asked for and kept in the nodes.
/// A trie may start from a root hash alone; then nodes come from a `NodeSource` as they are needed.
///
/// Before a trie is handed to another thread it must be sealed (`sealed()`): from then on reading
/// it writes nothing.
public struct MerklePatriciaTrie: Sendable {
  /// The longest key, in bytes; every walk goes at most twice as deep.
  public static let maximumKeySizeInBytes = 64

  /// The root of the trie that holds nothing: the Keccak-256 of the empty string's RLP.
  public static let emptyRoot = Keccak256.hash([0x80])

  var link: Link
  var source: (any NodeSource)?

  /// A trie that holds nothing.
  public init() { link = .empty }

  /// The trie with this root hash, whose nodes come from `source`.
  public init(root: Hash, source: (any NodeSource)?) {
    link = root == Self.emptyRoot ? .empty : .unresolved(UnresolvedNode(root))
    self.source = source
  }

  init(link: Link, source: (any NodeSource)?) {
    self.link = link
    self.source = source
  }

  /// Whether the trie holds nothing.
  public var isEmpty: Bool { link.isEmpty }

  /// The hash of the root node; the first call after a change hashes what changed.
  public var root: Hash {
    let reference = link.reference()
    if reference.isNone { return Self.emptyRoot }
    return reference.hash ?? Keccak256.hash(reference.encoding)
  }

  /// This trie with every hash computed, so that many threads may read it.
  public func sealed() -> MerklePatriciaTrie {
    _ = link.reference()
    return self
  }

  /// The value under `key`, or nil.
  ///
  /// - Throws: `TrieMiss` when a node on the way is not in memory and not in the source.
  public func get(_ key: Bytes) throws(TrieMiss) -> Bytes? {
    try leaf(for: key)?.value
  }

  /// The trie attached to the value under `key`; nil when there is no value or no attachment.
  ///
  /// - Throws: `TrieMiss` when a node on the way is not in memory and not in the source.
  public func subtrie(_ key: Bytes) throws(TrieMiss) -> MerklePatriciaTrie? {
    guard let leaf = try leaf(for: key), !leaf.subtrie.isEmpty else { return nil }
    return MerklePatriciaTrie(link: leaf.subtrie, source: source)
  }

  /// The value under `key` together with what is attached to it; nil when there is no value.
  ///
  /// - Throws: `TrieMiss` when a node on the way is not in memory and not in the source.
  public func entry(
    _ key: Bytes
  ) throws(TrieMiss) -> (value: Bytes, subtrie: MerklePatriciaTrie?)? {
    guard let leaf = try leaf(for: key) else { return nil }
    if leaf.subtrie.isEmpty { return (leaf.value, nil) }
    return (leaf.value, MerklePatriciaTrie(link: leaf.subtrie, source: source))
  }

  /// Puts `value` under `key`; an empty value removes the key, as Ethereum has it.
  ///
  /// `subtrie` is attached to the value and does not count for the root: it is how the storage of
  /// an account travels with the account.
  ///
  /// - Throws: `TrieMiss` when a node on the way is not in memory and not in the source; the trie
  ///   is then unchanged.
  public mutating func set(
    _ key: Bytes, to value: Bytes, subtrie: MerklePatriciaTrie? = nil
  ) throws(TrieMiss) {
    precondition(key.count <= Self.maximumKeySizeInBytes, "a trie key is at most 64 bytes")
    if value.isEmpty { return try remove(key) }
    let insertion = Insertion(
      key: key, value: value, subtrie: subtrie?.link ?? .empty, source: source)
    try insertion.apply(to: &link, at: 0)
  }

  /// Removes `key`; a key that is not there changes nothing.
  ///
  /// - Throws: `TrieMiss` when a node on the way, or the one sibling left at a branch, is not in
  ///   memory and not in the source; the trie is then unchanged.
  public mutating func remove(_ key: Bytes) throws(TrieMiss) {
    let removal = Removal(key: key, source: source)
    if let rest = try removal.result(in: link, at: 0) { link = rest }
  }

  /// Applies `changes` in their order; nil removes.
  ///
  /// - Throws: `TrieMiss`, and then the trie is as it was before the first change.
  public mutating func update(_ changes: [(key: Bytes, value: Bytes?)]) throws(TrieMiss) {
    var changed = self
    for change in changes { try changed.set(change.key, to: change.value ?? []) }
    self = changed
  }

  /// The leaf under `key`, walked to without recursion and without copying the key.
  func leaf(for key: Bytes) throws(TrieMiss) -> LeafNode? {
    var place = link
    var position = 0
    let end = key.count * 2
    while true {
      switch place {
      case .empty:
        return nil
      case .leaf(let node):
        let isHere =
          node.path.count == end - position && node.path.isPrefix(of: key, from: position)
        return isHere ? node : nil
      case .extension(let node):
        guard node.path.isPrefix(of: key, from: position) else { return nil }
        position += node.path.count
        place = node.child
      case .branch(let node):
        if position == end { return node.terminal }
        place = node.children[nibble(of: key, at: position)]
        position += 1
      case .unresolved:
        place = try place.resolved(from: source)
      }
    }
  }
}
