import Primitives

/// The tree cut into the tiles in which C2SP's tlog-tiles serves it.
extension EventLog {
  /// The first `width` hashes of a tile: at level l the roots of complete subtrees of 256^l leaves,
  /// from number `index * 256` on.
  ///
  /// The level is below 8, the width from 1 to 256.
  ///
  /// - Throws: `EventLogError`: `outOfRange` if the log is not that long yet; `corrupt`.
  public func tileHashes(
    level: Int, index: UInt64, width: Int
  ) throws(EventLogError) -> [Hash] {
    precondition((0..<8).contains(level) && (1...256).contains(width), "a tile of 256 hashes")
    let height = UInt64(EventLogFormat.tileHeight * level)
    let (first, overflow) = index.multipliedReportingOverflow(by: EventLogFormat.tileWidth)
    guard !overflow, first < count >> height, UInt64(width) <= (count >> height) - first else {
      throw .outOfRange(path: path, requested: first, count: count >> height)
    }
    guard level > 0 else { return Array(try leaves(ofTile: index).prefix(width)) }
    return (first..<first + UInt64(width)).map { tree.root(level: Int(height), index: $0) }
  }

  /// The entries of the events from number `index * 256 + 1` on, `width` of them, as the tree's
  /// leaves are hashed from them.
  ///
  /// - Throws: `EventLogError`: `outOfRange` if the log is not that long yet; `corrupt`.
  public func entries(index: UInt64, width: Int) throws(EventLogError) -> [Bytes] {
    precondition((1...256).contains(width), "a bundle of up to 256 entries")
    let (first, overflow) = index.multipliedReportingOverflow(by: EventLogFormat.tileWidth)
    guard !overflow, first < count, UInt64(width) <= count - first else {
      throw .outOfRange(path: path, requested: first, count: count)
    }
    var entries: [Bytes] = []
    try forEachRow(from: first + 1, through: first + UInt64(width)) { row in
      entries.append(format < 2 ? row.encoded : row.entry)
    }
    return entries
  }
}
