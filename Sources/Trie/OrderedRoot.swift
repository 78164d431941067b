import Primitives

extension MerklePatriciaTrie {
  /// The root of the trie of `items`, each under the RLP of its index.
  ///
  /// It commits to the transactions, receipts and withdrawals of a block.
  public static func orderedRoot(_ items: [Bytes]) -> Hash { ordered(items).root }

  /// The trie of `items`, each under the RLP of its index; for proofs of one item.
  ///
  /// An empty item has no place in a trie; a block holds none.
  public static func ordered(_ items: [Bytes]) -> MerklePatriciaTrie {
    var trie = MerklePatriciaTrie()
    for (index, item) in items.enumerated() {
      precondition(!item.isEmpty, "an item of an ordered trie is not empty")
      let insertion = Insertion(
        key: orderedKey(index), value: item, subtrie: .empty, source: nil)
      // All nodes are in memory, so none is missed.
      try? insertion.apply(to: &trie.link, at: 0)
    }
    return trie
  }

  /// The key of item `index`: its RLP.
  public static func orderedKey(_ index: Int) -> Bytes {
    precondition(index >= 0, "an index is not negative")
    return RLPWriter.encode(uint64: UInt64(index))
  }
}
