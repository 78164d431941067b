import Cryptography
import EVM
import Execution
import Ledger
import Primitives
import SQLite
import Trie

/// How far a layer's blocks have come since its trie was last kept as a whole.
struct TrieDistance {
  /// The block after which it was kept.
  var number: UInt64
  /// How many accounts and slots were changed since.
  var weight: Int64
  /// The state after it, if these very views kept it and all that changed since were blocks on top:
  /// then every node of the newest state that is not kept is in memory.
  var kept: State?
}

/// The view of states: what each block changed, and every so often the trie as a whole.
///
/// A state is the last whole trie before it with what changed since, so any block's is read without
/// executing anything, and what is kept grows with what changes and not with the number of blocks.
extension Views {
  /// After how many blocks the trie is kept as a whole: the fewer, the more of its nodes are kept
  /// that the next block changes again, and the more, the longer it takes to put a state together.
  static let blocksBetweenTries: UInt64 = 512
  /// After how many changes of accounts and slots it is kept sooner.
  static let changesBetweenTries: Int64 = 8_192

  /// Keeps the state with which a chain begins.
  func writeStart(_ genesis: Genesis, layer: Layer, sequence: UInt64) throws(ViewsError) {
    let place = try Place(layer, genesis.number)
    let state = genesis.state()
    for (_, account) in genesis.alloc where !account.code.isEmpty { try keep(account.code) }
    try writeTrie(state, at: place)
  }

  /// Forgets the states of a layer, whose blocks gave way to others; of those only the last one's
  /// state is known, and of another chain's not all of it.
  func restartStates(
    _ layer: Layer, _ replacement: ChainReplacement, _ state: State?
  ) throws(ViewsError) {
    guard let range = Place.range(layer, from: 0, through: .max) else { return }
    try ViewsError.wrapping { () throws(SQLiteError) in
      for table in ["state_changes", "state_roots"] {
        try connection.run(
          "DELETE FROM \(table) WHERE place BETWEEN ?1 AND ?2",
          [.integer(range.lowerBound), .integer(range.upperBound)])
      }
    }
    trieDistances[layer] = nil
    guard let state, let head = replacement.blocks.last?.block.header.number else { return }
    for change in replacement.diff.accounts {
      if let code = change.newCode, !code.isEmpty { try keep(code) }
    }
    try writeTrie(state, at: try Place(layer, head))
  }

  /// The state after a replacement of which not all is at hand: that of the other chain's block, or
  /// what was changed on top of it.
  func stateUnder(
    _ layer: Layer, _ replacement: ChainReplacement
  ) throws(ViewsError) -> State? {
    guard let outside, let head = replacement.blocks.last?.block.header else { return nil }
    guard !replacement.diff.accounts.isEmpty else {
      return State(root: head.stateRoot, source: outside)
    }
    guard var state = try storedState(layer, Place.highestNumber) else { return nil }
    do throws(StateMiss) {
      try state.apply(replacement.diff)
    } catch {
      throw .malformed("the trie under block \(head.number)")
    }
    return state
  }

  /// Keeps all nodes of the state after a layer's head, so that whoever knows its root can read it
  /// whatever becomes of the block.
  func keepNodes(_ layer: Layer, _ number: UInt64) throws(ViewsError) {
    guard let state = try storedState(layer, number) else { return }
    try writeNodes(state)
  }

  /// Whether no state of a layer is kept as a whole, so that none can be put together.
  private func hasNoTrie(_ layer: Layer) throws(ViewsError) -> Bool {
    guard let range = Place.range(layer, from: 0, through: .max) else { return true }
    return try ViewsError.wrapping { () throws(SQLiteError) in
      let roots = try connection.cached(
        "SELECT count(*) FROM state_roots WHERE place BETWEEN ?1 AND ?2")
      try roots.bind([.integer(range.lowerBound), .integer(range.upperBound)])
      guard try roots.step() else { return true }
      return try roots.int64(0) == 0
    }
  }

  /// Keeps what a block changed.
  func writeState(_ outcome: BlockOutcome, layer: Layer, sequence: UInt64) throws(ViewsError) {
    let number = outcome.block.header.number
    let place = try Place(layer, number)
    var distance =
      if let known = trieDistances[layer] { known } else {
        try sinceLastTrie(layer, through: number)
      }
    distance.weight += try write(outcome.diff, at: place, sequence: sequence)
    trieDistances[layer] = distance
    guard
      number - distance.number >= Self.blocksBetweenTries
        || distance.weight >= Self.changesBetweenTries
    else { return }
    if try hasNoTrie(layer) {
      trieDistances[layer] = TrieDistance(number: number, weight: 0)
      return
    }
    let known =
      distance.kept == nil ? try storedState(layer, number) : outcome.state
    guard let state = known else {
      throw .needsRebuild(reason: "the state of block \(number) cannot be put together")
    }
    try writeTrie(state, since: distance.kept ?? State(), at: place)
  }

  /// Keeps what somebody changed by hand while a block was the head.
  func writeEdit(
    _ diff: StateDiff, layer: Layer, number: UInt64, sequence: UInt64
  ) throws(ViewsError) {
    let range = try editRange(layer, number)
    let count = try ViewsError.wrapping { () throws(SQLiteError) in
      let query = try connection.cached(
        "SELECT max(place) FROM state_changes WHERE place BETWEEN ?1 AND ?2")
      try query.bind([.integer(range.lowerBound - 1), .integer(range.upperBound)])
      return try query.step() && !query.isNull(0) ? Place(rawValue: try query.int64(0)).index : 0
    }
    try write(diff, at: try Place(layer, number, count + 1), sequence: sequence)
    trieDistances[layer] = nil
  }

  /// Forgets what was changed by hand after an event, while a block was the head.
  func removeEdits(_ layer: Layer, number: UInt64, after position: UInt64) throws(ViewsError) {
    let range = try editRange(layer, number)
    try ViewsError.wrapping { () throws(SQLiteError) in
      try connection.run(
        "DELETE FROM state_changes WHERE place BETWEEN ?1 AND ?2 AND sequence > ?3",
        [.integer(range.lowerBound), .integer(range.upperBound), .sequence(position)])
    }
  }

  /// The places of a block's edits.
  private func editRange(
    _ layer: Layer, _ number: UInt64
  ) throws(ViewsError) -> ClosedRange<Int64> {
    try Place(layer, number, 1).rawValue...Place(layer, number, Place.highestIndex).rawValue
  }

  /// Keeps changes; how many accounts and slots they are of.
  @discardableResult
  private func write(
    _ diff: StateDiff, at place: Place, sequence: UInt64
  ) throws(ViewsError) -> Int64 {
    for change in diff.accounts {
      if let code = change.newCode, !code.isEmpty { try keep(code) }
    }
    let weight = Int64(diff.accounts.reduce(0) { $0 + 1 + $1.storage.count })
    try ViewsError.wrapping { () throws(SQLiteError) in
      gathered.stateChanges.append(place)
      gathered.stateChanges.append(Int64(bitPattern: sequence))
      gathered.stateChanges.append(weight)
      gathered.stateChanges.append(StateChanges.encode(diff))
      try gathered.stateChanges.writeIfFull(to: connection)
    }
    return weight
  }

  private func keep(_ code: Bytes) throws(ViewsError) {
    try ViewsError.wrapping { () throws(SQLiteError) in
      try connection.run(
        "INSERT OR IGNORE INTO codes VALUES (?1, ?2)", [.hash(Keccak256.hash(code)), .bytes(code)])
    }
  }

  /// The number of the last block whose trie is kept, and how much has changed since.
  private func sinceLastTrie(
    _ layer: Layer, through number: UInt64
  ) throws(ViewsError) -> TrieDistance {
    let first = try Place(layer, 0).rawValue
    let last = try Place(layer, number, Place.highestIndex).rawValue
    try writeGathered()
    return try ViewsError.wrapping { () throws(SQLiteError) in
      let roots = try connection.cached(
        "SELECT max(place) FROM state_roots WHERE place BETWEEN ?1 AND ?2")
      try roots.bind([.integer(first), .integer(last)])
      guard try roots.step(), !roots.isNull(0) else {
        return TrieDistance(number: number, weight: 0)
      }
      let place = Place(rawValue: try roots.int64(0))
      let sum = try connection.cached(
        "SELECT sum(weight) FROM state_changes WHERE place BETWEEN ?1 AND ?2")
      try sum.bind([.integer(place.rawValue + 1), .integer(last)])
      let weight = try sum.step() && !sum.isNull(0) ? try sum.int64(0) : 0
      return TrieDistance(number: place.number, weight: weight)
    }
  }

  /// Keeps all nodes of a state's tries, as that of a place; those of an older state are kept.
  private func writeTrie(
    _ state: State, since older: State = State(), at place: Place
  ) throws(ViewsError) {
    try writeNodes(state, since: older)
    try ViewsError.wrapping { () throws(SQLiteError) in
      try connection.insert(Schema.stateRoots, .place(place), .hash(state.root))
    }
    guard let layer = place.layer else { return }
    trieDistances[layer] = TrieDistance(number: place.number, weight: 0, kept: state)
  }

  /// Keeps all nodes of a state's tries that are not kept yet, as those of an older state are.
  private func writeNodes(_ state: State, since older: State = State()) throws(ViewsError) {
    try ViewsError.wrapping { () throws(SQLiteError) in
      try connection.keepNodes { (isKept, keep) in
        state.visitNodes(since: older, unless: isKept, keep)
      }
    }
  }

  /// A state from what the writer's own connection sees, its last batch included.
  private func storedState(_ layer: Layer, _ number: UInt64) throws(ViewsError) -> State? {
    try writeGathered()
    let source = WriterSource(self)
    defer { source.views = nil }
    return try connection.storedState(layer, number, through: .max, source: source)
  }
}

/// Nodes and codes for the writer, on its own connection and thread, for as long as one state is
/// put together.
private final class WriterSource: StateSource, @unchecked Sendable {
  var views: Views?

  init(_ views: Views) { self.views = views }

  func node(_ hash: Hash) -> Bytes? {
    ((try? views?.connection.stored(.node, hash)) ?? nil) ?? views?.outside?.node(hash)
  }

  func code(_ hash: Hash) -> Bytes? {
    ((try? views?.connection.stored(.code, hash)) ?? nil) ?? views?.outside?.code(hash)
  }
}

extension Connection {
  /// What the view of states keeps by hash.
  enum StoredKind {
    case node
    case code
  }

  /// The node or code of a hash; nil if it is not kept.
  func stored(_ kind: StoredKind, _ hash: Hash) throws(SQLiteError) -> Bytes? {
    if kind == .node { return try node(hash) }
    let query = try cached("SELECT code FROM codes WHERE hash = ?1")
    try query.bind([.hash(hash)])
    return try query.step() ? try query.blob(0) : nil
  }

  /// The state after a block and what was changed by hand up to an event; nil if it is not kept.
  func storedState(
    _ layer: Layer, _ number: UInt64, through sequence: UInt64, source: any StateSource
  ) throws(ViewsError) -> State? {
    let first = try Place(layer, 0).rawValue
    let last = try Place(layer, number, Place.highestIndex).rawValue
    let (found, changes) = try ViewsError.wrapping { () throws(SQLiteError) in
      let roots = try cached(
        "SELECT place, root FROM state_roots WHERE place BETWEEN ?1 AND ?2 "
          + "ORDER BY place DESC LIMIT 1")
      try roots.bind([.integer(first), .integer(last)])
      guard try roots.step() else { return (nil as (Int64, Hash?)?, [Bytes]()) }
      let place = try roots.int64(0)
      let root = Hash(checking: try roots.blob(1))
      let rows = try cached(
        "SELECT content FROM state_changes WHERE place BETWEEN ?1 AND ?2 "
          + "AND sequence <= ?3 ORDER BY place")
      try rows.bind([
        .integer(place + 1), .integer(last), .integer(Int64(clamping: sequence)),
      ])
      var changes: [Bytes] = []
      while try rows.step() { changes.append(try rows.blob(0)) }
      return ((place, root), changes)
    }
    guard let found else { return nil }
    guard let root = found.1 else { throw .malformed("a state's root") }
    var merged = MergedChanges()
    for content in changes {
      do throws(RLPError) {
        merged.add(try StateChanges.decode(content))
      } catch {
        throw .malformed("what changed in a state before block \(number)")
      }
    }
    var state = State(root: root, source: source)
    do throws(StateMiss) {
      try state.apply(merged.diff)
    } catch {
      throw .malformed("the trie under block \(number)")
    }
    return state
  }
}
