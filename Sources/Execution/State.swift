import Cryptography
import EVM
import Primitives
import Trie

/// Where parts of a state that are not in memory come from: trie nodes, and code by its hash.
public protocol StateSource: NodeSource {
  /// The code whose Keccak-256 is `hash`, or nil when it is not here; checked like a node.
  func code(_ hash: Hash) -> Bytes?

  /// Has what is missing on the way to an account, or to one of its slots, brought here, and says
  /// whether the node of the hash `missing` is here now.
  func fetch(_ missing: Hash, account: Address, slot: UInt256?) -> Bool
}

extension StateSource {
  /// False: what is not here cannot be had.
  public func fetch(_ missing: Hash, account: Address, slot: UInt256?) -> Bool { false }
}

/// All accounts with their storage and code, as a value over tries.
///
/// A copy costs nothing; `apply` gives the state after a block and leaves other copies as they
/// were. After `apply` or `sealed()` the state may be read by many threads.
public struct State: Sendable {
  /// Accounts under the hash of their address; each with its storage attached.
  var accounts: MerklePatriciaTrie
  /// Code under its hash; only a map, its root means nothing.
  var codes: MerklePatriciaTrie
  let source: (any StateSource)?

  /// The state without accounts.
  public init() {
    accounts = MerklePatriciaTrie()
    codes = MerklePatriciaTrie()
    source = nil
  }

  /// The state with this root, whose nodes and code come from `source`.
  public init(root: Hash, source: any StateSource) {
    accounts = MerklePatriciaTrie(root: root, source: source)
    codes = MerklePatriciaTrie()
    self.source = source
  }

  /// The root of the accounts' trie.
  public var root: Hash { accounts.root }

  /// The account at `address`, or nil.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  public func account(_ address: Address) throws(StateMiss) -> Account? {
    try entry(address)?.account
  }

  /// The word in `slot` of the account at `address`; zero when there is neither.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  public func storage(_ address: Address, _ slot: UInt256) throws(StateMiss) -> UInt256 {
    guard let entry = try entry(address) else { return .zero }
    return try word(of: entry, at: address, in: slot, key: Keccak256.hash(slot))
  }

  /// The word in a slot of an account that was found; `key` is the hash of the slot.
  func word(
    of entry: StateEntry, at address: Address, in slot: UInt256, key: @autoclosure () -> Hash
  ) throws(StateMiss) -> UInt256 {
    if entry.storage.isEmpty { return .zero }
    let key = key()
    while true {
      do throws(TrieMiss) {
        return try entry.word(under: key)
      } catch {
        try bring(error, address, slot)
      }
    }
  }

  /// Has a missing node brought here.
  ///
  /// - Throws: `StateMiss.node` where it cannot be had.
  func bring(_ miss: TrieMiss, _ account: Address, _ slot: UInt256?) throws(StateMiss) {
    guard let source, source.fetch(miss.hash, account: account, slot: slot) else {
      throw .node(miss.hash)
    }
  }

  /// The code with this hash.
  ///
  /// - Throws: `StateMiss.code` when it is not here.
  public func code(_ codeHash: Hash) throws(StateMiss) -> Bytes {
    if codeHash == Keccak256.empty { return [] }
    if let code = (try? codes.get(codeHash.bytes)) ?? nil { return code }
    guard let code = source?.code(codeHash), Keccak256.hash(code) == codeHash else {
      throw .code(codeHash)
    }
    return code
  }

  /// The code of the account at `address`; empty when there is none.
  ///
  /// - Throws: `StateMiss` when a node or the code is not here.
  public func code(at address: Address) throws(StateMiss) -> Bytes {
    guard let account = try account(address) else { return [] }
    return try code(account.codeHash)
  }

  /// The storage trie of the account at `address`; its keys are hashes of slots.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  public func storageTrie(_ address: Address) throws(StateMiss) -> MerklePatriciaTrie {
    try entry(address)?.storage ?? MerklePatriciaTrie()
  }

  /// This state with every hash computed.
  public func sealed() -> State {
    _ = accounts.sealed()
    return self
  }

  /// Hands every trie node in memory that has a hash to `visit`, parents first.
  ///
  /// `visit` says whether to go on below a node, so a store that has a node skips what hangs there.
  public func visitNodes(_ visit: (_ hash: Hash, _ encoding: Bytes) -> Bool) {
    accounts.visitNodes(visit)
  }

  /// Hands every trie node in memory that has a hash to `visit`, parents first, except those that
  /// an older state has at the same place; where that has nothing, those that `isKnown` knows.
  public func visitNodes(
    since older: State, unless isKnown: (_ hash: Hash, _ encoding: Bytes) -> Bool,
    _ visit: (_ hash: Hash, _ encoding: Bytes) -> Void
  ) {
    accounts.visitNodes(since: older.accounts, unless: isKnown, visit)
  }

  /// An account with its storage, found in one walk.
  func entry(_ address: Address) throws(StateMiss) -> StateEntry? {
    try entry(at: Keccak256.hash(address), of: address)
  }

  /// The account under the hash of its address, with its storage.
  func entry(at key: Hash, of address: Address) throws(StateMiss) -> StateEntry? {
    while true {
      do throws(TrieMiss) {
        return try found(key)
      } catch {
        try bring(error, address, nil)
      }
    }
  }

  private func found(_ key: Hash) throws(TrieMiss) -> StateEntry? {
    guard let (value, subtrie) = try accounts.entry(key.bytes) else { return nil }
    guard let account = Account(encoded: value) else { throw TrieMiss(hash: root) }
    let storage = subtrie ?? MerklePatriciaTrie(root: account.storageRoot, source: source)
    return StateEntry(account: account, storage: storage)
  }
}

/// An account and its storage.
struct StateEntry {
  let account: Account
  let storage: MerklePatriciaTrie

  /// The word in the slot of this hash.
  func word(under key: Hash) throws(TrieMiss) -> UInt256 {
    guard let value = try storage.get(key.bytes) else { return .zero }
    var reader = RLPReader(value)
    guard let word = try? reader.uint256() else { throw TrieMiss(hash: account.storageRoot) }
    return word
  }
}

extension Account {
  /// The RLP that the accounts' trie holds: nonce, balance, storage root, code hash.
  public var encoded: Bytes {
    RLPWriter.list { list in
      list.append(uint64: nonce)
      list.append(uint256: balance)
      list.append(hash: storageRoot)
      list.append(hash: codeHash)
    }
  }

  /// The account that `encoded` is; nil when it is none.
  public init?(encoded: Bytes) {
    var decoded = Account()
    do throws(RLPError) {
      var reader = RLPReader(encoded)
      var fields = try reader.list()
      try reader.end()
      decoded.nonce = try fields.uint64()
      decoded.balance = try fields.uint256()
      decoded.storageRoot = try fields.hash()
      decoded.codeHash = try fields.hash()
      try fields.end()
    } catch {
      return nil
    }
    self = decoded
  }
}
