import Primitives

/// Bytes that are no node of a Merkle-Patricia trie.
struct MalformedNode: Error {}

extension Link {
  /// The node that `encoding` is, its children by hash or inline; strict.
  ///
  /// - Throws: `MalformedNode` when the RLP is not canonical, when a path's flag is wrong, when an
  ///   inline child is too long to be inline, or when a node holds too little to be needed.
  static func decode(_ encoding: ArraySlice<UInt8>) throws(MalformedNode) -> Link {
    do throws(RLPError) {
      var outer = RLPReader(encoding)
      var list = try outer.list()
      try outer.end()
      var items: [ArraySlice<UInt8>] = []
      while !list.isAtEnd, items.count <= 17 { items.append(try list.rawItem()) }
      if items.count == 2 { return try decodePair(items[0], items[1]) }
      if items.count == 17 { return try decodeBranch(items) }
    } catch {}
    throw MalformedNode()
  }

  /// A node of two items; a malformed one is reported as `RLPError` to the one caller above.
  private static func decodePair(
    _ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>
  ) throws(RLPError) -> Link {
    var pathReader = RLPReader(first)
    guard let (path, isLeaf) = Nibbles.decode(compact: try pathReader.bytes()) else {
      throw .nonCanonical
    }
    if isLeaf {
      var valueReader = RLPReader(second)
      let value = Bytes(try valueReader.bytes())
      guard !value.isEmpty else { throw .nonCanonical }
      return .leaf(LeafNode(path: path, value: value, subtrie: .empty))
    }
    let child = try decodeChild(second)
    switch child {
    case .branch, .unresolved: break
    case .empty, .leaf, .extension: throw .nonCanonical
    }
    guard path.count > 0 else { throw .nonCanonical }
    return .extension(ExtensionNode(path: path, child: child))
  }

  private static func decodeBranch(_ items: [ArraySlice<UInt8>]) throws(RLPError) -> Link {
    let branch = BranchNode()
    for index in 0..<16 { branch.children[index] = try decodeChild(items[index]) }
    var valueReader = RLPReader(items[16])
    let value = Bytes(try valueReader.bytes())
    if !value.isEmpty {
      branch.terminal = LeafNode(path: .empty, value: value, subtrie: .empty)
    }
    guard branch.occupied > 1 else { throw .nonCanonical }
    return .branch(branch)
  }

  /// An inline child is shorter than 32 bytes, so the nesting here is too.
  private static func decodeChild(_ item: ArraySlice<UInt8>) throws(RLPError) -> Link {
    guard let first = item.first else { throw .truncated }
    if first == 0x80 { return .empty }
    if first == 0xa0, let hash = Hash(checking: item.dropFirst()) {
      return .unresolved(UnresolvedNode(hash))
    }
    guard first >= 0xc0, item.count < 32 else { throw .nonCanonical }
    do throws(MalformedNode) {
      return try decode(item)
    } catch {
      throw .nonCanonical
    }
  }
}
