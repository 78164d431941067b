import Primitives
import SQLite

/// The rows of a range, one after the other, each compared with the leaf hash stored beside it.
///
/// It keeps one row in memory. Until it goes out of scope it also keeps the journal of a log that
/// grows meanwhile from being cut back, so let it go when it has served.
public struct RowCursor: ~Copyable {
  private let path: String
  private let hasher: TreeHasher
  private let rows: Statement
  private let runs: Statement
  private let last: UInt64
  private var next: UInt64
  private var leaves: ArraySlice<Hash> = []

  init(
    path: String, connection: borrowing Connection, hasher: TreeHasher, first: UInt64,
    last: UInt64
  ) throws(SQLiteError) {
    let rows = try connection.cached(Self.rowsQuery)
    try rows.bind(1, Int64(clamping: first))
    try rows.bind(2, Int64(clamping: last))
    let runs = try connection.cached(Self.runsQuery)
    try runs.bind(1, Int64(clamping: first))
    try runs.bind(2, Int64(clamping: last))
    self.path = path
    self.hasher = hasher
    self.rows = rows
    self.runs = runs
    self.last = last
    self.next = first
  }

  private static let rowsQuery = """
    SELECT sequence, kind, payload, commitment FROM event
    WHERE sequence BETWEEN ? AND ? ORDER BY sequence
    """

  /// The runs from the one that holds the first event on.
  private static let runsQuery = """
    SELECT sequence, hashes FROM leaf
    WHERE sequence >= (SELECT max(sequence) FROM leaf WHERE sequence <= ?1) AND sequence <= ?2
    ORDER BY sequence
    """

  /// The next row, or nil after the last of the range.
  ///
  /// - Throws: `EventLogError.corrupt` with the sequence if the row is missing, is not what was
  ///   appended, or cannot be read; `inputOutput` if the file cannot be.
  public mutating func nextRow() throws(EventLogError) -> Row? {
    guard next <= last else { return nil }
    let row = try EventLog.attempt(path, next) { () throws(SQLiteError) in
      try readRow()
    }
    guard let row else { throw corrupt("it is missing") }
    guard row.sequence == next else {
      throw corrupt("it is missing, and \(row.sequence) is in its place")
    }
    guard try nextLeaf() == hasher.leaf(row) else {
      throw corrupt("its content is not what was appended: it does not match its leaf hash")
    }
    next += 1
    return row
  }

  /// Checks the next row like `nextRow` without handing it out: its leaf hash, or nil after the last.
  mutating func nextCheckedLeaf() throws(EventLogError) -> Hash? {
    guard next <= last else { return nil }
    let found = try EventLog.attempt(path, next) { () throws(SQLiteError) in try hashRow() }
    guard let found else { throw corrupt("it is missing") }
    guard found.sequence == next else {
      throw corrupt("it is missing, and \(found.sequence) is in its place")
    }
    guard try nextLeaf() == found.leaf else {
      throw corrupt("its content is not what was appended: it does not match its leaf hash")
    }
    next += 1
    return found.leaf
  }

  private func hashRow() throws(SQLiteError) -> (sequence: UInt64, leaf: Hash)? {
    guard try rows.step() else { return nil }
    let commitment = unsafe try rows.withBytes(3) { bytes in
      unsafe bytes.count == Hash.sizeInBytes ? Hash(Bytes(bytes)) : nil
    }
    guard let sequence = UInt64(exactly: try rows.int64(0)),
      let kind = UInt16(exactly: try rows.int64(1)), let commitment
    else { throw SQLiteError(corrupt: "a column is out of its range") }
    let leaf = unsafe try rows.withBytes(2) { payload in
      unsafe hasher.leaf(
        sequence: sequence, kind: kind, payload: payload, commitment: commitment)
    }
    return (sequence, leaf)
  }

  private func readRow() throws(SQLiteError) -> Row? {
    guard try rows.step() else { return nil }
    let commitment = try rows.blob(3)
    guard let sequence = UInt64(exactly: try rows.int64(0)),
      let kind = UInt16(exactly: try rows.int64(1)),
      let commitment = Hash(checking: commitment)
    else { throw SQLiteError(corrupt: "a column is out of its range") }
    return Row(
      sequence: sequence, kind: kind, payload: try rows.blob(2), commitment: commitment)
  }

  private mutating func nextLeaf() throws(EventLogError) -> Hash {
    if leaves.isEmpty {
      let run = try EventLog.attempt(path, next) { () throws(SQLiteError) in
        try LeafRun.next(of: runs)
      }
      guard let run, run.sequence <= next, next < run.end else {
        throw corrupt("its leaf hash is missing")
      }
      leaves = run.hashes[Int(next - run.sequence)...]
    }
    return leaves.removeFirst()
  }

  private func corrupt(_ detail: String) -> EventLogError {
    .corrupt(path: path, sequence: next, detail: detail)
  }
}

/// A row of the table `leaf`.
struct LeafRun {
  /// The sequence of the first event.
  let sequence: UInt64
  /// The leaf hashes of the events from there on.
  let hashes: [Hash]

  /// The sequence after the last event.
  var end: UInt64 { sequence + UInt64(hashes.count) }

  /// The run in the next row of a query for `sequence, hashes`, or nil after the last.
  static func next(of query: borrowing Statement) throws(SQLiteError) -> LeafRun? {
    guard try query.step() else { return nil }
    let bytes = try query.blob(1)
    guard let sequence = UInt64(exactly: try query.int64(0)), sequence > 0,
      !bytes.isEmpty, bytes.count % Hash.sizeInBytes == 0,
      bytes.count <= Hash.sizeInBytes * Int(EventLogFormat.tileWidth)
    else { throw SQLiteError(corrupt: "a run of leaf hashes is malformed") }
    let starts = stride(from: 0, to: bytes.count, by: Hash.sizeInBytes)
    return LeafRun(
      sequence: sequence, hashes: starts.map { Hash(bytes[$0..<$0 + Hash.sizeInBytes]) })
  }
}

extension SQLiteError {
  /// A value in the file that no writer of ours has put there.
  init(corrupt message: String) {
    self.init(extendedCode: Code.corrupt.rawValue, message: message)
  }
}
