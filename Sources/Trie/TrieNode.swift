import Primitives

/// How a parent names a node: by hash, or, when the encoding is shorter than a hash, by itself.
enum NodeReference: Sendable {
  case hash(Hash)
  case inline(Bytes)
}

/// A place in the trie: nothing, a node in memory, or a node of which only the hash is known.
///
/// Nodes are shared between tries and are changed in place only while one trie alone holds them.
/// The memoised reference is filled before a trie is shared (`MerklePatriciaTrie.sealed()`), so
/// that readers on other threads write nothing.
enum Link: @unchecked Sendable {
  case empty
  case leaf(LeafNode)
  case `extension`(ExtensionNode)
  case branch(BranchNode)
  case unresolved(UnresolvedNode)

  var isEmpty: Bool {
    if case .empty = self { return true }
    return false
  }
}

/// The rest of a key and its value; also what ends at a branch, then with an empty path.
final class LeafNode {
  var path: Nibbles
  var value: Bytes
  /// The root of a trie that belongs to the value (an account's storage); not part of the hash.
  var subtrie: Link
  var reference: NodeReference?

  init(path: Nibbles, value: Bytes, subtrie: Link) {
    self.path = path
    self.value = value
    self.subtrie = subtrie
  }

  /// The same value below another path.
  func moved(to path: Nibbles) -> LeafNode {
    LeafNode(path: path, value: value, subtrie: subtrie)
  }
}

/// A run of nibbles that all keys below share.
final class ExtensionNode {
  var path: Nibbles
  var child: Link
  var reference: NodeReference?

  init(path: Nibbles, child: Link) {
    self.path = path
    self.child = child
  }

  func copy() -> ExtensionNode { ExtensionNode(path: path, child: child) }
}

/// Sixteen ways on, and the value of the key that ends here.
final class BranchNode {
  var children: InlineArray<16, Link>
  var terminal: LeafNode?
  var reference: NodeReference?
  /// The encoding when it was last hashed, if that is kept: so that a change of one way need not
  /// ask all the others for their hashes, each of which is somewhere else in memory.
  var encoding: Bytes = []
  /// A bit for each way that has changed since.
  var changed: UInt16 = 0

  init() { children = InlineArray(repeating: .empty) }

  init(children: InlineArray<16, Link>, terminal: LeafNode?) {
    self.children = children
    self.terminal = terminal
  }

  func copy() -> BranchNode {
    touchChildren()
    let copy = BranchNode(children: children, terminal: terminal)
    copy.encoding = encoding
    copy.changed = changed
    return copy
  }

  /// Notes that a way leads elsewhere now.
  func noteChange(of way: Int) {
    changed |= 1 << UInt16(truncatingIfNeeded: way)
    reference = nil
  }

  /// Notes that another value ends here now.
  func noteChangeOfTerminal() {
    encoding = []
    reference = nil
  }

  /// How many ways on there are, the ending value included.
  var occupied: Int {
    var count = terminal == nil ? 0 : 1
    for index in 0..<16 where !children[index].isEmpty { count += 1 }
    return count
  }
}

/// A node that is somewhere else, under this hash.
final class UnresolvedNode {
  let hash: Hash

  init(_ hash: Hash) { self.hash = hash }
}
