import Primitives

extension MerklePatriciaTrie {
  /// Every key with its value, in the order of the keys.
  ///
  /// - Throws: `TrieMiss` when a node is not in memory and not in the source.
  public func entries() throws(TrieMiss) -> [(key: Bytes, value: Bytes)] {
    var found: [(key: Bytes, value: Bytes)] = []
    var waiting: [(place: Link, path: Nibbles)] = [(link, .empty)]
    while let (place, path) = waiting.popLast() {
      switch try place.resolved(from: source) {
      case .empty, .unresolved:
        continue
      case .leaf(let node):
        found.append((path.joined(with: node.path).packed, node.value))
      case .extension(let node):
        waiting.append((node.child, path.joined(with: node.path)))
      case .branch(let node):
        if let terminal = node.terminal {
          found.append((path.joined(with: .empty).packed, terminal.value))
        }
        for index in stride(from: 15, through: 0, by: -1) where !node.children[index].isEmpty {
          waiting.append((node.children[index], path.joined(with: Nibbles(single: index))))
        }
      }
    }
    return found
  }

  /// Hands every node in memory that has a hash to `visit`, parents first.
  ///
  /// `visit` says whether to go on below a node, so a store that has a node already skips what
  /// hangs there. Attached tries are visited after the trie itself.
  public func visitNodes(_ visit: (_ hash: Hash, _ encoding: Bytes) -> Bool) {
    var waiting = [link]
    while let place = waiting.popLast() {
      if case .hash(let hash) = place.reference() {
        if case .unresolved = place { continue }
        if !visit(hash, place.encoded()) { continue }
      }
      switch place {
      case .empty, .unresolved: continue
      case .leaf(let node): waiting.append(node.subtrie)
      case .extension(let node): waiting.append(node.child)
      case .branch(let node):
        if let terminal = node.terminal { waiting.append(terminal.subtrie) }
        for index in 0..<16 { waiting.append(node.children[index]) }
      }
    }
  }
}
