import Primitives

/// 0x54, 0x55, 0x5C, 0x5D: the account's storage, permanent and transient.
extension Interpreter {
  @inline(never)
  func storageLoad(_ r: inout Registers) throws(Interruption) {
    try r.need(1)
    try r.charge(storageLoadCost)
    let slot = journal.slotIndex(current.account, r[0])
    if journal.accessSlot(slot) { try r.charge(prices.coldSlot) }
    try asking { () throws(StateMiss) in try journal.loadSlot(slot) }
    r[0] = journal.slots[slot].value
    r.next()
  }

  @inline(never)
  func storageStore(_ r: inout Registers) throws(Interruption) {
    try r.need(2)
    if current.isStatic { throw .halt(.writeProtection) }
    if r.gas <= prices.storageSentry { throw .halt(.outOfGas) }
    let slot = journal.slotIndex(current.account, r[0])
    if journal.accessSlot(slot) { try r.charge(prices.coldSlotWrite) }
    try asking { () throws(StateMiss) in try journal.loadSlot(slot) }
    let (before, now) = (journal.slots[slot].original, journal.slots[slot].value)
    let new = r[1]
    if prices.isStorageMeteredNet {
      try r.charge(netStorageCost(before, now, new))
      refundNetStorage(before, now, new)
    } else {
      try r.charge(now.isZero && !new.isZero ? Gas.storageSet : prices.storageReset)
      if !now.isZero && new.isZero { journal.addRefund(prices.storageClearRefund) }
    }
    if now != new { journal.setSlot(slot, new) }
    r.drop(2)
    r.next()
  }

  /// EIP-1283 and EIP-2200: only the first change of a slot in a transaction costs much.
  private func netStorageCost(_ before: UInt256, _ now: UInt256, _ new: UInt256) -> Int {
    guard now != new, before == now else { return prices.storageUnchanged }
    return before.isZero ? Gas.storageSet : prices.storageReset
  }

  /// What a change gives back, or takes back of what an earlier one gave.
  private func refundNetStorage(_ before: UInt256, _ now: UInt256, _ new: UInt256) {
    if now == new { return }
    if before == now {
      if !before.isZero && new.isZero { journal.addRefund(prices.storageClearRefund) }
      return
    }
    if !before.isZero {
      if now.isZero { journal.addRefund(-prices.storageClearRefund) }
      if new.isZero { journal.addRefund(prices.storageClearRefund) }
    }
    if before == new {
      let first = before.isZero ? Gas.storageSet : prices.storageReset
      journal.addRefund(Int64(first &- prices.storageUnchanged))
    }
  }

  @inline(never)
  func transientLoad(_ r: inout Registers) throws(Interruption) {
    try r.need(1)
    try r.charge(Gas.transient)
    r[0] = journal.transient(current.account, r[0])
    r.next()
  }

  @inline(never)
  func transientStore(_ r: inout Registers) throws(Interruption) {
    try r.need(2)
    if current.isStatic { throw .halt(.writeProtection) }
    try r.charge(Gas.transient)
    journal.setTransient(current.account, r[0], r[1])
    r.drop(2)
    r.next()
  }
}
