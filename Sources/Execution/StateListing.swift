import EVM
import Primitives
import Trie

/// An account as the state holds it: under the hash of its address.
public struct HashedAccount: Sendable {
  /// The Keccak-256 of its address.
  public var key: Hash
  /// What it holds.
  public var account: Account
  let storage: MerklePatriciaTrie

  /// Its slots' words, ascending by the Keccak-256 of the slots' numbers.
  ///
  /// With `skipsMissing`, what is not at hand is left out.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  public func words(
    skipsMissing: Bool = false
  ) throws(StateMiss) -> [(key: Hash, word: UInt256)] {
    do throws(TrieMiss) {
      var words: [(key: Hash, word: UInt256)] = []
      for (key, value) in try storage.entries(skipsMissing: skipsMissing) {
        var reader = RLPReader(value)
        guard let hash = Hash(checking: key), let word = try? reader.uint256() else {
          throw TrieMiss(hash: account.storageRoot)
        }
        words.append((hash, word))
      }
      return words
    } catch {
      throw .node(error.hash)
    }
  }
}

extension State {
  /// The accounts, ascending by the hashes of their addresses.
  ///
  /// With `skipsMissing`, what is not at hand is left out: of a state that another node has, that
  /// is what nobody asked for yet.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  public func accountsByHash(skipsMissing: Bool = false) throws(StateMiss) -> [HashedAccount] {
    do throws(TrieMiss) {
      var list: [HashedAccount] = []
      for (key, value) in try accounts.entries(skipsMissing: skipsMissing) {
        guard let hash = Hash(checking: key), let account = Account(encoded: value) else {
          throw TrieMiss(hash: root)
        }
        let storage =
          try accounts.subtrie(key)
          ?? MerklePatriciaTrie(root: account.storageRoot, source: source)
        list.append(HashedAccount(key: hash, account: account, storage: storage))
      }
      return list
    } catch {
      throw .node(error.hash)
    }
  }
}
