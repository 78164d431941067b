import Primitives

extension MerklePatriciaTrie {
  /// Every key with its value, in the order of the keys.
  ///
  /// With `skipsMissing`, what hangs on a node that is not at hand is left out.
  ///
  /// - Throws: `TrieMiss` when a node is not in memory and not in the source.
  public func entries(
    skipsMissing: Bool = false
  ) throws(TrieMiss) -> [(key: Bytes, value: Bytes)] {
    var found: [(key: Bytes, value: Bytes)] = []
    var waiting: [(place: Link, path: Nibbles)] = [(link, .empty)]
    while let (place, path) = waiting.popLast() {
      let resolved: Link
      do throws(TrieMiss) {
        resolved = try place.resolved(from: source)
      } catch {
        if skipsMissing { continue }
        throw error
      }
      switch resolved {
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

  /// The nibbles of the path to the node of a hash, which is on the way to a key or hangs beside
  /// it; nil where it is neither.
  public func path(to hash: Hash, near key: Bytes) -> [UInt8]? {
    var place = link
    var position = 0
    while true {
      if Self.isNode(place, hash) { return Self.nibbles(of: key, position) }
      guard let resolved = try? place.resolved(from: source) else { return nil }
      switch resolved {
      case .branch(let node) where position < key.count * 2:
        for index in 0..<16 where Self.isNode(node.children[index], hash) {
          return Self.nibbles(of: key, position) + [UInt8(index)]
        }
        place = node.children[nibble(of: key, at: position)]
        position += 1
      case .extension(let node) where node.path.isPrefix(of: key, from: position):
        position += node.path.count
        place = node.child
      default: return nil
      }
    }
  }

  private static func isNode(_ link: Link, _ hash: Hash) -> Bool {
    link.reference().hash == hash
  }

  private static func nibbles(of key: Bytes, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(nibble(of: key, at: $0)) }
  }

  /// Hands every node in memory that has a hash to `visit`, parents first.
  ///
  /// `visit` says whether to go on below a node, so a store that has a node already skips what
  /// hangs there. Attached tries are visited after the trie itself.
  public func visitNodes(_ visit: (_ hash: Hash, _ encoding: Bytes) -> Bool) {
    walk(since: .empty) { hash, place, _ in visit(hash, place.encodedAtOnce()) }
  }

  /// Hands every node in memory that has a hash to `visit`, parents first, except those that an
  /// older version of the trie has at the same place.
  ///
  /// A trie that is attached to a value counts as unchanged where the value is. Where the older
  /// version has nothing, `isKnown` is asked for the node, and what it knows is left out with all
  /// that hangs there: a subtrie may have come to another place as it was.
  public func visitNodes(
    since older: MerklePatriciaTrie, unless isKnown: (_ hash: Hash, _ encoding: Bytes) -> Bool,
    _ visit: (_ hash: Hash, _ encoding: Bytes) -> Void
  ) {
    walk(since: older.link) { hash, place, isNewPlace in
      let encoding = place.encodedAtOnce()
      if isNewPlace, isKnown(hash, encoding) { return false }
      visit(hash, encoding)
      return true
    }
  }

  /// Goes through the nodes in memory that are not what was before at the same place.
  ///
  /// Of those with a hash, `enter` says whether to go on below them; it is told whether nothing was
  /// there before.
  private func walk(
    since before: Link, _ enter: (_ hash: Hash, _ place: Link, _ isNewPlace: Bool) -> Bool
  ) {
    var waiting = [(place: link, before: before)]
    while let (place, before) = waiting.popLast() {
      let reference = place.reference()
      if reference == before.reference() { continue }
      if let hash = reference.hash {
        if case .unresolved = place { continue }
        if !enter(hash, place, before.isEmpty) { continue }
      }
      switch place {
      case .empty, .unresolved: continue
      case .leaf(let node):
        waiting.append((node.subtrie, before.subtrie(ofLeafAt: node.path)))
      case .extension(let node):
        waiting.append((node.child, before.child(ofExtensionAt: node.path)))
      case .branch(let node):
        let old: BranchNode? = if case .branch(let old) = before { old } else { nil }
        if let terminal = node.terminal {
          waiting.append((terminal.subtrie, old?.terminal?.subtrie ?? .empty))
        }
        for index in 0..<16 where !node.children[index].isEmpty {
          waiting.append((node.children[index], old?.children[index] ?? .empty))
        }
      }
    }
  }
}

extension Link {
  /// The trie attached to a leaf, if this is a leaf of that path.
  fileprivate func subtrie(ofLeafAt path: Nibbles) -> Link {
    if case .leaf(let node) = self, node.path.isSame(as: path) { node.subtrie } else { .empty }
  }

  /// What hangs below an extension, if this is one of that path.
  fileprivate func child(ofExtensionAt path: Nibbles) -> Link {
    if case .extension(let node) = self, node.path.isSame(as: path) { node.child } else { .empty }
  }
}
