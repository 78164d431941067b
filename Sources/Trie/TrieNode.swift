import Primitives

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
  var reference = NodeReference.none
  let path: Nibbles
  let value: Bytes
  /// The root of a trie that belongs to the value (an account's storage); not part of the hash.
  let subtrie: Link

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
  var reference = NodeReference.none
  let path: Nibbles
  var child: Link

  init(path: Nibbles, child: Link) {
    self.path = path
    self.child = child
  }

  func copy() -> ExtensionNode { ExtensionNode(path: path, child: child) }
}

/// Sixteen ways on, and the value of the key that ends here.
final class BranchNode {
  var reference = NodeReference.none
  var children: InlineArray<16, Link>
  var terminal: LeafNode?

  init() { children = InlineArray(repeating: .empty) }

  init(children: InlineArray<16, Link>, terminal: LeafNode?) {
    self.children = children
    self.terminal = terminal
  }

  func copy() -> BranchNode {
    touchChildren()
    return BranchNode(children: children, terminal: terminal)
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
  let reference: NodeReference
  let hash: Hash

  init(_ hash: Hash) {
    reference = NodeReference(hash)
    self.hash = hash
  }
}
