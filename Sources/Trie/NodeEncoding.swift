import Primitives

// The encodings of nodes (Yellow Paper, appendix D) as they are read: for proofs, and as what the
// quick ones in `NodeHashing.swift` are compared with.

extension Link {
  /// The node's RLP; empty when there is no node in memory.
  func encoded() -> Bytes {
    switch self {
    case .empty, .unresolved:
      []
    case .leaf(let node):
      RLPWriter.list { list in
        list.append(bytes: node.path.compact(isLeaf: true))
        list.append(bytes: node.value)
      }
    case .extension(let node):
      RLPWriter.list { list in
        list.append(bytes: node.path.compact(isLeaf: false))
        node.child.reference().append(to: &list)
      }
    case .branch(let node):
      RLPWriter.list { list in
        node.forEachReference { $0.append(to: &list) }
        list.append(bytes: node.terminal?.value ?? [])
      }
    }
  }
}
