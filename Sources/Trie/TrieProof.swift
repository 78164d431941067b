import Cryptography
import Primitives

/// Why a proof proves nothing.
public enum TrieProofError: Error, Hashable, Sendable {
  /// The node at `index` does not have the hash that its parent, or the root, asks for.
  case wrongHash(index: Int)
  /// The node at `index` is not the canonical encoding of a trie node.
  case malformedNode(index: Int)
  /// The proof ends before the key does.
  case truncated
  /// The key was decided at node `index - 1`, and more nodes follow.
  case surplusNodes(index: Int)
}

extension MerklePatriciaTrie {
  /// The encoded nodes from the root towards `key`, as `eth_getProof` gives them.
  ///
  /// Nodes that stand inline in their parent are not repeated. For a key that is not there the
  /// nodes prove its absence.
  ///
  /// - Throws: `TrieMiss` when a node on the way is not in memory and not in the source.
  public func proof(_ key: Bytes) throws(TrieMiss) -> [Bytes] {
    var nodes: [Bytes] = []
    var place = link
    var position = 0
    while true {
      if case .empty = place { return nodes }
      place = try place.resolved(from: source)
      let encoding = place.encoded()
      if nodes.isEmpty || encoding.count >= 32 { nodes.append(encoding) }
      guard let next = place.step(along: key, at: &position) else { return nodes }
      place = next
    }
  }

  /// The value that `proof` proves for `key` under `root`; nil when it proves its absence.
  ///
  /// - Throws: `TrieProofError` unless the nodes are exactly those that the key needs.
  public static func verify(
    proof: [Bytes], root: Hash, key: Bytes
  ) throws(TrieProofError) -> Bytes? {
    if root == emptyRoot, proof.isEmpty { return nil }
    var wanted = Link.unresolved(UnresolvedNode(root))
    var index = 0
    var position = 0
    while true {
      if case .unresolved(let node) = wanted {
        guard index < proof.count else { throw .truncated }
        guard Keccak256.hash(proof[index]) == node.hash else { throw .wrongHash(index: index) }
        guard let link = try? Link.decode(proof[index][...]) else {
          throw .malformedNode(index: index)
        }
        guard index == 0 || proof[index].count >= 32 else { throw .malformedNode(index: index) }
        wanted = link
        index += 1
      }
      if let next = wanted.step(along: key, at: &position) {
        wanted = next
        continue
      }
      guard index == proof.count else { throw .surplusNodes(index: index) }
      return wanted.value(endingAt: position, of: key)
    }
  }
}

extension Link {
  /// The way on from this node for `key`; nil when the key is decided here.
  fileprivate func step(along key: Bytes, at position: inout Int) -> Link? {
    switch self {
    case .empty, .leaf, .unresolved:
      return nil
    case .extension(let node):
      guard node.path.isPrefix(of: key, from: position) else { return nil }
      position += node.path.count
      return node.child
    case .branch(let node):
      if position == key.count * 2 { return nil }
      let child = node.children[nibble(of: key, at: position)]
      if child.isEmpty { return nil }
      position += 1
      return child
    }
  }

  /// The value of `key` at the node where it was decided.
  fileprivate func value(endingAt position: Int, of key: Bytes) -> Bytes? {
    switch self {
    case .empty, .extension, .unresolved:
      return nil
    case .leaf(let node):
      let isHere =
        node.path.count == key.count * 2 - position
        && node.path.isPrefix(of: key, from: position)
      return isHere ? node.value : nil
    case .branch(let node):
      return position == key.count * 2 ? node.terminal?.value : nil
    }
  }
}
