import Cryptography
import Primitives

/// What the state holds of an account, apart from its code and its storage themselves.
public struct Account: Hashable, Sendable {
  /// How many transactions it sent, or contracts it created.
  public var nonce: UInt64
  /// What it owns, in wei.
  public var balance: UInt256
  /// The root of its storage trie.
  public var storageRoot: Hash
  /// The Keccak-256 hash of its code.
  public var codeHash: Hash

  /// An account with these contents; by default an empty one.
  public init(
    nonce: UInt64 = 0, balance: UInt256 = 0, storageRoot: Hash = Account.emptyStorageRoot,
    codeHash: Hash = Keccak256.empty
  ) {
    self.nonce = nonce
    self.balance = balance
    self.storageRoot = storageRoot
    self.codeHash = codeHash
  }

  /// The root of a trie without entries: the hash of the RLP of an empty string.
  public static let emptyStorageRoot = Hash(
    0x56e8_1f17_1bcc_55a6, 0xff83_45e6_92c0_f86e, 0x5b48_e01b_996c_adc0, 0x0162_2fb5_e363_b421)

  /// The account of an address that nobody has used.
  public static var empty: Account { Account() }

  /// Whether the account has no nonce, no balance and no code (EIP-161).
  public var isEmpty: Bool { nonce == 0 && balance.isZero && codeHash == Keccak256.empty }
}

/// A piece of state that the reader does not have; whoever called fetches it and runs again.
public enum StateMiss: Error, Hashable, Sendable {
  /// The account at an address.
  case account(Address)
  /// A slot of an account's storage.
  case storage(Address, UInt256)
  /// The code with a hash.
  case code(Hash)
  /// A node of a trie with a hash.
  case node(Hash)
  /// The hash of the block with a number.
  case blockHash(UInt64)
}

/// The state before a block, as the machine reads it.
///
/// Each fact is asked for once per journal, so a reader need not cache. It is bound to classes so
/// that the embedded core may hold one.
public protocol StateReader: AnyObject {
  /// The account at an address, or nil if the state has none.
  func account(_ address: Address) throws(StateMiss) -> Account?
  /// The word in a slot of an account that exists; zero if it was never written.
  func storage(_ address: Address, _ slot: UInt256) throws(StateMiss) -> UInt256
  /// The code with a hash that is not the hash of nothing.
  func code(_ codeHash: Hash) throws(StateMiss) -> Bytes
  /// The hash of one of the 256 blocks before the current one.
  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash
}
