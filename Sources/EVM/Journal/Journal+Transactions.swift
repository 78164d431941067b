import Cryptography
import Primitives

/// Where a transaction begins and ends, and what the block has changed.
extension Journal {
  /// Begins a transaction: everything is cold, there are no logs and no refunds.
  ///
  /// Changes made outside a transaction (rewards, withdrawals, overrides) cannot be undone from
  /// inside the next one. Ends the transaction before if that is still open.
  public func beginTransaction() {
    if isInTransaction { _ = endTransaction() } else { settle() }
    isInTransaction = true
  }

  /// Ends a transaction and returns its logs.
  ///
  /// Accounts that destroyed themselves are removed (from Cancun on only those created in the same
  /// transaction, EIP-6780), and from Spurious Dragon on the touched accounts that are empty.
  public func endTransaction() -> [Log] {
    settle()
    isInTransaction = false
    return takeLogs()
  }

  /// Makes the changes so far final and starts the next period of warmth.
  private func settle() {
    for candidate in candidates {
      let index = Int(candidate)
      let flags = flags(index)
      let isRemoved = flags.contains(.destroyed)
      let isCleared =
        fork >= .spuriousDragon && flags.contains(.touched) && accounts[index].exists
        && accounts[index].isEmpty
      if isRemoved || isCleared { remove(index) }
    }
    candidates.removeAll(keepingCapacity: true)
    undos.removeAll()
    transients.removeAll()
    transaction &+= 1
  }

  /// Takes an account and its storage out of the state.
  private func remove(_ index: Int) {
    accounts[index].exists = false
    accounts[index].nonce = 0
    accounts[index].balance = 0
    accounts[index].codeHash = Keccak256.empty
    accounts[index].code = nil
    accounts[index].hasNewCode = false
    eraseSlots(index)
  }

  /// The addresses of the accounts that the current transaction will remove, sorted.
  public var destroyed: [Address] {
    var addresses: [Address] = []
    for candidate in candidates where flags(Int(candidate)).contains(.destroyed) {
      addresses.append(accounts[Int(candidate)].key)
    }
    addresses.sort()
    var unique: [Address] = []
    for address in addresses where unique.last != address { unique.append(address) }
    return unique
  }

  /// Whether an account was created by the current transaction.
  public func isCreated(_ address: Address) -> Bool {
    flags(index(of: address)).contains(.created)
  }

  /// What has changed since the journal was made; ends an open transaction first.
  public func diff() -> StateDiff {
    if isInTransaction { _ = endTransaction() } else { settle() }
    var changes: [AccountChange] = []
    changes.reserveCapacity(accounts.count)
    for index in accounts.indices {
      if let change = change(index) { changes.append(change) }
    }
    changes.sort { $0.address < $1.address }
    return StateDiff(accounts: changes)
  }

  private func change(_ index: Int) -> AccountChange? {
    let record = accounts[index]
    guard record.isLoaded else { return nil }
    guard record.exists else {
      return record.initial == nil ? nil : AccountChange(address: record.key, account: nil)
    }
    let written = changedSlots(record)
    guard record.isChanged || !written.isEmpty else { return nil }
    let fields = AccountChange.Fields(
      nonce: record.nonce, balance: record.balance, codeHash: record.codeHash)
    return AccountChange(
      address: record.key, account: fields,
      newCode: record.hasNewCode ? record.code?.bytes : nil,
      storageCleared: record.isStorageCleared, storage: written)
  }

  private func changedSlots(_ account: AccountRecord) -> [AccountChange.Slot] {
    var changed: [AccountChange.Slot] = []
    var index = Int(account.newestSlot)
    while index >= 0 {
      let slot = slots[index]
      let before = account.isStorageCleared ? 0 : slot.initial
      if slot.isLoaded, slot.value != before {
        changed.append(AccountChange.Slot(slot: slot.key.slot, value: slot.value))
      }
      index = Int(slot.older)
    }
    changed.sort { $0.slot < $1.slot }
    return changed
  }
}
