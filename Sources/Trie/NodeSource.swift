import Cryptography
import Primitives

/// A node that the trie knows by hash only and that its source could not give.
///
/// The caller fetches the node and tries again; the trie is as it was before.
public struct TrieMiss: Error, Hashable, Sendable {
  /// The Keccak-256 of the node's encoding.
  public let hash: Hash

  /// A miss of the node with `hash`.
  public init(hash: Hash) { self.hash = hash }
}

/// Where nodes that are not in memory come from: a snapshot, a witness, a preimage oracle.
///
/// Class-bound, so that the embedded core may hold it.
public protocol NodeSource: AnyObject, Sendable {
  /// The encoding whose Keccak-256 is `hash`, or nil when it is not here.
  ///
  /// What comes back is checked against the hash; wrong bytes count as a miss.
  func node(_ hash: Hash) -> Bytes?
}

extension Link {
  /// The node itself, fetched from `source` when only its hash is known.
  func resolved(from source: (any NodeSource)?) throws(TrieMiss) -> Link {
    guard case .unresolved(let node) = self else { return self }
    guard let encoding = source?.node(node.hash), Keccak256.hash(encoding) == node.hash,
      let link = try? Link.decode(encoding[...])
    else { throw TrieMiss(hash: node.hash) }
    return link
  }
}
