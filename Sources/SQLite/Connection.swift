import CSQLite

/// A connection to one SQLite database file, closed when it goes out of scope.
///
/// It has no lock of its own (`SQLITE_OPEN_NOMUTEX`): use it from one thread at a time. Every
/// connection is defensive (SQL cannot write the schema table or overwrite a file's header), does
/// not trust functions named in a foreign schema, and checks cells as it reads pages, because a
/// database may come from a stranger.
///
///     let database = try Connection(path: "views.sqlite", mode: .create)
///     try database.execute("CREATE TABLE head(number INTEGER PRIMARY KEY, hash BLOB) STRICT")
///     let insert = try database.cached("INSERT INTO head VALUES (?, ?)")
///     try insert.bind(1, 7)
///     try insert.bind(2, hash)
///     try insert.run()
@safe public struct Connection: ~Copyable {
  /// How a file is opened.
  public enum Mode: Sendable {
    /// Read and write; a file that is missing is made.
    case create
    /// Read and write a file that is there.
    case readWrite
    /// Only read; others may write meanwhile. In WAL mode the directory must be writable.
    case readOnly
    /// Only read a file that nobody changes, as on a read-only medium; takes no locks.
    case immutable
  }

  /// The path it was opened with, `:memory:` for a database in memory.
  public let path: String
  private let handle: OpaquePointer
  private let cache: StatementCache
  /// A simulated disk must be there for as long as SQLite may use it.
  private let storage: Storage

  /// Opens a file.
  ///
  /// A connection that finds the file locked waits up to `busyTimeoutInMilliseconds` for it.
  ///
  /// - Throws: `SQLiteError` if the file is missing, cannot be opened, or its first page cannot be
  ///   read. Whether it is a database at all shows at the first statement.
  public init(
    path: String, mode: Mode, busyTimeoutInMilliseconds: Int = 5_000,
    storage: Storage = .machine
  ) throws(SQLiteError) {
    unsafe self.handle = try Self.open(
      path, mode, Int32(clamping: busyTimeoutInMilliseconds), storage)
    self.path = path
    self.cache = StatementCache()
    self.storage = storage
  }

  /// Makes an empty database in memory.
  ///
  /// - Throws: `SQLiteError` if memory runs out.
  public init() throws(SQLiteError) {
    try self.init(path: ":memory:", mode: .create)
  }

  deinit {
    cache.close()
    unsafe sqlite3_close_v2(handle)
  }

  private static func open(
    _ path: String, _ mode: Mode, _ busyTimeout: Int32, _ storage: Storage
  ) throws(SQLiteError) -> OpaquePointer {
    let name = mode == .immutable ? immutableURI(path) : path
    var opened: OpaquePointer?
    var code = unsafe sqlite3_open_v2(name, &opened, flags(mode), storage.vfsName)
    if code == SQLITE_OK {
      unsafe sqlite3_extended_result_codes(opened, 1)
      unsafe sqlite3_busy_timeout(opened, busyTimeout)
      unsafe opal_sqlite3_set_defensive(opened)
      code = unsafe sqlite3_exec(
        opened, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", nil, nil, nil)
    }
    guard code == SQLITE_OK, let database = unsafe opened else {
      let failure = unsafe SQLiteError.last(on: opened, code: code)
      unsafe sqlite3_close_v2(opened)
      throw SQLiteError(
        extendedCode: failure.extendedCode, message: "\(path): \(failure.message)")
    }
    return unsafe database
  }

  private static func flags(_ mode: Mode) -> Int32 {
    let common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
    return switch mode {
    case .create: common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    case .readWrite: common | SQLITE_OPEN_READWRITE
    case .readOnly: common | SQLITE_OPEN_READONLY
    case .immutable: common | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
    }
  }

  /// The path as a URI: whatever is not plain in one is escaped.
  private static func immutableURI(_ path: String) -> String {
    let digits = Array("0123456789abcdef")
    var uri = "file:"
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        uri.append("%")
        uri.append(digits[Int(byte >> 4)])
        uri.append(digits[Int(byte & 0xf)])
      }
    }
    return uri + "?immutable=1"
  }

  private func error(_ code: Int32, sql: String) -> SQLiteError {
    unsafe .last(on: handle, code: code, sql: sql)
  }
}

// MARK: - Statements

extension Connection {
  /// Runs any number of statements that have no parameters, and drops what rows they return.
  ///
  /// - Throws: `SQLiteError` at the first one that fails; those before it have run.
  public func execute(_ sql: String) throws(SQLiteError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code, sql: sql) }
  }

  /// Compiles one statement, which lives until it goes out of scope.
  ///
  /// - Throws: `SQLiteError` if the SQL is wrong, empty, or more than one statement.
  public func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    unsafe Statement(handle: try compile(sql, flags: 0), sql: sql, home: nil)
  }

  /// Lends out a compiled statement that is kept for the next time.
  ///
  /// It returns to the cache, reset and with no parameters bound, when it goes out of scope.
  ///
  /// - Throws: `SQLiteError` if the SQL is wrong, empty, or more than one statement.
  public func cached(_ sql: String) throws(SQLiteError) -> Statement {
    if let kept = cache.take(sql) {
      return unsafe Statement(handle: kept.handle, sql: sql, home: kept)
    }
    let compiled = unsafe try compile(sql, flags: UInt32(SQLITE_PREPARE_PERSISTENT))
    return unsafe Statement(handle: compiled, sql: sql, home: cache.keep(compiled, sql: sql))
  }

  private func compile(_ sql: String, flags: UInt32) throws(SQLiteError) -> OpaquePointer {
    var text = sql
    var compiled: OpaquePointer?
    var used = 0
    let code = text.withUTF8 { utf8 in
      unsafe utf8.withMemoryRebound(to: CChar.self) { utf8 in
        var tail: UnsafePointer<CChar>?
        let code = unsafe sqlite3_prepare_v3(
          handle, utf8.baseAddress, Int32(clamping: utf8.count), flags, &compiled, &tail)
        used = unsafe tail.map { unsafe $0 - (utf8.baseAddress ?? $0) } ?? utf8.count
        return code
      }
    }
    guard code == SQLITE_OK else { throw error(code, sql: sql) }
    let isWhole = text.utf8.dropFirst(used).allSatisfy { $0 <= 0x20 || $0 == UInt8(ascii: ";") }
    guard let statement = unsafe compiled, isWhole else {
      unsafe sqlite3_finalize(compiled)
      throw SQLiteError(
        extendedCode: SQLITE_MISUSE, message: "exactly one statement is expected", sql: sql)
    }
    return unsafe statement
  }
}

// MARK: - Settings

extension Connection {
  /// Switches triggers on or off for what this connection compiles from now on.
  ///
  /// Other connections to the same file are not affected.
  public func setTriggers(enabled: Bool) {
    unsafe opal_sqlite3_enable_triggers(handle, enabled ? 1 : 0)
  }
}

// MARK: - Values

extension Connection {
  /// The integer in the first column of the first row of a query, or nil if it has no row or null.
  ///
  /// - Throws: `SQLiteError` if the query fails or the column holds another type.
  public func int64(_ sql: String) throws(SQLiteError) -> Int64? {
    let query = try cached(sql)
    guard try query.step(), !query.isNull(0) else { return nil }
    return try query.int64(0)
  }

  /// The text in the first column of the first row of a query, or nil if it has no row or null.
  ///
  /// - Throws: `SQLiteError` if the query fails or the column holds another type.
  public func text(_ sql: String) throws(SQLiteError) -> String? {
    let query = try cached(sql)
    guard try query.step(), !query.isNull(0) else { return nil }
    return try query.text(0)
  }

  /// Whether a transaction is open.
  public var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// How many rows the last INSERT, UPDATE or DELETE changed.
  public var changedRowCount: Int64 { unsafe sqlite3_changes64(handle) }
}
