import Primitives
import SQLite

extension EventLog {
  /// The event of a sequence.
  ///
  /// - Throws: `EventLogError`: `outOfRange` if it is not there yet; `corrupt` if it is not what
  ///   was appended.
  public func row(at sequence: UInt64) throws(EventLogError) -> Row {
    guard sequence > 0, sequence <= count else {
      throw .outOfRange(path: path, requested: sequence, count: count)
    }
    var cursor = try rows(from: sequence, through: sequence)
    guard let row = try cursor.nextRow() else {
      throw .corrupt(path: path, sequence: sequence, detail: "it is missing")
    }
    return row
  }

  /// The events from one sequence on, through another or the last.
  ///
  /// An empty range (`first` is `last + 1`) is one of no rows.
  ///
  /// - Throws: `EventLogError.outOfRange` if the range leaves the log.
  public func rows(
    from first: UInt64 = 1, through last: UInt64? = nil
  ) throws(EventLogError) -> RowCursor {
    let last = last ?? count
    guard first > 0, last <= count, first <= last + 1 else {
      throw .outOfRange(path: path, requested: first > last ? first : last, count: count)
    }
    return try attempt(first) { () throws(SQLiteError) in
      try RowCursor(
        path: path, connection: connection, hasher: hasher, first: first, last: last)
    }
  }

  /// Hands each event of a range to `body`, in order.
  ///
  /// - Throws: `EventLogError` from reading, or from `body`.
  public func forEachRow(
    from first: UInt64 = 1, through last: UInt64? = nil,
    _ body: (Row) throws(EventLogError) -> Void
  ) throws(EventLogError) {
    var cursor = try rows(from: first, through: last)
    while let row = try cursor.nextRow() { try body(row) }
  }
}

// MARK: - The tree in the file

extension EventLog {
  /// The tree as the file has it, from what is known of it already.
  ///
  /// The last events, which no tile covers, are compared with their leaf hashes.
  func loadTree(after known: TileIndex) throws(EventLogError) -> TileIndex {
    var tree = known
    let last = try attempt { () throws(SQLiteError) in
      try connection.int64("SELECT max(sequence) FROM event") ?? 0
    }
    guard let size = UInt64(exactly: last), size >= known.size else {
      throw .corrupt(
        path: path, sequence: UInt64(clamping: last) + 1,
        detail: "it is missing, and it was there before")
    }
    guard size > known.size else { return tree }
    try loadTiles(into: &tree, size: size)
    let first = tree.tileCount * EventLogFormat.tileWidth + 1
    var cursor = try attempt(first) { () throws(SQLiteError) in
      try RowCursor(
        path: path, connection: connection, hasher: hasher, first: first, last: size)
    }
    while try cursor.nextRow() != nil {}
    tree.setTail(try loadLeaves(ofTile: tree.tileCount, size: size))
    return tree
  }

  private func loadTiles(into tree: inout TileIndex, size: UInt64) throws(EventLogError) {
    let complete = size / EventLogFormat.tileWidth
    var next = tree.tileCount
    let query = try attempt { () throws(SQLiteError) in
      let query = try connection.cached(
        "SELECT number, root FROM tile WHERE number >= ? ORDER BY number")
      try query.bind(1, Int64(clamping: next))
      return query
    }
    while let (number, root) = try attempt(
      nil,
      { () throws(SQLiteError) in
        try query.step() ? (try query.int64(0), try query.blob(1)) : nil
      })
    {
      guard number == Int64(clamping: next), next < complete, let root = Hash(checking: root)
      else { throw corruptTile(next) }
      tree.appendTile(root: root, hasher: hasher)
      next += 1
    }
    guard next == complete else { throw corruptTile(next) }
  }

  private func corruptTile(_ number: UInt64) -> EventLogError {
    let first = number * EventLogFormat.tileWidth + 1
    return .corrupt(
      path: path, sequence: first,
      detail: "the root of tile \(number), which begins here, is missing or out of place")
  }

  /// The leaf hashes of one tile, in a log of this size.
  func loadLeaves(ofTile number: UInt64, size: UInt64) throws(EventLogError) -> [Hash] {
    let first = number * EventLogFormat.tileWidth + 1
    let end = min(first + EventLogFormat.tileWidth, size + 1)
    let query = try attempt(first) { () throws(SQLiteError) in
      let query = try connection.cached(
        "SELECT sequence, hashes FROM leaf WHERE sequence BETWEEN ? AND ? ORDER BY sequence")
      try query.bind(1, Int64(clamping: first))
      try query.bind(2, Int64(clamping: first + EventLogFormat.tileWidth - 1))
      return query
    }
    var next = first
    var leaves: [Hash] = []
    while let run = try attempt(next, { () throws(SQLiteError) in try LeafRun.next(of: query) }) {
      guard run.sequence == next, run.end <= end else {
        throw .corrupt(path: path, sequence: next, detail: "its leaf hash is out of place")
      }
      leaves.append(contentsOf: run.hashes)
      next = run.end
    }
    guard next == end else {
      throw .corrupt(path: path, sequence: next, detail: "its leaf hash is missing")
    }
    return leaves
  }
}
