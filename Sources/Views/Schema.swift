import Primitives
import SQLite

// The file format of `views.sqlite`.
//
// A place is one integer for layer, block number and index (Place.swift); a fingerprint is eight
// bytes of a hash (Fingerprint.swift). Amounts of wei are 32 bytes, big endian, so that their order
// is that of the numbers. What a block, a transaction or a receipt holds beyond the columns that
// find it stays RLP.

/// A view: a name, and the tables that it keeps.
struct View: Sendable {
  let name: String
  let tables: [ViewTable]
  /// Tables that only find rows of the others, and hold what depends on when those were written.
  var indexes: [ViewTable] = []

  /// The views by name, each a function of the log's first events up to the cursor.
  static let all = [
    View(name: "billing", tables: [Schema.billing]),
    View(name: "blocks", tables: [Schema.blocks, Schema.blockHashes]),
    View(name: "logs", tables: [Schema.logIndex, Schema.blooms]),
    View(name: "preimages", tables: [Schema.preimages]),
    View(name: "receipts", tables: [Schema.receipts]),
    View(
      name: "states",
      tables: [Schema.stateChanges, Schema.stateRoots, Schema.trieNodes, Schema.codes],
      indexes: [Schema.nodeRuns, Schema.nodeChunks]),
    View(
      name: "transactions",
      tables: [Schema.transactions, Schema.transactionHashes, Schema.dropped]),
    View(name: "usage", tables: [Schema.usage, Schema.usageIndex]),
  ]
}

enum Schema {
  /// Marks the file as Opal's views: the letters `OpVw`.
  static let applicationID: Int64 = 0x4f70_5677
  /// Rises whenever what a row means changes without a change of the tables.
  static let version: Int64 = 4

  /// How far into the log each view has come: one row a view.
  static let cursors = ViewTable(
    "cursors", key: [.text("view")], [.integer("sequence"), .bytes("commitment")])

  /// Blocks without their transactions.
  static let blocks = ViewTable(
    "blocks", key: [.integer("place")],
    [
      .bytes("hash"), .integer("transaction_count"), .integer("size_in_bytes"),
      .bytes("content"),
    ])

  /// Blocks by hash.
  static let blockHashes = ViewTable(
    "block_hashes", key: [.integer("fingerprint"), .integer("place")])

  /// Transactions that stand in a block.
  static let transactions = ViewTable(
    "transactions", key: [.integer("place")], [.bytes("hash"), .bytes("sender"), .bytes("encoded")])

  /// Transactions by hash.
  static let transactionHashes = ViewTable(
    "transaction_hashes", key: [.integer("fingerprint"), .integer("place")])

  /// Transactions that left a pool without a block, until they come again.
  static let dropped = ViewTable(
    "dropped", key: [.integer("layer"), .bytes("hash")], [.text("reason"), .integer("sequence")])

  /// Receipts, at the places of their transactions.
  static let receipts = ViewTable(
    "receipts", key: [.integer("place")], [.integer("first_log"), .bytes("content")])

  /// Receipts by the emitters and first topics of their logs.
  static let logIndex = ViewTable("log_index", key: [.integer("fingerprint"), .integer("place")])

  /// The blooms of the blocks that have logs.
  static let blooms = ViewTable("blooms", key: [.integer("place")], [.bytes("bloom")])

  /// What blocks, at index 0, and then edits by hand changed in the state.
  static let stateChanges = ViewTable(
    "state_changes", key: [.integer("place")],
    [.integer("sequence"), .integer("weight"), .bytes("content")])

  /// The blocks after which the whole trie is kept.
  static let stateRoots = ViewTable(
    "state_roots", key: [.integer("place")], [.bytes("root")])

  /// The nodes of those tries in the order in which they came, many to a row; a few may stand here
  /// twice.
  static let trieNodes = ViewTable("trie_nodes", key: [.integer("page")], [.bytes("nodes")])

  /// The runs of the index that finds those nodes by their Keccak-256 (NodeIndex.swift).
  static let nodeRuns = ViewTable(
    "node_runs", key: [.integer("level")],
    [.integer("first_chunk"), .integer("bits"), .integer("entry_count")])

  /// What those runs consist of.
  static let nodeChunks = ViewTable(
    "node_chunks", key: [.integer("chunk")], [.bytes("entries")])

  /// Contracts' code by its Keccak-256.
  static let codes = ViewTable("codes", key: [.bytes("hash")], [.bytes("code")])

  /// Addresses and numbers of slots, of 20 and 32 bytes, by the hashes that the tries know; small
  /// numbers are not here (SmallSlots.swift).
  static let preimages = ViewTable(
    "preimages", key: [.integer("fingerprint"), .bytes("preimage")])

  /// Reported uses by the log sequence that reported them.
  static let usage = ViewTable(
    "usage", key: [.integer("sequence")],
    [
      .bytes("digest"), .integer("status"), .bytes("settlement").optional,
      .integer("block").optional, .text("reason").optional, .bytes("report"),
    ])

  /// Reported uses by digest, payer, engine, model and contributor.
  static let usageIndex = ViewTable(
    "usage_index", key: [.integer("kind"), .bytes("subject"), .integer("sequence")])

  /// Sums a payer, engine, model, owner and contributor.
  static let billing = ViewTable(
    "billing", key: [.integer("kind"), .bytes("subject")],
    [
      .integer("reported_count"), .bytes("reported_amount"), .integer("settled_count"),
      .bytes("settled_amount"), .bytes("claimed_amount"),
    ])

  static let tables = [cursors] + View.all.flatMap { $0.tables + $0.indexes }
}

extension Schema {
  static let cursorUpdate = "UPDATE cursors SET sequence = ?1, commitment = ?2"

  /// Makes the tables of a file that has none.
  static func create(on connection: borrowing Connection) throws(SQLiteError) {
    try connection.begin(.immediate)
    do throws(SQLiteError) {
      for table in tables { try connection.execute(table.creation) }
      for view in View.all {
        try connection.insert(cursors, .text(view.name), .integer(0), .hash(.zero))
      }
      try connection.execute(
        "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
      try connection.commit()
    } catch {
      try? connection.rollBack()
      throw error
    }
  }

  /// Checks that a file is ours and of this format, and reads its cursor.
  ///
  /// - Throws: ``ViewsError/needsRebuild(reason:)`` if it is not.
  static func check(_ connection: borrowing Connection) throws(ViewsError) -> ViewCursor {
    let (identity, format, found) = try ViewsError.wrapping { () throws(SQLiteError) in
      let identity = try connection.int64("PRAGMA application_id") ?? 0
      let format = try connection.int64("PRAGMA user_version") ?? 0
      var found: Set<String> = []
      let listing = try connection.cached("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
      while try listing.step() { found.insert(try listing.text(0)) }
      return (identity, format, found)
    }
    guard identity == applicationID else {
      throw .needsRebuild(reason: "the file holds something else")
    }
    guard format == version, found == Set(tables.map(\.creation)) else {
      throw .needsRebuild(reason: "the file has format \(format), this program writes \(version)")
    }
    return try cursor(on: connection)
  }

  /// The cursor, which all views share.
  static func cursor(on connection: borrowing Connection) throws(ViewsError) -> ViewCursor {
    let found = try ViewsError.wrapping { () throws(SQLiteError) in
      var found: [ViewCursor?] = []
      let query = try connection.cached(
        "SELECT sequence, commitment FROM cursors ORDER BY view")
      while try query.step() {
        let sequence = UInt64(bitPattern: try query.int64(0))
        found.append(
          Hash(checking: try query.blob(1)).map {
            ViewCursor(sequence: sequence, commitment: $0)
          })
      }
      return found
    }
    guard found.count == View.all.count, let first = found.first, let cursor = first,
      found.allSatisfy({ $0 == cursor })
    else { throw .needsRebuild(reason: "the views' cursors differ") }
    return cursor
  }
}
