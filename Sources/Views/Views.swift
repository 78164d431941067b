import Execution
import Ledger
import Primitives
import SQLite

/// The read models of a log, in one SQLite file that can be deleted at any time.
///
/// A cache: every row follows from the log, and ``digests()`` shows that a rebuild gave the same.
/// So it is written with `synchronous=NORMAL` in WAL mode: after a power cut the file is sound and
/// at most a few batches behind, which are taken in again from the log; `OFF` would be a little
/// faster, but could leave a damaged file that answers wrongly without anybody noticing.
///
/// Owned by the one writer of a node, and used from one thread at a time. Others read through
/// ``ViewReader``.
public final class Views {
  /// The path of the file.
  public let path: String
  /// How far into the log the views have come.
  public private(set) var cursor: ViewCursor

  let connection: Connection
  /// The last block of each layer whose whole trie is kept, and how much has changed since; what is
  /// missing is read from the file.
  var trieDistances: [Layer: TrieDistance] = [:]
  /// What is known of other chains' states, under which a forked chain's lie.
  public var outside: (any StateSource)?
  /// Whether there may be dropped transactions, so that one that comes again must be looked for.
  private var mayHaveDrops: Bool
  /// What the blocks of a batch add, as far as it is not written yet.
  var gathered = GatheredRows()
  /// Preimages that are known to be written.
  var written = WrittenPreimages()

  private init(
    path: String, cursor: ViewCursor, mayHaveDrops: Bool, connection: consuming Connection
  ) {
    self.path = path
    self.cursor = cursor
    self.mayHaveDrops = mayHaveDrops
    self.connection = connection
  }

  /// Opens the views in a file; one that is missing or empty is made.
  ///
  /// Those that are not synced may be damaged by a loss of power, and are then to be made again.
  ///
  /// - Throws: ``ViewsError/needsRebuild(reason:)`` if the file holds something else, another
  ///   format, or is visibly damaged; ``ViewsError/storage(_:)`` if it cannot be opened.
  public static func open(
    path: String, isSynced: Bool = true, storage: Storage = .machine
  ) throws(ViewsError) -> Views {
    let connection = try ViewsError.wrapping { () throws(SQLiteError) in
      try Connection(path: path, mode: .create, storage: storage)
    }
    let cursor = try prepare(connection)
    if !isSynced {
      try ViewsError.wrapping { () throws(SQLiteError) in
        try connection.execute("PRAGMA synchronous = OFF")
      }
    }
    let mayHaveDrops = try ViewsError.wrapping { () throws(SQLiteError) in
      try connection.int64("SELECT EXISTS (SELECT 1 FROM dropped)") != 0
    }
    return Views(
      path: path, cursor: cursor, mayHaveDrops: mayHaveDrops, connection: connection)
  }

  /// Deletes the views in a file, with what SQLite keeps beside it.
  ///
  /// Whoever has them open must have closed them.
  public static func delete(path: String, storage: Storage = .machine) {
    for suffix in ["", "-wal", "-shm", "-journal"] { storage.remove(path + suffix) }
  }

  /// Checks or makes the tables, and reads the cursor.
  private static func prepare(_ connection: borrowing Connection) throws(ViewsError) -> ViewCursor {
    do throws(SQLiteError) {
      if try connection.int64("SELECT count(*) FROM sqlite_schema") == 0 {
        try connection.execute("PRAGMA journal_mode = WAL")
        try Schema.create(on: connection)
      }
      try connection.execute(
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY")
    } catch {
      throw ViewsError(error)
    }
    return try Schema.check(connection)
  }
}

extension Views {
  /// Takes a batch of events in: all of it, or, when this throws, nothing.
  ///
  /// Readers see the batch wholly or not at all.
  ///
  /// - Throws: ``ViewsError/gap(expected:got:)`` unless the entries follow the cursor one by one;
  ///   ``ViewsError/needsRebuild(reason:)`` when the file turns out to be damaged.
  public func take(_ batch: [ViewEntry]) throws(ViewsError) {
    var next = cursor
    for entry in batch {
      guard entry.sequence == next.sequence + 1 else {
        throw .gap(expected: next.sequence + 1, got: entry.sequence)
      }
      next = ViewCursor(sequence: entry.sequence, commitment: entry.commitment)
    }
    guard next != cursor else { return }
    try ViewsError.wrapping { () throws(SQLiteError) in try connection.begin(.immediate) }
    do throws(ViewsError) {
      for entry in batch {
        for consequence in entry.consequences {
          try take(consequence, sequence: entry.sequence)
        }
      }
      try writeGathered()
      try ViewsError.wrapping { () throws(SQLiteError) in
        try connection.run(Schema.cursorUpdate, [.sequence(next.sequence), .hash(next.commitment)])
        try connection.commit()
      }
    } catch {
      // The first error is the one that matters; the next `begin` reports a failed rollback.
      try? connection.rollBack()
      gathered.removeAll()
      trieDistances = [:]
      written = WrittenPreimages()
      throw error
    }
    cursor = next
  }

  /// Writes what was gathered, before somebody looks at the tables.
  func writeGathered() throws(ViewsError) {
    try ViewsError.wrapping { () throws(SQLiteError) in try gathered.write(to: connection) }
  }

  private func take(_ consequence: Consequence, sequence: UInt64) throws(ViewsError) {
    switch consequence {
    case .extended, .pooled: break
    default: try writeGathered()
    }
    switch consequence {
    case .started(let layer, let genesis):
      let block = genesis.block()
      try write(
        block, hash: block.hash, encoded: [], at: try Place(layer, block.header.number))
      try writeStart(genesis, layer: layer, sequence: sequence)
      try writePreimages(of: genesis)
    case .pooled(let layer, let pooled):
      try forgetDrop(layer, pooled.hash)
    case .dropped(let layer, let hash, let reason):
      mayHaveDrops = true
      try ViewsError.wrapping { () throws(SQLiteError) in
        try connection.replace(
          Schema.dropped, .integer(Int64(layer.rawValue)), .hash(hash), .text(reason),
          .sequence(sequence))
      }
    case .extended(let layer, let outcome):
      try write(outcome, layer: layer)
      try writeState(outcome, layer: layer, sequence: sequence)
      try writePreimages(of: outcome.diff)
      if layer == .two { try bill(outcome) }
    case .reset(let layer, let number, _):
      try removeBlocks(layer, after: number)
      trieDistances[layer] = nil
    case .edited(let layer, let number, let diff):
      try writeEdit(diff, layer: layer, number: number, sequence: sequence)
      try writePreimages(of: diff)
    case .editsUndone(let layer, let number, let position):
      try removeEdits(layer, number: number, after: position)
      trieDistances[layer] = nil
    case .usage(let record):
      try write(record)
    // What does not count on L1 is in nobody's chain.
    case .inputDropped: break
    case .replaced(let layer, let replacement):
      var state = replacement.state
      if state == nil { state = try stateUnder(layer, replacement) }
      try removeBlocks(layer, from: replacement.firstNumber)
      for historic in replacement.blocks {
        try write(historic, layer: layer)
      }
      try writePreimages(of: replacement.diff)
      try restartStates(layer, replacement, state)
    case .snapshotTaken: break
    case .digested(let heads):
      for (layer, number) in heads { try keepNodes(layer, number) }
    }
  }

  /// A transaction that is here again, or in a block, is no longer a dropped one.
  func forgetDrop(_ layer: Layer, _ hash: Hash) throws(ViewsError) {
    guard mayHaveDrops else { return }
    try ViewsError.wrapping { () throws(SQLiteError) in
      try connection.run(
        "DELETE FROM dropped WHERE layer = ?1 AND hash = ?2",
        [.integer(Int64(layer.rawValue)), .hash(hash)])
    }
  }

  /// The digest of each view, by name.
  ///
  /// It reads every row: for comparing a rebuild, not for every day.
  public func digests() throws(ViewsError) -> [ViewDigest] {
    try ViewDigest.all(on: connection)
  }

  /// Makes all that was taken in durable, whatever happens to the power.
  ///
  /// - Throws: ``ViewsError``.
  public func synchronize() throws(ViewsError) {
    try ViewsError.wrapping { () throws(SQLiteError) in
      _ = try connection.int64("PRAGMA wal_checkpoint(PASSIVE)")
    }
  }

  /// Brings everything into the file itself, durably, so that it can be given another name.
  ///
  /// - Throws: ``ViewsError``.
  public func settle() throws(ViewsError) {
    try ViewsError.wrapping { () throws(SQLiteError) in
      try connection.execute("PRAGMA synchronous = FULL")
      _ = try connection.int64("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }
}
