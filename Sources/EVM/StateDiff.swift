import Primitives

/// What a block, or a part of one, changes in the state.
public struct StateDiff: Sendable {
  /// The accounts that changed, sorted by address.
  public var accounts: [AccountChange]

  /// A diff with these changes, sorted by address.
  public init(accounts: [AccountChange] = []) { self.accounts = accounts }
}

/// What changes in one account.
public struct AccountChange: Hashable, Sendable {
  /// What an account holds beside its storage.
  public struct Fields: Hashable, Sendable {
    /// The nonce after the change.
    public var nonce: UInt64
    /// The balance after the change, in wei.
    public var balance: UInt256
    /// The hash of the code after the change.
    public var codeHash: Hash

    /// Fields with these contents.
    public init(nonce: UInt64, balance: UInt256, codeHash: Hash) {
      self.nonce = nonce
      self.balance = balance
      self.codeHash = codeHash
    }
  }

  /// A slot and the word that it now holds; zero means that the slot is to be removed.
  public struct Slot: Hashable, Sendable {
    /// The slot's number.
    public var slot: UInt256
    /// The word.
    public var value: UInt256

    /// A slot with this word.
    public init(slot: UInt256, value: UInt256) {
      self.slot = slot
      self.value = value
    }
  }

  /// The account's address.
  public var address: Address
  /// What it holds now, or nil if it is deleted with its storage.
  public var account: Fields?
  /// Its code, if that is new in this diff.
  public var newCode: Bytes?
  /// Whether all storage from before is gone; the slots below are written after that.
  public var storageCleared: Bool
  /// The slots that changed, sorted by number.
  public var storage: [Slot]

  /// A change with these contents.
  public init(
    address: Address, account: Fields?, newCode: Bytes? = nil, storageCleared: Bool = false,
    storage: [Slot] = []
  ) {
    self.address = address
    self.account = account
    self.newCode = newCode
    self.storageCleared = storageCleared
    self.storage = storage
  }
}
