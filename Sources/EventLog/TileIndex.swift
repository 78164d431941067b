import Primitives

/// What a log keeps of its tree in memory: every subtree from a tile's root up, and the leaf hashes
/// after the last complete tile.
///
/// A quarter of a byte an event, so 25 MB for a hundred million; the leaf hashes of a complete tile
/// are read from the file when a proof needs them, which is at most two tiles for any proof.
struct TileIndex {
  /// The leaf hashes after the last complete tile, fewer than a tile has.
  private(set) var tail: [Hash] = []
  /// `levels[k][i]` is the root of the complete subtree at level `tileHeight + k` and index `i`.
  private var levels: [[Hash]] = [[]]

  /// How many complete tiles there are.
  var tileCount: UInt64 { UInt64(levels[0].count) }

  /// How many leaves there are.
  var size: UInt64 { tileCount * EventLogFormat.tileWidth + UInt64(tail.count) }

  /// The root of a complete subtree of whole tiles.
  func root(level: Int, index: UInt64) -> Hash {
    levels[level - EventLogFormat.tileHeight][Int(index)]
  }

  /// Appends the root of a complete tile, whose leaves replace the tail.
  mutating func appendTile(root: Hash, hasher: TreeHasher) {
    tail.removeAll(keepingCapacity: true)
    var node = root
    var height = 0
    levels[0].append(node)
    while levels[height].count & 1 == 0 {
      node = hasher.node(levels[height][levels[height].count - 2], node)
      height += 1
      if height == levels.count { levels.append([]) }
      levels[height].append(node)
    }
  }

  /// Replaces the leaf hashes after the last complete tile.
  mutating func setTail(_ leaves: [Hash]) {
    precondition(leaves.count < Int(EventLogFormat.tileWidth), "a complete tile is no tail")
    tail = leaves
  }

  /// How the tree grows by these leaves: runs that end where tiles do, or before.
  func growth(by leaves: [Hash], hasher: TreeHasher) -> [Growth] {
    var result: [Growth] = []
    var open = tail
    var start = 0
    while start < leaves.count {
      let room = Int(EventLogFormat.tileWidth) - open.count
      let run = leaves[start..<min(start + min(room, EventLogFormat.runLength), leaves.count)]
      open.append(contentsOf: run)
      let isComplete = run.count == room
      result.append(
        Growth(
          sequence: size + UInt64(start) + 1, leaves: run,
          tileRoot: isComplete ? hasher.completeRoot(open[...]) : nil))
      if isComplete { open.removeAll(keepingCapacity: true) }
      start += run.count
    }
    return result
  }

  /// Takes in what `growth` said, once it is durable.
  mutating func append(_ growth: [Growth], hasher: TreeHasher) {
    for part in growth {
      if let root = part.tileRoot {
        appendTile(root: root, hasher: hasher)
      } else {
        setTail(tail + part.leaves)
      }
    }
  }

  /// A run of leaves within one tile.
  struct Growth {
    /// The sequence of the run's first event.
    let sequence: UInt64
    /// The leaf hashes.
    let leaves: ArraySlice<Hash>
    /// The root of the tile that the run completes, if it does.
    let tileRoot: Hash?

    /// The number of the tile that the run lies in.
    var tile: UInt64 { (sequence - 1) / EventLogFormat.tileWidth }

    /// The hashes one after the other.
    var bytes: Bytes {
      var bytes = Bytes()
      bytes.reserveCapacity(leaves.count * Hash.sizeInBytes)
      for leaf in leaves { leaf.append(to: &bytes) }
      return bytes
    }
  }
}
