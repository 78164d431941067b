import Primitives
import SQLite
import Threads

/// An append-only log of events in one file, with the Merkle tree over them.
///
/// `EventLogFormat.swift` writes the format down. One log has one writer, which holds the lock of
/// the file's directory for as long as it is open; any number of readers, in this process or
/// others, may read meanwhile. An `EventLog` is not for use from two threads at a time: give each
/// its own, opened for reading.
///
///     let log = try EventLog(path: directory + "/log.sqlite", mode: .readWrite)
///     try log.append([Row(sequence: log.count + 1, kind: 16, payload: bytes, commitment: hash)])
///     let root = try log.root(size: log.count)
public final class EventLog {
  /// How a log is opened.
  public enum Mode: Sendable {
    /// Append and read; a log that is missing is made.
    case readWrite
    /// Only read, while another process may append; a log that is missing is an error.
    case readOnly
  }

  /// The file.
  public let path: String
  /// How it was opened.
  public let mode: Mode

  /// Where the file is.
  public let storage: Storage
  let connection: Connection
  let hasher: TreeHasher
  /// The version of the file's format, which says what a leaf is.
  public let format: Int64
  var tree = TileIndex()
  /// Rows of the table `event`, for as long as they are appended.
  var batch = RowBatch(table: "event", columnCount: 4)
  /// The tile whose leaf hashes were read last, for the next of a proof's nodes.
  var cachedTile: (number: UInt64, leaves: [Hash])?
  /// The thread that hashes beside the one that inserts, from the first large batch on.
  var companion: Companion?
  /// Whether a write failed in a way that leaves open what is durable.
  var hasFailed = false
  private let lock: DirectoryLock?

  /// Opens a log, or makes one.
  ///
  /// What it reads is a 256th of the log's hashes and the last few events; the root is compared
  /// with the last checkpoint's. `verify` is what reads everything. A log may be limited in size,
  /// beyond which an append is refused as if the disk were full. One that is not synced, for what
  /// is thrown away anyway, loses its last appends with the power, though not with the process.
  ///
  /// - Throws: `EventLogError`: `missing`, `notAnEventLog`, `newerFormat`, `inUse`, `busy`,
  ///   `inputOutput`, `corrupt`, `diskFull` as the file is found.
  public init(
    path: String, mode: Mode, maximumSizeInBytes: Int64? = nil, isSynced: Bool = true,
    storage: Storage = .machine
  ) throws(EventLogError) {
    let lock: DirectoryLock?
    switch mode {
    case .readWrite:
      lock = try Self.lock(path, storage)
      if !storage.exists(path) { try Self.create(path, storage) }
    case .readOnly:
      lock = nil
    }
    var tampering: EventLogError?
    var format: Int64 = 0
    let connection = try Self.connect(
      path, mode, storage, version: &format, tampering: &tampering)
    self.format = format
    hasher = TreeHasher(format: format)
    if !isSynced {
      try Self.attempt(path) { () throws(SQLiteError) in
        try connection.execute("PRAGMA synchronous = OFF")
      }
    }
    if let maximumSizeInBytes {
      try Self.limit(connection, path, maximumSizeInBytes)
    }
    self.path = path
    self.mode = mode
    self.storage = storage
    self.lock = lock
    self.connection = connection
    try refresh()
    try checkLatestCheckpoint()
    if let tampering { try reportTampering(tampering) }
  }

  /// How many events there are: those that were there at opening or at the last `refresh`, and
  /// those appended since.
  public var count: UInt64 { tree.size }

  /// Takes in what another process has appended, and says how many events there are.
  ///
  /// - Throws: `EventLogError`: `corrupt` if the new leaf hashes are not gapless or do not fit the
  ///   last events.
  @discardableResult
  public func refresh() throws(EventLogError) -> UInt64 {
    // One snapshot for all of it, or an append in between would look like damage.
    try attempt { () throws(SQLiteError) in try connection.begin(.deferred) }
    defer { try? connection.rollBack() }
    tree = try loadTree(after: tree)
    return count
  }

  /// Runs `body`, and says what its failure means for this log.
  func attempt<Result: ~Copyable>(
    _ sequence: UInt64? = nil, _ body: () throws(SQLiteError) -> Result
  ) throws(EventLogError) -> Result {
    try Self.attempt(path, sequence, body)
  }
}
