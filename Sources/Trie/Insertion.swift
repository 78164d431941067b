import Primitives

/// One value on its way into a trie: nodes that no other trie holds change in place.
struct Insertion {
  let key: Bytes
  let value: Bytes
  let subtrie: Link
  let source: (any NodeSource)?

  /// Puts the value below `link`, whose nodes stand at nibble `position` of the key.
  ///
  /// When it throws, `link` holds what it held before.
  func apply(to link: inout Link, at position: Int) throws(TrieMiss) {
    switch link {
    case .empty:
      link = .leaf(leaf(from: position))
    case .leaf(let node):
      link = place(beside: node, at: position)
    case .extension(var node):
      link = .empty
      defer { link = joined(node, at: position) }
      guard node.path.isPrefix(of: key, from: position) else { return }
      if !isKnownUniquelyReferenced(&node) { node = node.copy() }
      try apply(to: &node.child, at: position + node.path.count)
      node.reference = .none
    case .branch(var node):
      link = .empty
      defer { link = .branch(node) }
      if !isKnownUniquelyReferenced(&node) { node = node.copy() }
      if position == key.count * 2 {
        node.terminal = leaf(from: position)
      } else {
        let way = nibble(of: key, at: position)
        try apply(to: &node.children[way], at: position + 1)
      }
      node.reference = .none
    case .unresolved:
      var resolved = try link.resolved(from: source)
      try apply(to: &resolved, at: position)
      link = resolved
    }
  }

  private func leaf(from position: Int) -> LeafNode {
    LeafNode(
      path: Nibbles(key, start: position, end: key.count * 2), value: value, subtrie: subtrie)
  }

  /// The value beside, or instead of, the leaf that stands at `position`.
  private func place(beside node: LeafNode, at position: Int) -> Link {
    let common = node.path.commonPrefix(with: key, from: position)
    let rest = key.count * 2 - position
    if common == node.path.count, common == rest { return .leaf(leaf(from: position)) }
    let branch = BranchNode()
    if common == node.path.count {
      branch.terminal = node.moved(to: .empty)
    } else {
      branch.children[node.path[common]] = .leaf(node.moved(to: node.path.dropFirst(common + 1)))
    }
    addLeaf(to: branch, at: position + common)
    return Removal.extended(node.path.prefix(common), .branch(branch))
  }

  /// The extension itself when the key follows it, else a branch where the two part.
  private func joined(_ node: ExtensionNode, at position: Int) -> Link {
    let common = node.path.commonPrefix(with: key, from: position)
    if common == node.path.count { return .extension(node) }
    let branch = BranchNode()
    branch.children[node.path[common]] = Removal.extended(
      node.path.dropFirst(common + 1), node.child)
    addLeaf(to: branch, at: position + common)
    return Removal.extended(node.path.prefix(common), .branch(branch))
  }

  /// Hangs the value below a new branch that stands at `position` and has no way on for it yet.
  private func addLeaf(to branch: BranchNode, at position: Int) {
    if position == key.count * 2 {
      branch.terminal = leaf(from: position)
    } else {
      branch.children[nibble(of: key, at: position)] = .leaf(leaf(from: position + 1))
    }
  }
}
