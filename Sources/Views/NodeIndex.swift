import Primitives
import SQLite

// The nodes of tries lie in pages one behind the other, and an index finds them by their hashes.
// In a B-tree of hashes each new key goes to a page of its own, so that what a batch costs grows with
// all that is there. Here the index consists of runs that are in the order of the hashes, each up to
// eight times as long as the one before it, and a batch is merged with those that are no longer than
// what comes of it: every entry is written several times, but always beside its neighbours (O'Neil
// and others, "The log-structured merge-tree", 1996). A run is cut into chunks by the first bits of
// the hashes, so that a search reads one chunk of each run.

/// Where a node lies whose hash begins with eight bytes.
struct NodeEntry: Comparable {
  /// The first eight bytes of the node's Keccak-256; a few nodes share theirs.
  var fingerprint: UInt64
  /// The page, and in the last bits where in it the node begins.
  var position: Int64

  static func < (left: NodeEntry, right: NodeEntry) -> Bool {
    (left.fingerprint, left.position) < (right.fingerprint, right.position)
  }
}

/// Entries of an index, in their order.
struct NodeRun {
  /// Entries in a run of the first level; eight times as many in one of each further level.
  private static let firstCapacity = 16_384
  /// Entries in a chunk, on the average at most: with room for chance they fit a page.
  private static let chunkCapacity = 192

  var level: Int
  var firstChunk: Int64
  /// The chunk of an entry is told by so many bits of its fingerprint.
  var bits: Int
  var count: Int

  /// The most entries of a run on a level.
  static func capacity(level: Int) -> Int { firstCapacity << min(3 * level, 40) }

  /// A run of so many entries.
  init(level: Int, firstChunk: Int64, count: Int) {
    self.init(level: level, firstChunk: firstChunk, bits: 0, count: count)
    while count >> bits > Self.chunkCapacity { bits += 1 }
  }

  init(level: Int, firstChunk: Int64, bits: Int, count: Int) {
    self.level = level
    self.firstChunk = firstChunk
    self.bits = bits
    self.count = count
  }

  /// The chunk that has the entries of a fingerprint.
  func chunk(of fingerprint: UInt64) -> Int64 {
    firstChunk + Int64(bits == 0 ? 0 : fingerprint >> UInt64(64 - bits))
  }

  /// All its chunks, of which those without entries are not there.
  var chunks: ClosedRange<Int64> { firstChunk...(firstChunk + (1 << Int64(bits)) - 1) }
}

/// The entries of a chunk as they stand in the file: big endian, sixteen bytes each.
struct NodeChunk {
  static let entrySize = 16

  private(set) var bytes: Bytes

  init(_ bytes: Bytes = []) { self.bytes = bytes }

  var isEmpty: Bool { bytes.isEmpty }
  var count: Int { bytes.count / Self.entrySize }

  subscript(index: Int) -> NodeEntry {
    NodeEntry(
      fingerprint: word(at: Self.entrySize * index),
      position: Int64(bitPattern: word(at: Self.entrySize * index + 8)))
  }

  mutating func append(_ entry: NodeEntry) {
    append(entry.fingerprint)
    append(UInt64(bitPattern: entry.position))
  }

  /// Where the entries of a fingerprint begin, or would.
  func firstIndex(of fingerprint: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if word(at: Self.entrySize * middle) < fingerprint { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func word(at offset: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in offset..<offset + 8 { word = word << 8 | UInt64(bytes[index]) }
    return word
  }

  private mutating func append(_ word: UInt64) {
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
    }
  }
}

/// Reads several runs at once in the order of their entries.
struct NodeRunReader {
  /// How far one of them was read.
  private struct Cursor {
    var chunk = NodeChunk()
    var index = 0
    /// Those that are not read yet.
    var chunks: ClosedRange<Int64>?
    var next: NodeEntry?

    mutating func step(_ connection: borrowing Connection) throws(SQLiteError) {
      while index == chunk.count {
        guard let following = chunks else {
          next = nil
          return
        }
        chunk = try connection.nodeChunk(following.lowerBound)
        let isLast = following.lowerBound == following.upperBound
        chunks = isLast ? nil : following.lowerBound + 1...following.upperBound
        index = 0
      }
      next = chunk[index]
      index += 1
    }
  }

  private var cursors: [Cursor] = []

  /// Begins to read runs of the file, and entries that are in no file yet.
  init(
    _ runs: [NodeRun], _ batch: [NodeEntry], _ connection: borrowing Connection
  ) throws(SQLiteError) {
    var fresh = Cursor()
    for entry in batch.sorted() { fresh.chunk.append(entry) }
    cursors = [fresh] + runs.map { Cursor(chunks: $0.chunks) }
    for index in cursors.indices { try cursors[index].step(connection) }
  }

  /// The next entry; nil behind the last one.
  mutating func next(_ connection: borrowing Connection) throws(SQLiteError) -> NodeEntry? {
    var least: (index: Int, entry: NodeEntry)?
    for index in cursors.indices {
      guard let entry = cursors[index].next else { continue }
      if let known = least, known.entry < entry { continue }
      least = (index, entry)
    }
    guard let least else { return nil }
    try cursors[least.index].step(connection)
    return least.entry
  }
}
