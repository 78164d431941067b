import Cryptography
import EVM
import Primitives

/// Where BLOCKHASH gets its answers; asked only within the last 256 blocks.
///
/// Class-bound, so that the embedded core may hold it.
public protocol AncestorHashes: AnyObject {
  /// The hash of the block `number` of this block's own chain.
  ///
  /// - Throws: `StateMiss.blockHash` when it is not here.
  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash
}

/// Hashes of blocks that follow each other, the last of them the parent.
public final class RecentHashes: AncestorHashes, Sendable {
  /// The number of the first.
  public let first: UInt64
  /// How many there are.
  public let count: Int
  private let hash: @Sendable (Int) -> Hash

  /// The hashes of the blocks from `first` on.
  public convenience init(first: UInt64, hashes: [Hash]) {
    self.init(first: first, count: hashes.count) { hashes[$0] }
  }

  /// The hashes of `count` blocks from `first` on, each looked up when it is asked for.
  ///
  /// `hash` is given the place among them, from 0 on.
  public init(first: UInt64, count: Int, hash: @escaping @Sendable (Int) -> Hash) {
    self.first = first
    self.count = count
    self.hash = hash
  }

  /// The hashes, oldest first.
  public var hashes: [Hash] { (0..<count).map(hash) }

  /// The hash of the block `number`.
  ///
  /// - Throws: `StateMiss.blockHash` for a block that is not among them.
  public func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    guard number >= first, let index = Int(exactly: number - first), index < count else {
      throw .blockHash(number)
    }
    return hash(index)
  }
}

/// What a machine reads of a state.
///
/// It remembers the accounts that it found, with their places in the trie, for as long as a block
/// takes: slots of an account are asked for together, and what is read is often written later.
final class StateView: StateReader {
  /// An account that was looked for.
  final class Place {
    /// The hash of its address: its key in the trie.
    let key: Hash
    /// The account before the block, or nil if there was none.
    let entry: StateEntry?

    init(key: Hash, entry: StateEntry?) {
      self.key = key
      self.entry = entry
    }
  }

  private let state: State
  private let ancestors: any AncestorHashes
  private let hashings: RecentHashings?
  private var places: [Address: Place] = [:]
  private var last: (address: Address, place: Place)?

  init(
    _ state: State, _ ancestors: any AncestorHashes,
    _ hashings: RecentHashings? = nil
  ) {
    self.state = state
    self.ancestors = ancestors
    self.hashings = hashings
  }

  func account(_ address: Address) throws(StateMiss) -> Account? {
    try place(address).entry?.account
  }

  func storage(_ address: Address, _ slot: UInt256) throws(StateMiss) -> UInt256 {
    guard let entry = try place(address).entry else { return .zero }
    return try state.word(of: entry, at: address, in: slot, key: key(slot))
  }

  private func key(_ slot: UInt256) -> Hash { hashings?.hash(slot) ?? Keccak256.hash(slot) }

  func code(_ codeHash: Hash) throws(StateMiss) -> Bytes { try state.code(codeHash) }

  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    try ancestors.blockHash(number)
  }

  /// Where an account is in the state before the block.
  func place(_ address: Address) throws(StateMiss) -> Place {
    if let last, last.address == address { return last.place }
    if let known = places[address] {
      last = (address, known)
      return known
    }
    let key = hashings?.hash(address) ?? Keccak256.hash(address)
    let place = Place(key: key, entry: try state.entry(at: key, of: address))
    if places.isEmpty { places.reserveCapacity(12) }
    places[address] = place
    last = (address, place)
    return place
  }

  /// The state with the changes of `diff`, sealed.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  func state(after diff: StateDiff) throws(StateMiss) -> State {
    var changes: [PlacedChange] = []
    changes.reserveCapacity(diff.accounts.count)
    for change in diff.accounts {
      let place = try place(change.address)
      changes.append(PlacedChange(change: change, key: place.key, before: place.entry))
    }
    var changed = state
    try changed.apply(changes, key)
    return changed
  }
}

extension State {
  /// This state for a machine, with the hashes of earlier blocks from `blockHashes`.
  public func reader(blockHashes: any AncestorHashes) -> any StateReader {
    StateView(self, blockHashes)
  }
}
