import Primitives

/// One key on its way out of a trie: the nodes on its path are made anew.
struct Removal {
  let key: Bytes
  let source: (any NodeSource)?

  /// What stands in the place of `link` without the key, or nil when the key is not there.
  func result(in link: Link, at position: Int) throws(TrieMiss) -> Link? {
    switch link {
    case .empty:
      return nil
    case .leaf(let node):
      let isHere =
        node.path.count == key.count * 2 - position
        && node.path.isPrefix(of: key, from: position)
      return isHere ? .empty : nil
    case .extension(let node):
      guard node.path.isPrefix(of: key, from: position),
        let child = try result(in: node.child, at: position + node.path.count)
      else { return nil }
      return Self.extended(node.path, child)
    case .branch(let node):
      return try result(in: node, at: position)
    case .unresolved:
      return try result(in: try link.resolved(from: source), at: position)
    }
  }

  private func result(in node: BranchNode, at position: Int) throws(TrieMiss) -> Link? {
    if position == key.count * 2 {
      guard node.terminal != nil else { return nil }
      let copy = node.copy()
      copy.terminal = nil
      return try Self.collapsed(copy, source)
    }
    let index = nibble(of: key, at: position)
    guard let child = try result(in: node.children[index], at: position + 1) else { return nil }
    let copy = node.copy()
    copy.children[index] = child
    return child.isEmpty ? try Self.collapsed(copy, source) : .branch(copy)
  }

  /// A branch with one way left is no branch: the way's nibble goes to what stands there.
  static func collapsed(
    _ node: BranchNode, _ source: (any NodeSource)?
  ) throws(TrieMiss) -> Link {
    if node.occupied > 1 { return .branch(node) }
    if let terminal = node.terminal { return .leaf(terminal) }
    for index in 0..<16 where !node.children[index].isEmpty {
      let child = try node.children[index].resolved(from: source)
      return Self.extended(Nibbles(single: index), child)
    }
    return .empty
  }

  /// `child`, which is in memory, below `path`.
  static func extended(_ path: Nibbles, _ child: Link) -> Link {
    if path.count == 0 { return child }
    switch child {
    case .empty:
      return .empty
    case .leaf(let node):
      return .leaf(node.moved(to: path.joined(with: node.path)))
    case .extension(let node):
      return .extension(ExtensionNode(path: path.joined(with: node.path), child: node.child))
    case .branch, .unresolved:
      return .extension(ExtensionNode(path: path, child: child))
    }
  }
}
