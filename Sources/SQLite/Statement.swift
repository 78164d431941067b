import CSQLite

/// One compiled SQL statement: bind its parameters, step through its rows, read their columns.
///
/// Parameters are numbered from 1 and columns from 0, as in SQLite. It may outlive its connection,
/// which then closes when the last statement is gone. Use it from one thread at a time.
@safe public struct Statement: ~Copyable {
  private let handle: OpaquePointer
  private let sql: String
  private let home: StatementCache.Entry?

  init(handle: OpaquePointer, sql: String, home: StatementCache.Entry?) {
    unsafe self.handle = handle
    self.sql = sql
    self.home = home
  }

  deinit {
    if let home {
      home.giveBack()
    } else {
      unsafe sqlite3_finalize(handle)
    }
  }

  private func error(_ code: Int32) -> SQLiteError {
    unsafe .last(on: sqlite3_db_handle(handle), code: code, sql: sql)
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    guard code == SQLITE_OK else { throw error(code) }
  }
}

// MARK: - Parameters

extension Statement {
  /// Binds an integer to the parameter at `index`, counted from 1.
  ///
  /// - Throws: `SQLiteError` if there is no such parameter.
  public func bind(_ index: Int, _ value: Int64) throws(SQLiteError) {
    try check(unsafe sqlite3_bind_int64(handle, Int32(clamping: index), value))
  }

  /// Binds UTF-8 text to the parameter at `index`, counted from 1.
  ///
  /// - Throws: `SQLiteError` if there is no such parameter, or the text is past SQLite's limit.
  public func bind(_ index: Int, _ value: String) throws(SQLiteError) {
    var value = value
    let code = value.withUTF8 { text in
      unsafe text.withMemoryRebound(to: CChar.self) { text in
        // An empty text has no address, and no address would bind a null.
        guard let start = text.baseAddress else {
          return unsafe opal_sqlite3_bind_text(handle, Int32(clamping: index), "", 0)
        }
        return unsafe opal_sqlite3_bind_text(
          handle, Int32(clamping: index), start, UInt64(text.count))
      }
    }
    try check(code)
  }

  /// Binds bytes to the parameter at `index`, counted from 1.
  ///
  /// - Throws: `SQLiteError` if there is no such parameter, or the bytes are past SQLite's limit.
  public func bind(_ index: Int, _ value: [UInt8]) throws(SQLiteError) {
    // An empty array may have no address, and no address would bind a null.
    guard !value.isEmpty else {
      return try check(unsafe sqlite3_bind_zeroblob(handle, Int32(clamping: index), 0))
    }
    let code = unsafe value.withUnsafeBytes { bytes in
      unsafe opal_sqlite3_bind_blob(
        handle, Int32(clamping: index), bytes.baseAddress, UInt64(bytes.count))
    }
    try check(code)
  }

  /// Binds null to the parameter at `index`, counted from 1.
  ///
  /// - Throws: `SQLiteError` if there is no such parameter.
  public func bindNull(_ index: Int) throws(SQLiteError) {
    try check(unsafe sqlite3_bind_null(handle, Int32(clamping: index)))
  }
}

// MARK: - Rows

extension Statement {
  /// Goes to the next row, and says whether there is one.
  ///
  /// The C function is `sqlite3_step`.
  ///
  /// - Throws: `SQLiteError` with what went wrong; the statement is then as `reset()` leaves it.
  public func step() throws(SQLiteError) -> Bool {
    let code = unsafe sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let failure = error(code)
      reset()
      throw failure
    }
  }

  /// Runs the statement to its end and makes it ready to be run again.
  ///
  /// - Throws: `SQLiteError` with what went wrong; the statement is then as `reset()` leaves it.
  public func run() throws(SQLiteError) {
    while try step() {}
    reset()
  }

  /// Runs the statement to its end with these parameters, whose bytes are parts of one array.
  ///
  /// SQLite reads the bytes where they lie. The parameters stay bound to where they lay, so run the
  /// statement only so until it is let go of.
  ///
  /// - Throws: `SQLiteError` with what went wrong; the statement is then as `reset()` leaves it.
  public func run(
    _ parameters: ArraySlice<Parameter>, of arena: [UInt8]
  ) throws(SQLiteError) {
    var code = SQLITE_OK
    unsafe arena.withUnsafeBytes { arena in
      for (place, parameter) in parameters.enumerated() where code == SQLITE_OK {
        let index = Int32(clamping: place + 1)
        switch parameter {
        case .integer(let value): code = unsafe sqlite3_bind_int64(handle, index, value)
        case .bytes(let range): code = unsafe bind(index, at: .init(rebasing: arena[range]))
        }
      }
      guard code == SQLITE_OK else { return }
      repeat { code = unsafe sqlite3_step(handle) } while code == SQLITE_ROW
    }
    let failure = code == SQLITE_DONE ? nil : error(code)
    reset()
    if let failure { throw failure }
  }

  /// A parameter of a statement that is run with many.
  public enum Parameter: Sendable {
    /// An integer.
    case integer(Int64)
    /// The bytes in this part of an array.
    case bytes(Range<Int>)
  }

  /// Binds bytes where they lie; an empty array may have no address, which would bind a null.
  private func bind(_ index: Int32, at bytes: UnsafeRawBufferPointer) -> Int32 {
    unsafe bytes.isEmpty
      ? sqlite3_bind_zeroblob(handle, index, 0)
      : sqlite3_bind_blob64(handle, index, bytes.baseAddress, UInt64(bytes.count), nil)
  }

  /// Makes the statement ready to be run again, with the same parameters bound.
  ///
  /// The C function is `sqlite3_reset`; the error it repeats was thrown by `step()` before.
  public func reset() {
    unsafe sqlite3_reset(handle)
  }
}

// MARK: - Columns

extension Statement {
  /// How many columns a row of the result has.
  public var columnCount: Int { Int(unsafe sqlite3_column_count(handle)) }

  /// The name of a column, counted from 0.
  public func name(ofColumn column: Int) -> String {
    guard let name = unsafe sqlite3_column_name(handle, Int32(clamping: column)) else { return "" }
    return unsafe String(cString: name)
  }

  /// Whether a column of the present row is null, which one that is not there is too.
  public func isNull(_ column: Int) -> Bool {
    unsafe sqlite3_column_type(handle, Int32(clamping: column)) == SQLITE_NULL
  }

  /// The integer in a column of the present row.
  ///
  /// - Throws: `SQLiteError` with `mismatch` if the column holds another type.
  public func int64(_ column: Int) throws(SQLiteError) -> Int64 {
    try expect(SQLITE_INTEGER, "an integer", in: column)
    return unsafe sqlite3_column_int64(handle, Int32(clamping: column))
  }

  /// The text in a column of the present row.
  ///
  /// - Throws: `SQLiteError` with `mismatch` if the column holds another type, or bytes that are
  ///   not UTF-8.
  public func text(_ column: Int) throws(SQLiteError) -> String {
    try expect(SQLITE_TEXT, "text", in: column)
    let start = unsafe sqlite3_column_text(handle, Int32(clamping: column))
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(clamping: column)))
    let bytes = unsafe UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
    guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
      throw mismatch("text in UTF-8", in: column)
    }
    return text
  }

  /// The bytes in a column of the present row.
  ///
  /// - Throws: `SQLiteError` with `mismatch` if the column holds another type.
  public func blob(_ column: Int) throws(SQLiteError) -> [UInt8] {
    try expect(SQLITE_BLOB, "bytes", in: column)
    // The C function returns no address for a blob of no bytes.
    guard let start = unsafe sqlite3_column_blob(handle, Int32(clamping: column)) else {
      return []
    }
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(clamping: column)))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Hands the bytes in a column of the present row to `body` where SQLite has them.
  ///
  /// They are there until the next step. For the rare place where a copy costs more than the use.
  ///
  /// - Throws: `SQLiteError` with `mismatch` if the column holds another type.
  @unsafe public func withBytes<Result>(
    _ column: Int, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(SQLiteError) -> Result {
    try expect(SQLITE_BLOB, "bytes", in: column)
    let start = unsafe sqlite3_column_blob(handle, Int32(clamping: column))
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(clamping: column)))
    return unsafe body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  private func expect(_ type: Int32, _ name: String, in column: Int) throws(SQLiteError) {
    guard unsafe sqlite3_column_type(handle, Int32(clamping: column)) == type else {
      throw mismatch(name, in: column)
    }
  }

  private func mismatch(_ name: String, in column: Int) -> SQLiteError {
    SQLiteError(
      extendedCode: SQLITE_MISMATCH, message: "column \(column) does not hold \(name)", sql: sql)
  }
}
