import Primitives

/// Storage by address, for whoever processes transactions and blocks.
extension Journal {
  /// The word in a slot of an account's storage.
  public func storage(_ address: Address, _ slot: UInt256) throws(StateMiss) -> UInt256 {
    let account = try loaded(address)
    let index = slotIndex(account, slot)
    try loadSlot(index)
    return slots[index].value
  }

  /// Sets the word in a slot of an account's storage.
  public func setStorage(
    _ address: Address, _ slot: UInt256, _ value: UInt256
  ) throws(StateMiss) {
    let account = try loaded(address)
    touch(account)
    let index = slotIndex(account, slot)
    try loadSlot(index)
    setSlot(index, value)
  }

  /// Makes further accesses to a slot cheap in this transaction (EIP-2929).
  public func warm(_ address: Address, _ slot: UInt256) {
    _ = accessSlot(slotIndex(index(of: address), slot))
  }

  /// Empties an account's storage for good, as a state override does; not undoable.
  public func clearStorage(_ address: Address) throws(StateMiss) {
    let account = try loaded(address)
    eraseSlots(account)
  }
}

/// Storage by index, for the instructions.
extension Journal {
  /// The index of a slot; its account must be loaded before the slot is.
  @inline(__always)
  func slotIndex(_ account: Int, _ slot: UInt256) -> Int {
    let key = SlotKey(account: Int32(truncatingIfNeeded: account), slot: slot)
    let index = slots.index(of: key) ?? addSlot(key)
    if slots[index].transaction != transaction {
      slots[index].transaction = transaction
      slots[index].original = slots[index].value
      slots[index].isWarm = false
    }
    return index
  }

  private func addSlot(_ key: SlotKey) -> Int {
    let account = Int(key.account)
    let index = slots.add(SlotRecord(key: key, older: accounts[account].newestSlot))
    accounts[account].newestSlot = Int32(truncatingIfNeeded: index)
    return index
  }

  /// Reads a slot if that has not happened yet.
  @inline(__always)
  func loadSlot(_ index: Int) throws(StateMiss) {
    if !slots[index].isLoaded { try readSlot(index) }
  }

  private func readSlot(_ index: Int) throws(StateMiss) {
    let key = slots[index].key
    let account = accounts[Int(key.account)]
    var value: UInt256 = 0
    if let initial = account.initial, !account.isStorageCleared,
      initial.storageRoot != Account.emptyStorageRoot
    {
      value = try reader.storage(account.key, key.slot)
    }
    slots[index].isLoaded = true
    slots[index].value = value
    slots[index].original = value
    slots[index].initial = value
  }

  /// Warms a slot; true if it was cold.
  @inline(__always)
  func accessSlot(_ index: Int) -> Bool {
    if slots[index].isWarm { return false }
    slots[index].isWarm = true
    undos.append(.warmSlot(Int32(truncatingIfNeeded: index)))
    return true
  }

  @inline(__always)
  func setSlot(_ index: Int, _ value: UInt256) {
    undos.append(.storage(Int32(truncatingIfNeeded: index), slots[index].value))
    slots[index].value = value
  }

  /// Whether an account has storage now or had some before the block (EIP-7610).
  func hasStorage(_ account: Int) -> Bool {
    if let initial = accounts[account].initial,
      !accounts[account].isStorageCleared,
      initial.storageRoot != Account.emptyStorageRoot
    {
      return true
    }
    var slot = Int(accounts[account].newestSlot)
    while slot >= 0 {
      if !slots[slot].value.isZero { return true }
      slot = Int(slots[slot].older)
    }
    return false
  }

  /// Empties an account's storage for good.
  func eraseSlots(_ account: Int) {
    accounts[account].isStorageCleared = accounts[account].initial != nil
    var slot = Int(accounts[account].newestSlot)
    while slot >= 0 {
      slots[slot].isLoaded = true
      slots[slot].value = 0
      slots[slot].original = 0
      slot = Int(slots[slot].older)
    }
  }

  /// A word of transient storage; zero if it was not written in this transaction.
  func transient(_ account: Int, _ slot: UInt256) -> UInt256 {
    let key = SlotKey(account: Int32(truncatingIfNeeded: account), slot: slot)
    guard let index = transients.index(of: key) else { return 0 }
    return transients[index].value
  }

  /// Writes a word of transient storage.
  func setTransient(_ account: Int, _ slot: UInt256, _ value: UInt256) {
    let key = SlotKey(account: Int32(truncatingIfNeeded: account), slot: slot)
    let index = transients.index(of: key) ?? transients.add(TransientRecord(key: key))
    undos.append(.transient(Int32(truncatingIfNeeded: index), transients[index].value))
    transients[index].value = value
  }
}
