import CSQLite

extension Connection {
  /// What a transaction locks when it begins.
  public enum TransactionKind: Sendable {
    /// Nothing yet: reads see one snapshot from the first read on.
    case deferred
    /// The right to write, so that it cannot fail for a lock later on.
    case immediate
  }

  /// Begins a transaction.
  ///
  /// - Throws: `SQLiteError`: `busy` if another connection is writing past the time-out, `error` if
  ///   one is open already.
  public func begin(_ kind: TransactionKind) throws(SQLiteError) {
    switch kind {
    case .deferred: try cached("BEGIN DEFERRED").run()
    case .immediate: try cached("BEGIN IMMEDIATE").run()
    }
  }

  /// Makes the transaction's changes durable, as far as `PRAGMA synchronous` asks for.
  ///
  /// - Throws: `SQLiteError`; whether a transaction is still open then says `isInTransaction`.
  public func commit() throws(SQLiteError) {
    try cached("COMMIT").run()
  }

  /// Undoes the transaction's changes; does nothing if SQLite has rolled it back by itself.
  ///
  /// - Throws: `SQLiteError` if the journal cannot be read.
  public func rollBack() throws(SQLiteError) {
    guard isInTransaction else { return }
    try cached("ROLLBACK").run()
  }

  /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
  ///
  /// - Throws: `SQLiteError` from `body`, or from beginning or committing.
  public func transaction<Result>(
    _ kind: TransactionKind, _ body: () throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result {
    try begin(kind)
    do throws(SQLiteError) {
      let result = try body()
      try commit()
      return result
    } catch {
      // The first error is the one that matters; a rollback that fails leaves the transaction
      // open, which the next `begin` reports.
      try? rollBack()
      throw error
    }
  }
}
