import Primitives
import SQLite
import Threads

extension EventLog {
  /// Appends rows in one transaction: when it returns all of them are durable, and when it throws
  /// none of them is in the log.
  ///
  /// One transaction costs one sync of the disk, however many rows it has: so collect what is
  /// waiting and append it at once. The rows follow the last one without a gap. Appending no rows
  /// does nothing.
  ///
  /// - Throws: `EventLogError`: `readOnly`, `outOfOrder` and `payloadTooLarge` for what may not be
  ///   appended; `diskFull` and `busy`, after which it may be tried again; `inputOutput`, `corrupt`
  ///   and `database`, after which nothing more is appended until the log is opened anew.
  public func append(_ rows: [Row]) throws(EventLogError) {
    guard mode == .readWrite else { throw .readOnly(path: path) }
    guard !hasFailed else { throw .failedBefore(path: path) }
    try check(rows)
    guard !rows.isEmpty else { return }
    var sequence = rows[0].sequence
    let growth: [TileIndex.Growth]
    do throws(SQLiteError) {
      growth = try connection.transaction(.immediate) { () throws(SQLiteError) in
        let growth = try insertAndHash(rows, sequence: &sequence)
        try insert(growth)
        return growth
      }
    } catch {
      hasFailed = error.code != .full && error.code != .busy
      // Of rows that are written together, the one whose place is taken.
      if error.code == .constraint {
        let next = "SELECT min(sequence) FROM event WHERE sequence > \(count)"
        if let taken = try? connection.int64(next) { sequence = UInt64(bitPattern: taken) }
      }
      throw EventLogError(error, path: path, sequence: sequence)
    }
    tree.append(growth, hasher: hasher)
  }

  private func check(_ rows: [Row]) throws(EventLogError) {
    var next = count + 1
    for row in rows {
      guard row.sequence == next, next < Int64.max else {
        throw .outOfOrder(path: path, expected: next, found: row.sequence)
      }
      let limit = EventLogFormat.maximumPayloadSizeInBytes
      guard row.payload.count <= limit else {
        throw .payloadTooLarge(
          path: path, sequence: next, sizeInBytes: row.payload.count, limitInBytes: limit)
      }
      next += 1
    }
  }

  /// Inserts the rows, and says how the tree grows by them.
  ///
  /// A large batch is hashed on another thread while this one inserts.
  private func insertAndHash(
    _ rows: [Row], sequence: inout UInt64
  ) throws(SQLiteError) -> [TileIndex.Growth] {
    guard rows.count >= EventLog.concurrentHashCount else {
      try insert(rows, sequence: &sequence)
      return tree.growth(by: rows.map(hasher.leaf), hasher: hasher)
    }
    let (tree, hasher) = (tree, hasher)
    let hashing = { @Sendable () -> [TileIndex.Growth] in
      tree.growth(by: rows.map(hasher.leaf), hasher: hasher)
    }
    let companion = self.companion ?? Companion()
    self.companion = companion
    return try companion.beside(
      hashing, { () throws(SQLiteError) in try insert(rows, sequence: &sequence) }
    ).other
  }

  /// From how many rows on it is worth it to wake another thread for hashing them.
  private static let concurrentHashCount = 256

  private func insert(_ rows: [Row], sequence: inout UInt64) throws(SQLiteError) {
    defer { batch.removeAll() }
    for row in rows {
      // Of rows that are written together the first one is named.
      if batch.isEmpty { sequence = row.sequence }
      batch.append(Int64(row.sequence))
      batch.append(Int64(row.kind))
      batch.append(row.payload)
      batch.appendBytes(row.commitment.append)
      try batch.writeIfFull(to: connection)
    }
    try batch.write(to: connection)
  }

  private func insert(_ growth: [TileIndex.Growth]) throws(SQLiteError) {
    let insertRun = try connection.cached("INSERT INTO leaf VALUES (?, ?)")
    let insertTile = try connection.cached("INSERT INTO tile VALUES (?, ?)")
    for part in growth {
      try insertRun.bind(1, Int64(part.sequence))
      try insertRun.bind(2, part.bytes)
      try insertRun.run()
      guard let root = part.tileRoot else { continue }
      try insertTile.bind(1, Int64(part.tile))
      try insertTile.bind(2, root.bytes)
      try insertTile.run()
    }
  }
}
