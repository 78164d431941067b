import EVM
import Execution
import Ledger
import Primitives
import SQLite
import Synchronization
import Trie

/// The states after every block that was ever on top, as the views keep them.
///
/// A state is handed out at once, and put together when the first part of it is asked for; what is
/// read of it is checked against its root.
public final class StateHistory: Sendable {
  private let reader: ViewReader
  private let cache: NodeCache

  /// Reads states through a reader of views; `outside` is what is known of other chains' states.
  public init(_ reader: ViewReader, outside: (any StateSource)? = nil) {
    self.reader = reader
    cache = NodeCache(reader, outside)
  }

  /// The state of a root whose nodes are kept, whatever became of its block; nil if they are not.
  public func state(root: Hash) -> State? {
    guard root == MerklePatriciaTrie.emptyRoot || cache.node(root) != nil else { return nil }
    return State(root: root, source: cache)
  }

  /// The state after a block, with what was changed by hand while it was the head, up to an event;
  /// nil for a block that is not there.
  ///
  /// - Throws: ``ViewsError`` when the views cannot be read.
  public func state(
    _ layer: Layer, number: UInt64, through sequence: UInt64 = .max
  ) throws(ViewsError) -> State? {
    try reader.read { (views) throws(ViewsError) in
      guard try views.block(layer, number: number) != nil else { return nil }
      return try views.state(layer, number, through: sequence, source: cache)
    }
  }

  /// The state of a root that is known to be that after a block, put together when it is read.
  public func state(
    root: Hash, layer: Layer, number: UInt64, through sequence: UInt64 = .max
  ) -> State {
    State(
      root: root,
      source: LateSource(cache) { [self] in
        (try? state(layer, number: number, through: sequence)) ?? nil
      })
  }
}

/// Nodes and codes that the views keep as a whole, the last of them in memory.
private final class NodeCache: StateSource {
  private let reader: ViewReader
  private let outside: (any StateSource)?
  private let nodes = Mutex<[Hash: Bytes]>([:])

  /// Nodes in memory: some tens of MB.
  private static let capacity = 65_536

  init(_ reader: ViewReader, _ outside: (any StateSource)?) {
    self.reader = reader
    self.outside = outside
  }

  func node(_ hash: Hash) -> Bytes? {
    if let known = nodes.withLock({ $0[hash] }) { return known }
    guard
      let found =
        (try? reader.read { (views) throws(ViewsError) in
          try views.stored(.node, hash)
        }) ?? nil
    else { return outside?.node(hash) }
    nodes.withLock { nodes in
      if nodes.count >= Self.capacity { nodes.removeAll(keepingCapacity: true) }
      nodes[hash] = found
    }
    return found
  }

  func code(_ hash: Hash) -> Bytes? {
    ((try? reader.read { (views) throws(ViewsError) in try views.stored(.code, hash) }) ?? nil)
      ?? outside?.code(hash)
  }

  func fetch(_ missing: Hash, account: Address, slot: UInt256?) -> Bool {
    outside?.fetch(missing, account: account, slot: slot) ?? false
  }
}

/// The nodes of one state: those that are kept, and those that follow from what changed since.
private final class LateSource: StateSource {
  private let cache: NodeCache
  private let make: @Sendable () -> State?
  private let fresh = Mutex<[Hash: Bytes]?>(nil)

  init(_ cache: NodeCache, _ make: @escaping @Sendable () -> State?) {
    self.cache = cache
    self.make = make
  }

  func node(_ hash: Hash) -> Bytes? {
    fresh.withLock { fresh in
      if let known = fresh { return known[hash] }
      var nodes: [Hash: Bytes] = [:]
      make()?.visitNodes { hash, encoding in
        nodes[hash] = encoding
        return true
      }
      fresh = nodes
      return nodes[hash]
    } ?? cache.node(hash)
  }

  func code(_ hash: Hash) -> Bytes? { cache.code(hash) }

  func fetch(_ missing: Hash, account: Address, slot: UInt256?) -> Bool {
    cache.fetch(missing, account: account, slot: slot)
  }
}

extension ViewSnapshot {
  /// The node or code of a hash; nil if it is not kept.
  func stored(_ kind: Connection.StoredKind, _ hash: Hash) throws(ViewsError) -> Bytes? {
    try ViewsError.wrapping { () throws(SQLiteError) in try connection.stored(kind, hash) }
  }

  /// The state after a block, from what is kept.
  func state(
    _ layer: Layer, _ number: UInt64, through sequence: UInt64, source: any StateSource
  ) throws(ViewsError) -> State? {
    try connection.storedState(layer, number, through: sequence, source: source)
  }

  /// The hashes of a layer's blocks in a range of numbers, ascending.
  public func blockHashes(
    _ layer: Layer, from first: UInt64, through last: UInt64
  ) throws(ViewsError) -> [Hash] {
    guard let range = Place.range(layer, from: first, through: last) else { return [] }
    let hashes = try all(
      "SELECT hash FROM blocks WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
      [.integer(range.lowerBound), .integer(range.upperBound)]
    ) { row throws(SQLiteError) in Hash(checking: try row.blob(0)) }
    return hashes.compactMap { $0 }
  }
}
