import SQLite

/// Why views could not be opened, extended or read.
public enum ViewsError: Error, Hashable, Sendable {
  /// The file is not one of ours, is of another format, or is damaged.
  ///
  /// Nothing is lost by it: delete the file with ``Views/delete(path:)`` and take the log in anew.
  case needsRebuild(reason: String)
  /// A batch does not start right after what was taken in, or leaves a sequence out.
  case gap(expected: UInt64, got: UInt64)
  /// A block's number, or the count of its transactions, is past what a place can hold.
  case tooLarge(blockNumber: UInt64, index: Int)
  /// More logs match than the caller wants to have.
  case tooManyLogs(limit: Int)
  /// SQLite refused for a reason outside the file's content: a full disk, a lock, no memory.
  case storage(SQLiteError)

  /// The error in words.
  public var message: String {
    switch self {
    case .needsRebuild(let reason): "views.sqlite must be rebuilt from the log: \(reason)"
    case .gap(let expected, let got): "views expect event \(expected) next, got \(got)"
    case .tooLarge(let number, let index):
      "views cannot hold block \(number) with an item at index \(index)"
    case .tooManyLogs(let limit): "query returned more than \(limit) results"
    case .storage(let error): "views.sqlite: \(error.message)"
    }
  }

  /// A row is missing, or its columns hold what we never write.
  static func malformed(_ what: String) -> ViewsError {
    .needsRebuild(reason: "\(what) is missing or malformed")
  }

  /// Sorts SQLite's errors into those that a rebuild mends and the others.
  init(_ error: SQLiteError) {
    switch error.code {
    case .corrupt, .notADatabase, .mismatch, .constraint, .error:
      self = .needsRebuild(reason: error.description)
    default: self = .storage(error)
    }
  }

  /// Runs a body whose errors are SQLite's.
  @inline(__always)
  static func wrapping<Result: ~Copyable>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(ViewsError) -> Result {
    do throws(SQLiteError) {
      return try body()
    } catch {
      throw ViewsError(error)
    }
  }
}
