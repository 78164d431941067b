import Cryptography
import Primitives
import SQLite
import Threads

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
  /// Everything that `verifyTree` says, and the database is sound, with nothing in it besides.
  ///
  /// - Throws: `EventLogError.corrupt` with the first sequence at fault; `inputOutput`.
  public func verify(
    provider: (any CryptographyProvider)? = nil, progress: (UInt64) -> Void = { _ in }
  ) throws(EventLogError) -> Verification {
    let verification = try verifyTree(provider: provider, progress: progress)
    try verifyExtent()
    return verification
  }

  /// Builds the tree anew from the rows, on all of the machine's cores.
  ///
  /// Every event is there and matches its leaf hash; every tile and every checkpoint has the root
  /// of its events. With a provider every checkpoint's signature is checked, too; whose key it is
  /// that signed is for the caller to compare. `progress` hears of some of the sequences.
  ///
  /// - Throws: `EventLogError.corrupt` with the first sequence at fault; `inputOutput`.
  public func verifyTree(
    provider: (any CryptographyProvider)? = nil, progress: (UInt64) -> Void = { _ in }
  ) throws(EventLogError) -> Verification {
    // What another process appends meanwhile is not looked at: no append changes what is there.
    try refresh()
    let checkpoints = try checkpoints()
    try verifyRows(progress)
    for checkpoint in checkpoints {
      guard try root(size: checkpoint.size) == checkpoint.root else {
        throw .corrupt(
          path: path, sequence: checkpoint.size,
          detail: "the checkpoint of \(checkpoint.size) events has another root than they have")
      }
      if let provider, !checkpoint.isSigned(provider: provider) {
        throw .corrupt(
          path: path, sequence: checkpoint.size,
          detail: "the checkpoint of \(checkpoint.size) events is not signed by its key")
      }
    }
    return Verification(count: count, root: try root(), checkpoints: checkpoints)
  }

  /// How many events one thread reads at a time; whole tiles.
  private static let stretch = 64 * EventLogFormat.tileWidth

  /// Hashes all rows, and compares the roots of their tiles with those that are known.
  private func verifyRows(_ progress: (UInt64) -> Void) throws(EventLogError) {
    let (path, storage, format, count) = (path, storage, format, count)
    // A simulated disk knows no threads.
    let threads = if case .machine = storage { Parallel.coreCount } else { 1 }
    var first: UInt64 = 1
    while first <= count {
      let start = first
      let parts = min(UInt64(threads) * 4, (count - first) / Self.stretch + 1)
      let results = Parallel.map(Int(parts), threads: threads) { part in
        let from = start + UInt64(part) * Self.stretch
        return Result { () throws(EventLogError) in
          try EventLog.tileRoots(
            path, storage, format: format, from: from,
            through: min(from + Self.stretch - 1, count))
        }
      }
      for result in results {
        for root in try result.get() {
          let tile = (first - 1) / EventLogFormat.tileWidth
          guard root == tree.root(level: EventLogFormat.tileHeight, index: tile) else {
            throw .corrupt(
              path: path, sequence: first,
              detail: "the events from here to \(first + EventLogFormat.tileWidth - 1) do not "
                + "have the root of their tile")
          }
          first += EventLogFormat.tileWidth
        }
      }
      if first + EventLogFormat.tileWidth > count { first = count + 1 }
      progress(first - 1)
    }
  }

  /// The roots of the complete tiles of a range, which begins with a tile, from its rows alone.
  private static func tileRoots(
    _ path: String, _ storage: Storage, format: Int64, from first: UInt64,
    through last: UInt64
  ) throws(EventLogError) -> [Hash] {
    let connection = try attempt(path) { () throws(SQLiteError) in
      try Connection(
        path: path, mode: connectionMode(path, .readOnly, storage), storage: storage)
    }
    let hasher = TreeHasher(format: format)
    var cursor = try attempt(path, first) { () throws(SQLiteError) in
      try RowCursor(
        path: path, connection: connection, hasher: hasher, first: first, last: last)
    }
    var roots: [Hash] = []
    var leaves: [Hash] = []
    leaves.reserveCapacity(Int(EventLogFormat.tileWidth))
    while let leaf = try cursor.nextCheckedLeaf() {
      leaves.append(leaf)
      guard leaves.count == Int(EventLogFormat.tileWidth) else { continue }
      roots.append(hasher.completeRoot(leaves[...]))
      leaves.removeAll(keepingCapacity: true)
    }
    return roots
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
