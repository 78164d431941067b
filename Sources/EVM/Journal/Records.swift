import Cryptography
import Primitives

/// What the journal knows of an account: as it was before the block, and as it is now.
struct AccountRecord: KeyedRecord {
  /// What holds in the current transaction only.
  struct Flags: OptionSet {
    let rawValue: UInt8
    /// Accessed: further accesses are cheap (EIP-2929).
    static var warm: Flags { Flags(rawValue: 1) }
    /// A part of a transfer or creation: removed at the end if empty (EIP-161).
    static var touched: Flags { Flags(rawValue: 2) }
    /// Created as a contract.
    static var created: Flags { Flags(rawValue: 4) }
    /// Named by SELFDESTRUCT as the contract to remove.
    static var destroyed: Flags { Flags(rawValue: 8) }
  }

  let key: Address
  /// Whether the reader has been asked for the account.
  var isLoaded = false
  /// Whether the state holds the account now.
  var exists = false
  var nonce: UInt64 = 0
  var balance: UInt256 = 0
  var codeHash: Hash = Keccak256.empty
  /// The code, once it was asked for or set; the journal keeps it.
  var code: CodeReference?
  /// What the reader gave; nil if there was no account.
  var initial: Account?
  /// Whether the storage from before the block is gone.
  var isStorageCleared = false
  /// Whether the code was set in this block.
  var hasNewCode = false
  /// The most recently added slot of this account, or -1.
  var newestSlot: Int32 = -1
  /// The transaction for which the flags hold.
  var transaction: UInt32 = 0
  var flags: Flags = []

  init(key: Address) { self.key = key }

  static func mix(_ key: Address, seed: UInt64) -> UInt64 {
    foldedProduct(
      foldedProduct(key.word0 ^ seed, key.word1 ^ 0x9e37_79b9_7f4a_7c15),
      UInt64(key.word2) ^ 0xd6e8_feb8_6659_fd93)
  }

  /// Whether nonce, balance and code are all nothing (EIP-161); also true of no account.
  var isEmpty: Bool { nonce == 0 && balance.isZero && codeHash == Keccak256.empty }

  /// Whether the account differs from what the reader gave, apart from its slots.
  var isChanged: Bool {
    guard let initial else { return exists }
    return !exists || isStorageCleared || nonce != initial.nonce || balance != initial.balance
      || codeHash != initial.codeHash
  }
}

/// An account, by its index in the journal, and one of its slots.
struct SlotKey: Equatable {
  var account: Int32
  var slot: UInt256

  @inline(__always)
  static func == (left: SlotKey, right: SlotKey) -> Bool {
    left.slot == right.slot && left.account == right.account
  }

  @inline(__always)
  func mixed(seed: UInt64) -> UInt64 {
    let low = foldedProduct(slot.limb0 ^ seed, slot.limb1 ^ 0x9e37_79b9_7f4a_7c15)
    let high = foldedProduct(
      slot.limb2 ^ 0xd6e8_feb8_6659_fd93,
      slot.limb3 ^ seed ^ UInt64(truncatingIfNeeded: account))
    return low ^ high
  }
}

/// What the journal knows of a storage slot.
struct SlotRecord: KeyedRecord {
  let key: SlotKey
  /// Whether the reader has been asked, or need not be.
  var isLoaded = false
  /// Whether the slot was accessed in the transaction below.
  var isWarm = false
  /// The transaction for which the original value and the warmth hold.
  var transaction: UInt32 = 0
  /// The slot of the same account that was added before, or -1.
  let older: Int32
  /// The word now.
  var value: UInt256 = 0
  /// The word when the transaction began.
  var original: UInt256 = 0
  /// The word before the block.
  var initial: UInt256 = 0

  @inline(__always)
  static func mix(_ key: SlotKey, seed: UInt64) -> UInt64 { key.mixed(seed: seed) }
}

/// A word of transient storage (EIP-1153).
struct TransientRecord: KeyedRecord {
  let key: SlotKey
  var value: UInt256 = 0

  @inline(__always)
  static func mix(_ key: SlotKey, seed: UInt64) -> UInt64 { key.mixed(seed: seed) }
}

/// How to undo one change; it holds no references.
///
/// Accounts and slots are named by their indices.
enum Undo {
  case balance(Int32, UInt256)
  case nonce(Int32, UInt64)
  case code(Int32, Hash, CodeReference?, hadNewCode: Bool)
  case existence(Int32)
  case flag(Int32, AccountRecord.Flags)
  case storage(Int32, UInt256)
  case warmSlot(Int32)
  case transient(Int32, UInt256)
}
