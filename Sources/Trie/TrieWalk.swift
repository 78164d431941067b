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
    var waiting = [link]
    while let place = waiting.popLast() {
      if let hash = place.reference().hash {
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
