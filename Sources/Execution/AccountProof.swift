import Cryptography
import EVM
import Primitives
import Trie

/// A slot's word with the nodes that prove it.
public struct StorageProof: Hashable, Sendable {
  /// The slot.
  public var slot: UInt256
  /// Its word.
  public var value: UInt256
  /// Encoded nodes from the storage root on.
  public var nodes: [Bytes]

  /// A slot with its word and nodes.
  public init(slot: UInt256, value: UInt256, nodes: [Bytes]) {
    self.slot = slot
    self.value = value
    self.nodes = nodes
  }
}

/// An account and words of its storage with the nodes that prove them (EIP-1186).
public struct AccountProof: Hashable, Sendable {
  /// The address.
  public var address: Address
  /// The account; nil when the nodes prove that there is none.
  public var account: Account?
  /// Encoded nodes from the state root on.
  public var nodes: [Bytes]
  /// The slots in the order in which they were asked for.
  public var storage: [StorageProof]

  /// An account with its nodes and slots.
  public init(address: Address, account: Account?, nodes: [Bytes], storage: [StorageProof]) {
    self.address = address
    self.account = account
    self.nodes = nodes
    self.storage = storage
  }

  /// Whether the proof holds under the state root `root`.
  public func isValid(root: Hash) -> Bool {
    guard Self.proves(account?.encoded, Keccak256.hash(address), nodes, root) else { return false }
    guard let account else { return storage.allSatisfy { $0.value.isZero && $0.nodes.isEmpty } }
    for slot in storage {
      let word = slot.value.isZero ? nil : RLPWriter.encode(uint256: slot.value)
      guard Self.proves(word, Keccak256.hash(slot.slot), slot.nodes, account.storageRoot) else {
        return false
      }
    }
    return true
  }

  private static func proves(
    _ value: Bytes?, _ key: Hash, _ nodes: [Bytes], _ root: Hash
  ) -> Bool {
    do throws(TrieProofError) {
      return try MerklePatriciaTrie.verify(proof: nodes, root: root, key: key.bytes) == value
    } catch {
      return false
    }
  }
}

extension State {
  /// The account at `address` and its words in `slots`, with proofs for `eth_getProof`.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  public func accountProof(
    _ address: Address, slots: [UInt256]
  ) throws(StateMiss) -> AccountProof {
    let entry = try entry(address)
    // Reading what is to be proven brings the nodes here.
    var words: [UInt256] = []
    for slot in slots { words.append(try storage(address, slot)) }
    do throws(TrieMiss) {
      let nodes = try accounts.proof(Keccak256.hash(address).bytes)
      var proof = AccountProof(
        address: address, account: entry?.account, nodes: nodes, storage: [])
      for (slot, word) in zip(slots, words) {
        let slotNodes = try entry?.storage.proof(Keccak256.hash(slot).bytes) ?? []
        proof.storage.append(StorageProof(slot: slot, value: word, nodes: slotNodes))
      }
      return proof
    } catch {
      throw .node(error.hash)
    }
  }
}
