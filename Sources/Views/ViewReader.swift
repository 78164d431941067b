import Primitives
import SQLite
import Synchronization

/// Reads views from any thread, while one writer extends them.
///
/// Each read has a connection of its own while it lasts and sees one state of the file: a batch
/// wholly or not at all, and every answer of the same ``read(_:)`` from the same batch. Reads
/// neither wait for the writer nor for each other.
public final class ViewReader: Sendable {
  /// The path of the file.
  public let path: String
  private let idle = Mutex<[ReadConnection]>([])

  /// How many connections are kept for the next reads.
  static let idleCount = 8

  private let prepare: @Sendable () -> Void
  private let storage: Storage

  private init(path: String, storage: Storage, prepare: @escaping @Sendable () -> Void) {
    self.path = path
    self.storage = storage
    self.prepare = prepare
  }

  /// Opens the views in a file that ``Views/open(path:isSynced:storage:)`` has made.
  ///
  /// `prepare` is called before each read.
  ///
  /// - Throws: ``ViewsError`` as opening the views does.
  public static func open(
    path: String, storage: Storage = .machine, prepare: @escaping @Sendable () -> Void = {}
  ) throws(ViewsError) -> ViewReader {
    let reader = ViewReader(path: path, storage: storage, prepare: prepare)
    let first = try ReadConnection(path: path, storage: storage)
    _ = try Schema.check(first.connection)
    reader.giveBack(first)
    return reader
  }

  /// Runs a body over one state of the views.
  ///
  /// - Throws: what the body throws, and ``ViewsError`` if the file cannot be read.
  public func read<Result>(
    _ body: (borrowing ViewSnapshot) throws(ViewsError) -> Result
  ) throws(ViewsError) -> Result {
    prepare()
    let lent = try borrow()
    do throws(ViewsError) {
      try ViewsError.wrapping { () throws(SQLiteError) in try lent.connection.begin(.deferred) }
      let result = try body(ViewSnapshot(lent))
      try ViewsError.wrapping { () throws(SQLiteError) in try lent.connection.commit() }
      giveBack(lent)
      return result
    } catch {
      // A connection that cannot end its transaction is dropped, which ends it.
      if (try? lent.connection.rollBack()) != nil { giveBack(lent) }
      throw error
    }
  }

  private func borrow() throws(ViewsError) -> ReadConnection {
    if let kept = idle.withLock({ $0.popLast() }) { return kept }
    return try ReadConnection(path: path, storage: storage)
  }

  private func giveBack(_ connection: ReadConnection) {
    idle.withLock { kept in
      if kept.count < ViewReader.idleCount { kept.append(connection) }
    }
  }
}

/// A read-only connection, which the reader lends to one read at a time.
///
/// That is why it may pass between threads although SQLite's connections have no lock here.
final class ReadConnection: @unchecked Sendable {
  let connection: Connection

  init(path: String, storage: Storage) throws(ViewsError) {
    connection = try ViewsError.wrapping { () throws(SQLiteError) in
      let connection = try Connection(path: path, mode: .readOnly, storage: storage)
      try connection.execute("PRAGMA query_only = ON; PRAGMA cache_size = -4096")
      return connection
    }
  }
}

/// One state of the views, while ``ViewReader/read(_:)`` runs.
public struct ViewSnapshot: ~Copyable {
  private let lent: ReadConnection

  init(_ lent: ReadConnection) { self.lent = lent }

  var connection: Connection { _read { yield lent.connection } }

  /// How far into the log the views have come.
  public func cursor() throws(ViewsError) -> ViewCursor {
    try Schema.cursor(on: lent.connection)
  }

  /// The digest of each view, ascending by name; it reads every row.
  public func digests() throws(ViewsError) -> [ViewDigest] {
    try ViewDigest.all(on: lent.connection)
  }
}
