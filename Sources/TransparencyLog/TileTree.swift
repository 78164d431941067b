import Cryptography
import Primitives

/// Where the resources of a log are read from: a folder, a server, a bundle.
public protocol TileSource {
  /// The bytes of a resource below the log's prefix, such as `tile/0/000`; nil if it is not there.
  ///
  /// - Throws: `TransparencyError.unreadable`.
  func resource(_ name: String) throws(TransparencyError) -> Bytes?
}

/// The tree behind a signed root, read from tiles that nobody needs to be trusted for.
///
/// The tiles at the right edge are hashed up to the root when the tree is opened; every other tile
/// is full, and its own root stands in the tile above it. So each hash that comes out of here is the
/// one that was signed, or there is an error. A tile a level is kept, whatever the size.
public struct TileTree<Source: TileSource> {
  /// How many leaves there are.
  public let size: UInt64
  /// The root over them.
  public let root: Hash

  private let source: Source
  private var edges: [[Hash]] = []
  private var kept: [Int: (index: UInt64, hashes: [Hash])] = [:]

  /// Opens the tree of a size and root.
  ///
  /// - Throws: `TransparencyError`: `missing`, `malformed` or `contradictory` for the tiles at its
  ///   right edge; what the source throws.
  public init(size: UInt64, root: Hash, source: Source) throws(TransparencyError) {
    self.size = size
    self.root = root
    self.source = source
    for level in 0..<8 {
      let count = TilePath.hashCount(level: level, treeSize: size)
      let width = Int(count & 0xff)
      let path = TilePath(level: level, index: count >> 8, width: max(1, width))
      edges.append(width == 0 ? [] : try Self.read(path, from: source))
    }
    guard Self.root(ofEdges: edges) == root else {
      throw .contradictory(
        "the tiles of \(size) entries do not have the root \(root.hexadecimal) that is signed")
    }
  }

  /// The leaf hashes of a tile.
  ///
  /// - Throws: `TransparencyError`.
  public mutating func leafHashes(tile index: UInt64) throws(TransparencyError) -> [Hash] {
    try hashes(level: 0, index: index)
  }

  /// The hashes of a tile, which is in the tree.
  ///
  /// - Throws: `TransparencyError`.
  public mutating func hashes(
    level: Int, index: UInt64
  ) throws(TransparencyError) -> [Hash] {
    let count = TilePath.hashCount(level: level, treeSize: size)
    precondition(index <= count >> 8, "the tile is in the tree")
    if index == count >> 8 { return edges[level] }
    if let known = kept[level], known.index == index { return known.hashes }
    let path = TilePath(level: level, index: index)
    let hashes = try Self.read(path, from: source)
    let above = try self.hashes(level: level + 1, index: index >> 8)
    guard Self.completeRoot(hashes[...]) == above[Int(index & 0xff)] else {
      throw .contradictory("\(path.text) does not have the root that the tile above it has of it")
    }
    kept[level] = (index, hashes)
    return hashes
  }

  /// The root of a complete subtree.
  ///
  /// - Throws: `TransparencyError`.
  public mutating func subtree(
    _ level: Int, _ index: UInt64
  ) throws(TransparencyError) -> Hash {
    let (tileLevel, height) = (level / 8, UInt64(level % 8))
    let first = index << height
    let hashes = try hashes(level: tileLevel, index: first >> 8)
    let start = Int(first & 0xff)
    precondition(start + 1 << height <= hashes.count, "the subtree is in the tree")
    return Self.completeRoot(hashes[start..<start + 1 << height])
  }

  /// The siblings from a leaf up to the root of the tree's first `treeSize` leaves.
  ///
  /// - Throws: `TransparencyError`.
  public mutating func inclusionProof(
    index: UInt64, treeSize: UInt64
  ) throws(TransparencyError) -> [Hash] {
    var tree = self
    defer { self = tree }
    return try MerkleTree.inclusionProof(index: index, treeSize: treeSize) {
      (level, index) throws(TransparencyError) in try tree.subtree(level, index)
    }
  }

  /// The nodes that show that the first `oldSize` leaves, at least one, are the start of the tree.
  ///
  /// - Throws: `TransparencyError`.
  public mutating func consistencyProof(oldSize: UInt64) throws(TransparencyError) -> [Hash] {
    var tree = self
    defer { self = tree }
    return try MerkleTree.consistencyProof(oldSize: oldSize, newSize: size) {
      (level, index) throws(TransparencyError) in try tree.subtree(level, index)
    }
  }

  /// The root of the tree's first `size` leaves.
  ///
  /// - Throws: `TransparencyError`.
  public mutating func root(size: UInt64) throws(TransparencyError) -> Hash {
    precondition(size <= self.size, "the tree has that many leaves")
    var root: Hash?
    var remaining = size
    while remaining > 0 {
      let level = remaining.trailingZeroBitCount
      remaining &= remaining - 1
      let node = try subtree(level, remaining >> UInt64(level))
      root = root.map { MerkleTree.nodeHash(node, $0) } ?? node
    }
    return root ?? MerkleTree.emptyRoot
  }

  // MARK: Reading

  /// A tile's hashes; of a partial tile that is gone, the beginning of the full one.
  private static func read(
    _ path: TilePath, from source: Source
  ) throws(TransparencyError) -> [Hash] {
    var bytes = try source.resource(path.text)
    var width = path.width
    if bytes == nil, path.isPartial {
      bytes = try source.resource(path.full.text)
      width = TilePath.fullWidth
    }
    guard let bytes else { throw .missing(path.text) }
    guard bytes.count == width * Hash.sizeInBytes else {
      throw .malformed(
        what: path.text, reason: "it has \(bytes.count) bytes, and not \(width) hashes of 32")
    }
    return (0..<path.width).map { Hash(bytes[32 * $0..<32 * $0 + 32]) }
  }

  /// The root over partial tiles, one a level, the lowest first.
  private static func root(ofEdges edges: [[Hash]]) -> Hash {
    var root: Hash?
    for hashes in edges {
      var end = hashes.count
      while end > 0 {
        let count = 1 << end.trailingZeroBitCount
        let node = completeRoot(hashes[end - count..<end])
        root = root.map { MerkleTree.nodeHash(node, $0) } ?? node
        end -= count
      }
    }
    return root ?? MerkleTree.emptyRoot
  }

  /// The root over hashes whose number is a power of two.
  private static func completeRoot(_ hashes: ArraySlice<Hash>) -> Hash {
    var level = Array(hashes)
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map {
        MerkleTree.nodeHash(level[$0], level[$0 + 1])
      }
    }
    return level[0]
  }
}

extension TileTree {
  /// Goes through all entries, each of which must have its leaf hash; `body` gets the index too.
  ///
  /// - Throws: `TransparencyError`, also from `body`.
  public mutating func forEachEntry(
    from first: UInt64 = 0,
    _ body: (UInt64, Bytes) throws(TransparencyError) -> Void
  ) throws(TransparencyError) {
    var index = first >> 8
    while let path = TilePath.of(level: nil, index: index, treeSize: size) {
      for (place, entry) in try entries(path).enumerated() {
        let position = index << 8 + UInt64(place)
        if position >= first { try body(position, entry) }
      }
      index += 1
    }
  }

  /// The entries of a bundle that is in the tree.
  ///
  /// - Throws: `TransparencyError`.
  public mutating func entries(_ path: TilePath) throws(TransparencyError) -> [Bytes] {
    var width = path.width
    var bytes = try source.resource(path.text)
    if bytes == nil, path.isPartial {
      bytes = try source.resource(path.full.text)
      width = TilePath.fullWidth
    }
    guard let bytes else { throw .missing(path.text) }
    let entries = try EntryBundle.decode(bytes, count: width, name: path.text)
    let leaves = try leafHashes(tile: path.index)
    for (place, entry) in entries.prefix(path.width).enumerated() {
      guard MerkleTree.leafHash(entry) == leaves[place] else {
        throw .contradictory(
          "\(path.text): entry \(path.index << 8 + UInt64(place)) does not have its leaf hash")
      }
    }
    return Array(entries.prefix(path.width))
  }
}
