import CSQLite
import Glibc

/// What SQLite said when a call failed, with the statement it failed on.
public struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A primary result code of SQLite, such as `SQLITE_BUSY`.
  ///
  /// Source: https://www.sqlite.org/rescode.html
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// SQLite's number for the code, 0 to 255.
    public let rawValue: Int32

    /// Wraps SQLite's number.
    public init(rawValue: Int32) {
      self.rawValue = rawValue
    }

    /// `SQLITE_ERROR`: the SQL is wrong, or a table or column is missing.
    public static let error = Code(rawValue: SQLITE_ERROR)
    /// `SQLITE_BUSY`: another connection holds the lock that was needed.
    public static let busy = Code(rawValue: SQLITE_BUSY)
    /// `SQLITE_NOMEM`: memory ran out.
    public static let outOfMemory = Code(rawValue: SQLITE_NOMEM)
    /// `SQLITE_READONLY`: a write through a connection that may only read.
    public static let readOnly = Code(rawValue: SQLITE_READONLY)
    /// `SQLITE_INTERRUPT`: the statement was interrupted.
    public static let interrupted = Code(rawValue: SQLITE_INTERRUPT)
    /// `SQLITE_IOERR`: the operating system failed to read or write.
    public static let inputOutput = Code(rawValue: SQLITE_IOERR)
    /// `SQLITE_CORRUPT`: the file is malformed.
    public static let corrupt = Code(rawValue: SQLITE_CORRUPT)
    /// `SQLITE_FULL`: the disk, or the file's page limit, is full.
    public static let full = Code(rawValue: SQLITE_FULL)
    /// `SQLITE_CANTOPEN`: the file cannot be opened or made.
    public static let cannotOpen = Code(rawValue: SQLITE_CANTOPEN)
    /// `SQLITE_TOOBIG`: a value is past SQLite's limit.
    public static let tooBig = Code(rawValue: SQLITE_TOOBIG)
    /// `SQLITE_CONSTRAINT`: a constraint, or a trigger's `RAISE(ABORT)`, refused the change.
    public static let constraint = Code(rawValue: SQLITE_CONSTRAINT)
    /// `SQLITE_MISMATCH`: a column holds another type than the one asked for.
    public static let mismatch = Code(rawValue: SQLITE_MISMATCH)
    /// `SQLITE_MISUSE`: a statement was prepared from nothing, or from more than one statement.
    public static let misuse = Code(rawValue: SQLITE_MISUSE)
    /// `SQLITE_NOTADB`: the file is not an SQLite database.
    public static let notADatabase = Code(rawValue: SQLITE_NOTADB)
  }

  /// The primary code: what kind of failure.
  public let code: Code
  /// The extended code, such as `SQLITE_IOERR_FSYNC`; its low byte is the primary code.
  public let extendedCode: Int32
  /// SQLite's message, in English.
  public let message: String
  /// The statement that failed, if there was one.
  public let sql: String?

  /// Makes an error from an extended code and the message that goes with it.
  public init(extendedCode: Int32, message: String, sql: String? = nil) {
    self.code = Code(rawValue: extendedCode & 0xff)
    self.extendedCode = extendedCode
    self.message = message
    self.sql = sql
  }

  /// The message with its codes, and the statement where there is one.
  public var description: String {
    let codes = "SQLite \(code.rawValue)/\(extendedCode): \(message)"
    guard let sql else { return codes }
    return codes + " [" + sql + "]"
  }
}

extension SQLiteError {
  /// The failure that a connection has just reported.
  static func last(
    on database: OpaquePointer?, code: Int32, sql: String? = nil
  ) -> SQLiteError {
    guard let database = unsafe database else {
      return SQLiteError(extendedCode: code, message: text(of: code), sql: sql)
    }
    let extended = unsafe sqlite3_extended_errcode(database)
    // Some of SQLite's calls tell a full disk as any failure of the operating system.
    let number = unsafe sqlite3_system_errno(database)
    if extended & 0xff == SQLITE_IOERR, number == ENOSPC || number == EDQUOT {
      return SQLiteError(extendedCode: SQLITE_FULL, message: text(of: SQLITE_FULL), sql: sql)
    }
    guard extended & 0xff == code & 0xff, let message = unsafe sqlite3_errmsg(database) else {
      return SQLiteError(extendedCode: code, message: text(of: code), sql: sql)
    }
    return unsafe SQLiteError(
      extendedCode: extended, message: String(cString: message), sql: sql)
  }

  /// SQLite's general words for a code.
  private static func text(of code: Int32) -> String {
    guard let words = unsafe sqlite3_errstr(code) else { return "unknown error" }
    return unsafe String(cString: words)
  }
}
