import Cryptography
import EVM
import Execution
import Primitives

/// What a block, or an edit by hand, changed in a chain's state, as the view of states keeps it.
enum StateChanges {
  /// `[[address, [] or [nonce, balance, code hash], is cleared, [[slot, word], …]], …]`; code is
  /// kept by its hash elsewhere.
  static func encode(_ diff: StateDiff) -> Bytes {
    var writer = RLPWriter(reservingCapacity: 768)
    writer.list { list in
      for change in diff.accounts {
        list.list { fields in
          fields.append(address: change.address)
          fields.list { account in
            guard let held = change.account else { return }
            account.append(uint64: held.nonce)
            account.append(uint256: held.balance)
            account.append(hash: held.codeHash)
          }
          fields.append(uint64: change.storageCleared ? 1 : 0)
          fields.list { slots in
            for slot in change.storage {
              slots.append(uint256: slot.slot)
              slots.append(uint256: slot.value)
            }
          }
        }
      }
    }
    return writer.bytes
  }

  static func decode(_ bytes: Bytes) throws(RLPError) -> StateDiff {
    var reader = RLPReader(bytes)
    var list = try reader.list()
    try reader.end()
    var diff = StateDiff()
    while !list.isAtEnd {
      var fields = try list.list()
      var change = AccountChange(address: try fields.address(), account: nil)
      var account = try fields.list()
      if !account.isAtEnd {
        change.account = AccountChange.Fields(
          nonce: try account.uint64(), balance: try account.uint256(),
          codeHash: try account.hash())
      }
      change.storageCleared = try fields.uint64() == 1
      var slots = try fields.list()
      while !slots.isAtEnd {
        change.storage.append(
          AccountChange.Slot(slot: try slots.uint256(), value: try slots.uint256()))
      }
      try fields.end()
      diff.accounts.append(change)
    }
    return diff
  }
}

/// Several changes one after the other, as one: of each account and slot only the last counts.
struct MergedChanges {
  private struct Entry {
    var account: AccountChange.Fields?
    var isCleared: Bool
    var slots: [UInt256: UInt256]
  }

  private var entries: [Address: Entry] = [:]

  mutating func add(_ diff: StateDiff) {
    for change in diff.accounts {
      var entry =
        entries[change.address] ?? Entry(account: nil, isCleared: false, slots: [:])
      // A deleted account takes its storage along, also if it comes again later.
      if change.storageCleared || change.account == nil {
        entry.isCleared = true
        entry.slots = [:]
      }
      entry.account = change.account
      for slot in change.storage { entry.slots[slot.slot] = slot.value }
      entries[change.address] = entry
    }
  }

  /// The changes, ascending, what is removed behind the rest.
  ///
  /// A branch that is left with one way on takes it in, and must know it; so nothing is removed before
  /// all is there that will stay, and no node is asked for that the blocks themselves did not ask for.
  var diff: StateDiff {
    let accounts = entries.sorted { $0.key < $1.key }.map { address, entry in
      let slots = entry.slots.sorted { $0.key < $1.key }.map {
        AccountChange.Slot(slot: $0.key, value: $0.value)
      }
      return AccountChange(
        address: address, account: entry.account, storageCleared: entry.isCleared,
        storage: slots.filter { !$0.value.isZero } + slots.filter(\.value.isZero))
    }
    return StateDiff(
      accounts: accounts.filter { $0.account != nil } + accounts.filter { $0.account == nil })
  }
}
