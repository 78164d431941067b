import Cryptography
import Primitives

/// Accounts by address, for whoever processes transactions and blocks.
extension Journal {
  /// The account at an address as it is now, or nil if the state holds none.
  ///
  /// The storage root is the one from before the block.
  public func account(_ address: Address) throws(StateMiss) -> Account? {
    let record = accounts[try loaded(address)]
    guard record.exists else { return nil }
    return Account(
      nonce: record.nonce, balance: record.balance,
      storageRoot: record.isStorageCleared
        ? Account.emptyStorageRoot : record.initial?.storageRoot ?? Account.emptyStorageRoot,
      codeHash: record.codeHash)
  }

  /// What an account owns, in wei; zero if there is no account.
  public func balance(_ address: Address) throws(StateMiss) -> UInt256 {
    accounts[try loaded(address)].balance
  }

  /// An account's nonce; zero if there is no account.
  public func nonce(_ address: Address) throws(StateMiss) -> UInt64 {
    accounts[try loaded(address)].nonce
  }

  /// The hash of an account's code; the hash of nothing if there is no account.
  public func codeHash(_ address: Address) throws(StateMiss) -> Hash {
    accounts[try loaded(address)].codeHash
  }

  /// An account's code, as it is stored.
  public func code(_ address: Address) throws(StateMiss) -> Bytes {
    try code(at: try loaded(address)).bytes
  }

  /// The account to which an account delegates its calls (EIP-7702), or nil.
  public func delegate(_ address: Address) throws(StateMiss) -> Address? {
    try code(at: try loaded(address)).delegate
  }

  /// Adds to a balance modulo 2²⁵⁶, and touches the account.
  public func addBalance(_ amount: UInt256, to address: Address) throws(StateMiss) {
    let index = try loaded(address)
    touch(index)
    setBalance(accounts[index].balance &+ amount, at: index)
  }

  /// Takes from a balance; false, and nothing changed, if it is too small.
  public func subtractBalance(
    _ amount: UInt256, from address: Address
  ) throws(StateMiss) -> Bool {
    let index = try loaded(address)
    let (rest, isTooSmall) = accounts[index].balance.subtractingReportingOverflow(amount)
    if isTooSmall { return false }
    setBalance(rest, at: index)
    return true
  }

  /// Sets a balance, and brings the account into existence.
  public func setBalance(_ balance: UInt256, of address: Address) throws(StateMiss) {
    let index = try loaded(address)
    touch(index)
    setBalance(balance, at: index)
  }

  /// Sets a nonce, and brings the account into existence.
  public func setNonce(_ nonce: UInt64, of address: Address) throws(StateMiss) {
    let index = try loaded(address)
    touch(index)
    setNonce(nonce, at: index)
  }

  /// Sets the code, and brings the account into existence.
  public func setCode(_ code: Bytes, of address: Address) throws(StateMiss) {
    let index = try loaded(address)
    touch(index)
    setCode(Code(code), hash: Keccak256.hash(code), at: index)
  }

  /// Brings an account into existence, and has it removed at the end if it is empty (EIP-161).
  public func touch(_ address: Address) throws(StateMiss) { touch(try loaded(address)) }

  /// Makes further accesses to an account cheap in this transaction (EIP-2929).
  public func warm(_ address: Address) { _ = access(index(of: address)) }
}

/// Accounts by index, for the instructions.
extension Journal {
  /// The index of an account, which need not be loaded.
  func index(of address: Address) -> Int {
    if let latest, latest.address == address { return latest.index }
    let index = accounts.index(of: address) ?? accounts.add(AccountRecord(key: address))
    latest = (address, index)
    return index
  }

  /// The index of an account that has been read.
  func loaded(_ address: Address) throws(StateMiss) -> Int {
    let index = index(of: address)
    try load(index)
    return index
  }

  /// Reads an account if that has not happened yet.
  @inline(__always)
  func load(_ index: Int) throws(StateMiss) {
    if !accounts[index].isLoaded { try readAccount(index) }
  }

  private func readAccount(_ index: Int) throws(StateMiss) {
    let account = try reader.account(accounts[index].key)
    accounts[index].isLoaded = true
    accounts[index].initial = account
    guard let account else { return }
    accounts[index].exists = true
    accounts[index].nonce = account.nonce
    accounts[index].balance = account.balance
    accounts[index].codeHash = account.codeHash
  }

  /// The flags of an account that hold in this transaction.
  @inline(__always)
  func flags(_ index: Int) -> AccountRecord.Flags {
    accounts[index].transaction == transaction ? accounts[index].flags : []
  }

  /// Sets a flag for this transaction, undoably; false if it was set.
  @inline(__always)
  func raise(_ flag: AccountRecord.Flags, at index: Int) -> Bool {
    if accounts[index].transaction != transaction {
      accounts[index].transaction = transaction
      accounts[index].flags = []
    }
    if accounts[index].flags.contains(flag) { return false }
    accounts[index].flags.insert(flag)
    undos.append(.flag(Int32(truncatingIfNeeded: index), flag))
    return true
  }

  /// Warms an account; true if it was cold.
  ///
  /// The precompiled contracts are always warm.
  func access(_ index: Int) -> Bool {
    if !raise(.warm, at: index) { return false }
    return !isPrecompile(accounts[index].key)
  }

  /// Whether the active fork has a precompiled contract at an address, built in or not.
  func isPrecompile(_ address: Address) -> Bool {
    PrecompileTable.mayBe(address) && PrecompileTable.entry(at: address, in: fork, rollup) != nil
  }

  func touch(_ index: Int) {
    if raise(.touched, at: index) { candidates.append(Int32(truncatingIfNeeded: index)) }
    if !accounts[index].exists {
      accounts[index].exists = true
      undos.append(.existence(Int32(truncatingIfNeeded: index)))
    }
  }

  /// Has an account removed at the end of the transaction; false if it was to be already.
  func destroy(_ index: Int) -> Bool {
    guard raise(.destroyed, at: index) else { return false }
    candidates.append(Int32(truncatingIfNeeded: index))
    return true
  }

  func setBalance(_ balance: UInt256, at index: Int) {
    let previous = accounts[index].balance
    if previous == balance { return }
    undos.append(.balance(Int32(truncatingIfNeeded: index), previous))
    accounts[index].balance = balance
  }

  func setNonce(_ nonce: UInt64, at index: Int) {
    undos.append(.nonce(Int32(truncatingIfNeeded: index), accounts[index].nonce))
    accounts[index].nonce = nonce
  }

  func setCode(_ code: Code, hash: Hash, at index: Int) {
    let record = accounts[index]
    undos.append(
      .code(
        Int32(truncatingIfNeeded: index), record.codeHash, record.code,
        hadNewCode: record.hasNewCode))
    accounts[index].codeHash = hash
    accounts[index].code = keep(code)
    accounts[index].hasNewCode = true
  }

  /// The code of an account that has been read.
  @inline(__always)
  func code(at index: Int) throws(StateMiss) -> CodeReference {
    if let code = accounts[index].code { return code }
    return try readCode(index)
  }

  @inline(never)
  private func readCode(_ index: Int) throws(StateMiss) -> CodeReference {
    let code = keep(try workspace.code(accounts[index].codeHash, from: reader))
    accounts[index].code = code
    return code
  }

  /// Keeps a code as long as the journal lives.
  func keep(_ code: Code) -> CodeReference {
    codes.append(code)
    return code.reference
  }

  /// Moves wei from one account to another, touching the latter; false if there is too little.
  func transfer(_ amount: UInt256, from sender: Int, to recipient: Int) -> Bool {
    let balance = accounts[sender].balance
    if balance < amount { return false }
    touch(recipient)
    if amount.isZero || sender == recipient { return true }
    setBalance(balance &- amount, at: sender)
    setBalance(accounts[recipient].balance &+ amount, at: recipient)
    return true
  }
}
