import Primitives
import SQLite

/// The rows that every block adds, gathered over a batch of blocks until there are enough of each
/// for a statement of many.
///
/// Whoever looks at these tables in between has them written first (``Views/writeGathered()``).
struct GatheredRows {
  var blocks = Schema.blocks.batch()
  var blockHashes = Schema.blockHashes.batch()
  var blooms = Schema.blooms.batch()
  var transactions = Schema.transactions.batch()
  var transactionHashes = Schema.transactionHashes.batch()
  var receipts = Schema.receipts.batch()
  var logIndex = Schema.logIndex.batch()
  var stateChanges = Schema.stateChanges.batch()
  var preimages = Schema.preimages.batch(leavesOutKnown: true)

  /// Writes all of them.
  mutating func write(to connection: borrowing Connection) throws(SQLiteError) {
    try blocks.write(to: connection)
    try blockHashes.write(to: connection)
    try blooms.write(to: connection)
    try transactions.write(to: connection)
    try transactionHashes.write(to: connection)
    try receipts.write(to: connection)
    try logIndex.write(to: connection)
    try stateChanges.write(to: connection)
    try preimages.write(to: connection)
  }

  /// Forgets all of them.
  mutating func removeAll() {
    blocks.removeAll()
    blockHashes.removeAll()
    blooms.removeAll()
    transactions.removeAll()
    transactionHashes.removeAll()
    receipts.removeAll()
    logIndex.removeAll()
    stateChanges.removeAll()
    preimages.removeAll()
  }
}

extension RowBatch {
  /// Appends a column.
  mutating func append(_ place: Place) { append(place.rawValue) }
  /// Appends a column of 32 bytes.
  mutating func append(_ hash: Hash) { appendBytes(hash.append) }
  /// Appends a column of 20 bytes.
  mutating func append(_ address: Address) { appendBytes(address.append) }
}
