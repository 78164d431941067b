import Cryptography
import Primitives
import Trie

extension ForkStore {
  /// Asks for all slots of accounts that have few, as far as the other node can be reached.
  ///
  /// The contracts that the protocol itself calls write a slot with each block that nobody can know
  /// beforehand. With all that hangs beside it at hand, blocks can be made when the other node is
  /// gone; of a chain that has run for long there are too many, and they are asked for one by one.
  public func complete(_ accounts: [Address]) {
    guard let (remote, number, _) = target else { return }
    for account in accounts {
      do throws(RemoteFailure) {
        try complete(account, number, remote)
      } catch {
        return
      }
    }
  }

  /// Slots that are asked for together, and then one by one.
  private static let slotsAtOnce = 64
  private static let slotLimit = 64
  /// Nodes on the way to a slot, from which on there are too many slots.
  private static let depthLimit = 4

  private func complete(
    _ account: Address, _ number: UInt64, _ remote: any RemoteChain
  ) throws(RemoteFailure) {
    var slots = (0..<Self.slotsAtOnce).map { UInt256(UInt64($0)) }
    let (root, depth) = try prove(account, slots: slots, number, remote)
    guard depth <= Self.depthLimit else { return }
    for _ in 0..<Self.slotLimit {
      // A trie keeps what it has resolved, so each look begins anew.
      let trie = MerklePatriciaTrie(root: root, source: self)
      let missing: Hash
      do throws(TrieMiss) {
        _ = try trie.entries()
        return
      } catch {
        missing = error.hash
      }
      // What is missing hangs beside the way to a slot that was asked for.
      let path = slots.lazy.compactMap { trie.path(to: missing, near: Keccak256.hash($0).bytes) }
      guard let first = path.first, first.count <= Self.depthLimit,
        let bytes = Self.preimage(first, sizeInBytes: 32)
      else { return }
      let slot = UInt256(bigEndian: bytes)
      _ = try prove(account, slots: [slot], number, remote)
      slots.append(slot)
    }
  }
}
