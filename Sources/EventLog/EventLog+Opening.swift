import Glibc
import Primitives
import SQLite

/// From a path to a connection on a file that is certainly a log.
extension EventLog {
  /// Where the lock of a log lies: the directory of its file.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The lock of a log's directory; a simulated disk belongs to one process.
  static func lock(_ path: String, _ storage: Storage) throws(EventLogError) -> DirectoryLock? {
    switch storage {
    case .machine: try DirectoryLock(directory: directory(of: path))
    case .simulated: nil
    }
  }

  /// Makes an empty log: whole under another name first, so that a crash leaves none or all of it.
  static func create(_ path: String, _ storage: Storage) throws(EventLogError) {
    let draft = path + ".new"
    for suffix in ["", "-wal", "-shm"] { storage.remove(draft + suffix) }
    try attempt(path) { () throws(SQLiteError) in
      let connection = try Connection(path: draft, mode: .create, storage: storage)
      try connection.execute(EventLogFormat.creation)
      try connection.transaction(.immediate) { () throws(SQLiteError) in
        try connection.execute(EventLogFormat.schema(version: EventLogFormat.version))
      }
      // Everything into the file itself, because its write-ahead log does not go with the name.
      try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
    do throws(StorageFailure) {
      try storage.rename(draft, to: path)
    } catch {
      throw .inputOutput(path: path, detail: error.detail)
    }
  }

  /// Opens the file and makes sure that it is a log of a version this code knows.
  ///
  /// `version` is set to the format's, and `tampering` when only the triggers are not those of a
  /// log: somebody has been at it.
  static func connect(
    _ path: String, _ mode: Mode, _ storage: Storage, version: inout Int64,
    tampering: inout EventLogError?
  ) throws(EventLogError) -> Connection {
    guard storage.exists(path) else { throw .missing(path: path) }
    let connection = try attempt(path) { () throws(SQLiteError) in
      try Connection(
        path: path, mode: connectionMode(path, mode, storage),
        busyTimeoutInMilliseconds: EventLogFormat.busyTimeoutInMilliseconds, storage: storage)
    }
    version = try checkHeader(of: connection, path)
    tampering = try checkSchema(of: connection, path, version: version)
    if mode == .readWrite {
      try attempt(path) { () throws(SQLiteError) in
        try connection.execute(EventLogFormat.writing)
        connection.setTriggers(enabled: false)
      }
    }
    return connection
  }

  /// A reader needs the file that coordinates it with a writer; where it cannot be made, as on a
  /// read-only medium, and no writer has left its journal, nobody else can be writing either.
  static func connectionMode(
    _ path: String, _ mode: Mode, _ storage: Storage
  ) -> Connection.Mode {
    guard mode == .readOnly else { return .readWrite }
    guard case .machine = storage else { return .readOnly }
    let isWritable = unsafe access(directory(of: path), W_OK) == 0
    return isWritable || storage.exists(path + "-wal") ? .readOnly : .immutable
  }

  private static func checkHeader(
    of connection: borrowing Connection, _ path: String
  ) throws(EventLogError) -> Int64 {
    let applicationID = try attempt(path) { () throws(SQLiteError) in
      try connection.int64("PRAGMA application_id")
    }
    guard applicationID == EventLogFormat.applicationID else {
      throw .notAnEventLog(path: path, detail: "its application id is \(applicationID ?? 0)")
    }
    let version = try attempt(path) { () throws(SQLiteError) in
      try connection.int64("PRAGMA user_version") ?? 0
    }
    guard version <= EventLogFormat.version else {
      throw .newerFormat(path: path, found: version, supported: EventLogFormat.version)
    }
    guard version >= 1 else {
      throw .notAnEventLog(path: path, detail: "its format is \(version), which never was")
    }
    return version
  }

  /// Compares the schema, and the rows of `meta`, with those of a new log, word for word.
  ///
  /// The answer is the difference, where that is in the triggers alone.
  private static func checkSchema(
    of connection: borrowing Connection, _ path: String, version: Int64
  ) throws(EventLogError) -> EventLogError? {
    let found = try attempt(path) { () throws(SQLiteError) in
      try declaration(of: connection)
    }
    let expected = try attempt(path) { () throws(SQLiteError) in
      let model = try Connection()
      try model.execute(EventLogFormat.schema(version: version))
      return try declaration(of: model)
    }
    if let error = difference(of: found, from: expected, path, areTriggers: false) { throw error }
    return difference(of: found, from: expected, path, areTriggers: true)
  }

  /// The first declaration that is missing, changed or too many.
  private static func difference(
    of found: [Declaration], from expected: [Declaration], _ path: String, areTriggers: Bool
  ) -> EventLogError? {
    let found = found.filter { $0.isTrigger == areTriggers }
    let expected = expected.filter { $0.isTrigger == areTriggers }
    for index in 0..<max(found.count, expected.count) {
      let line = index < expected.count ? expected[index] : found[index]
      if index < found.count, index < expected.count, found[index] == line { continue }
      return .notAnEventLog(path: path, detail: "its schema is not that of a log: \(line.name)")
    }
    return nil
  }

  /// Says what somebody who took the triggers away has changed: the first altered event, else the
  /// triggers themselves.
  func reportTampering(_ difference: EventLogError) throws(EventLogError) {
    try forEachRow { _ in }
    throw difference
  }

  private struct Declaration: Equatable {
    let name: String
    let text: String

    var isTrigger: Bool { text.hasPrefix("trigger on ") }
  }

  private static func declaration(
    of connection: borrowing Connection
  ) throws(SQLiteError) -> [Declaration] {
    var lines: [Declaration] = []
    for sql in [
      "SELECT name, type || ' on ' || tbl_name || ': ' || coalesce(sql, '') FROM sqlite_schema "
        + "ORDER BY name, type",
      "SELECT name, value FROM meta ORDER BY name",
    ] {
      let query = try connection.prepare(sql)
      while try query.step() {
        lines.append(Declaration(name: try query.text(0), text: try query.text(1)))
      }
    }
    return lines
  }

  /// Limits the size to which the file may grow.
  static func limit(
    _ connection: borrowing Connection, _ path: String, _ sizeInBytes: Int64
  ) throws(EventLogError) {
    try attempt(path) { () throws(SQLiteError) in
      let pageSize = try connection.int64("PRAGMA page_size") ?? 4096
      let pages = max(1, sizeInBytes / pageSize)
      _ = try connection.int64("PRAGMA max_page_count = \(pages)")
    }
  }

  /// Runs `body`, and says what its failure means for a log.
  static func attempt<Result: ~Copyable>(
    _ path: String, _ sequence: UInt64? = nil, _ body: () throws(SQLiteError) -> Result
  ) throws(EventLogError) -> Result {
    do throws(SQLiteError) {
      return try body()
    } catch {
      throw EventLogError(error, path: path, sequence: sequence)
    }
  }
}
