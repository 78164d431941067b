import Cryptography
import Primitives
import SQLite

extension EventLog {
  /// What a verification has found to be in order.
  public struct Verification: Hashable, Sendable {
    /// How many events there are, gapless from 1.
    public let count: UInt64
    /// The root of the tree over all of them.
    public let root: Hash
    /// The checkpoints, the oldest first, each with the root of the tree at its size.
    public let checkpoints: [Checkpoint]
  }

  /// Reads the whole log, and makes sure that it is what was appended.
  ///
  /// Every event is there and matches its leaf hash; the tree is built anew from the rows and gives
  /// every tile's root and every checkpoint's, and nothing lies outside of it; the database is
  /// sound. With a provider every checkpoint's signature is checked, too; whose key it is that
  /// signed is for the caller to compare. `progress` hears of every 65,536th event.
  ///
  /// - Throws: `EventLogError.corrupt` with the first sequence at fault; `inputOutput`.
  public func verify(
    provider: (any CryptographyProvider)? = nil, progress: (UInt64) -> Void = { _ in }
  ) throws(EventLogError) -> Verification {
    // One snapshot, so that an append by another process does not look like damage.
    try attempt { () throws(SQLiteError) in try connection.begin(.deferred) }
    defer { try? connection.rollBack() }
    tree = try loadTree(after: tree)
    let checkpoints = try checkpoints()
    let frontier = try verifyRows(checkpoints[...], progress)
    guard try frontier.root == root() else {
      throw .corrupt(path: path, sequence: nil, detail: "the tree has another root than its tiles")
    }
    if let provider {
      for checkpoint in checkpoints where !checkpoint.isSigned(provider: provider) {
        throw .corrupt(
          path: path, sequence: checkpoint.size,
          detail: "the checkpoint of \(checkpoint.size) events is not signed by its key")
      }
    }
    try verifyExtent()
    return Verification(count: count, root: frontier.root, checkpoints: checkpoints)
  }

  /// Builds the tree anew from the rows, by the other implementation of the hashes.
  private func verifyRows(
    _ checkpoints: ArraySlice<Checkpoint>, _ progress: (UInt64) -> Void
  ) throws(EventLogError) -> MerkleFrontier {
    var checkpoints = checkpoints
    var frontier = MerkleFrontier()
    var cursor = try rows()
    while let row = try cursor.nextRow() {
      var tile: (index: UInt64, root: Hash)?
      frontier.append(row.leafHash(format: format)) { level, index, hash in
        if level == EventLogFormat.tileHeight { tile = (index, hash) }
      }
      if let tile, tile.root != tree.root(level: EventLogFormat.tileHeight, index: tile.index) {
        let first = tile.index * EventLogFormat.tileWidth + 1
        throw .corrupt(
          path: path, sequence: first,
          detail: "the events from here to \(row.sequence) do not have the root of their tile")
      }
      if let next = checkpoints.first, next.size == row.sequence {
        guard next.root == frontier.root else {
          throw .corrupt(
            path: path, sequence: next.size,
            detail: "the checkpoint of \(next.size) events has another root than they have")
        }
        checkpoints.removeFirst()
      }
      if row.sequence & 0xffff == 0 { progress(row.sequence) }
    }
    return frontier
  }

  /// Makes sure that no table has more than the tree accounts for, and that the pages are sound.
  private func verifyExtent() throws(EventLogError) {
    let (events, leaves, verdict) = try attempt { () throws(SQLiteError) in
      (
        try connection.int64("SELECT count(*) FROM event") ?? 0,
        try connection.int64("SELECT sum(length(hashes)) FROM leaf") ?? 0,
        try connection.text("PRAGMA integrity_check(1)")
      )
    }
    guard events == Int64(count) else {
      throw .corrupt(path: path, sequence: nil, detail: "\(events) rows for \(count) events")
    }
    guard leaves == Int64(count) * Int64(Hash.sizeInBytes) else {
      throw .corrupt(
        path: path, sequence: nil,
        detail: "\(leaves / Int64(Hash.sizeInBytes)) leaf hashes for \(count) events")
    }
    guard verdict == "ok" else {
      throw .corrupt(path: path, sequence: nil, detail: verdict ?? "the database is not sound")
    }
  }
}
