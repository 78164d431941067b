import Cryptography
import EVM
import Primitives
import Trie

/// The changes of an account, with what is known of where it stands.
struct PlacedChange {
  let change: AccountChange
  /// The hash of its address.
  let key: Hash
  /// The account before the changes, or nil if there was none.
  let before: StateEntry?
}

extension State {
  /// Makes the changes of `diff`, and seals the state.
  ///
  /// - Throws: `StateMiss.node` when a node is not here; the state is then unchanged.
  public mutating func apply(_ diff: StateDiff) throws(StateMiss) {
    var changes: [PlacedChange] = []
    changes.reserveCapacity(diff.accounts.count)
    for change in diff.accounts {
      let key = Keccak256.hash(change.address)
      let before = try entry(at: key, of: change.address)
      changes.append(PlacedChange(change: change, key: key, before: before))
    }
    try apply(changes) { Keccak256.hash($0) }
  }

  /// Makes changes of accounts, and seals the state; `key` hashes a slot.
  ///
  /// - Throws: `StateMiss.node` when a node is not here; the state is then unchanged.
  mutating func apply(
    _ changes: [PlacedChange], _ key: (_ slot: UInt256) -> Hash
  ) throws(StateMiss) {
    var changed = self
    do throws(TrieMiss) {
      try changed.applyTogether(changes, key)
    } catch {
      // One after the other, so that it is known of what the missing nodes are.
      changed = self
      for change in changes { try changed.applyAlone(change) }
    }
    self = changed.sealed()
  }

  /// Makes changes, each trie's at once.
  private mutating func applyTogether(
    _ changes: [PlacedChange], _ key: (_ slot: UInt256) -> Hash
  ) throws(TrieMiss) {
    var updates: [TrieChange] = []
    updates.reserveCapacity(changes.count)
    for placed in changes {
      let change = placed.change
      guard let fields = change.account else {
        updates.append(TrieChange(key: placed.key, value: []))
        continue
      }
      var storage = storageBefore(placed)
      if !change.storage.isEmpty {
        try storage.update(
          change.storage.map {
            TrieChange(key: key($0.slot), value: Self.encoded($0.value))
          })
      }
      let account = account(fields, over: storage)
      updates.append(TrieChange(key: placed.key, value: account.encoded, subtrie: storage))
      try take(change.newCode, of: fields)
    }
    try accounts.update(updates)
  }

  /// Makes the changes of one account; what is missing is brought here, if it can be had.
  private mutating func applyAlone(_ placed: PlacedChange) throws(StateMiss) {
    while true {
      // What was being written when a node was missing.
      var slot: UInt256?
      do throws(TrieMiss) {
        return try attempt(placed, &slot)
      } catch {
        try bring(error, placed.change.address, slot)
      }
    }
  }

  /// Makes a change, or none where a node is missing.
  private mutating func attempt(
    _ placed: PlacedChange, _ current: inout UInt256?
  ) throws(TrieMiss) {
    let change = placed.change
    let key = placed.key.bytes
    guard let fields = change.account else { return try accounts.remove(key) }
    var storage = storageBefore(placed)
    for slot in change.storage {
      current = slot.slot
      try storage.set(Keccak256.hash(slot.slot).bytes, to: Self.encoded(slot.value))
    }
    current = nil
    let account = account(fields, over: storage)
    try accounts.set(key, to: account.encoded, subtrie: storage)
    try take(change.newCode, of: fields)
  }

  private func storageBefore(_ placed: PlacedChange) -> MerklePatriciaTrie {
    guard !placed.change.storageCleared, let before = placed.before else {
      return MerklePatriciaTrie()
    }
    return before.storage
  }

  private func account(
    _ fields: AccountChange.Fields, over storage: MerklePatriciaTrie
  ) -> Account {
    Account(
      nonce: fields.nonce, balance: fields.balance, storageRoot: storage.root,
      codeHash: fields.codeHash)
  }

  private mutating func take(
    _ code: Bytes?, of fields: AccountChange.Fields
  ) throws(TrieMiss) {
    guard let code, !code.isEmpty else { return }
    try codes.set(fields.codeHash.bytes, to: code)
  }

  /// What a storage trie has of a word: nothing of zero.
  private static func encoded(_ word: UInt256) -> Bytes {
    word.isZero ? [] : RLPWriter.encode(uint256: word)
  }
}
