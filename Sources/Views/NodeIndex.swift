import Cryptography
import Primitives
import SQLite

// The nodes of tries lie in the file one behind the other, and an index finds them by their hashes.
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

extension Connection {
  /// The node whose Keccak-256 is `hash`; nil if it is not kept.
  func node(_ hash: Hash) throws(SQLiteError) -> Bytes? {
    for run in try nodeRuns() {
      let chunk = try nodeChunk(run.chunk(of: hash.word0))
      var index = chunk.firstIndex(of: hash.word0)
      while index < chunk.count, chunk[index].fingerprint == hash.word0 {
        if let node = try node(at: chunk[index].position), Keccak256.hash(node) == hash {
          return node
        }
        index += 1
      }
    }
    return nil
  }

  /// Keeps the nodes that `visit` hands to its second argument; its first one says whether there is
  /// a node of a hash already.
  func keepNodes(
    _ visit: (_ isKept: (Hash) -> Bool, _ keep: (Hash, Bytes) -> Void) -> Void
  ) throws(SQLiteError) {
    var failure: SQLiteError?
    var entries: [NodeEntry] = []
    var position = try int64("SELECT max(position) FROM trie_nodes") ?? 0
    visit(
      { hash in
        if failure != nil { return true }
        do throws(SQLiteError) {
          return try node(hash) != nil
        } catch {
          failure = error
          return true
        }
      },
      { hash, encoding in
        guard failure == nil else { return }
        position &+= 1
        entries.append(NodeEntry(fingerprint: hash.word0, position: position))
        do throws(SQLiteError) {
          try insert(Schema.trieNodes, .integer(position), .bytes(encoding))
        } catch {
          failure = error
        }
      })
    if let failure { throw failure }
    try index(entries)
  }

  /// Hands over every node once, in the order of the hashes.
  func forEachNode(_ body: (_ hash: Hash, _ node: Bytes) -> Void) throws(SQLiteError) {
    var reader = try NodeRunReader(try nodeRuns(), [], self)
    var fingerprint: UInt64?
    var alike: [Hash: Bytes] = [:]
    repeat {
      let entry = try reader.next(self)
      if entry?.fingerprint != fingerprint {
        for (hash, node) in alike.sorted(by: { $0.key < $1.key }) { body(hash, node) }
        alike = [:]
        fingerprint = entry?.fingerprint
      }
      guard let entry, let node = try node(at: entry.position) else { continue }
      alike[Keccak256.hash(node)] = node
    } while fingerprint != nil
  }

  /// Takes entries into the index.
  private func index(_ entries: [NodeEntry]) throws(SQLiteError) {
    guard !entries.isEmpty else { return }
    let runs = try nodeRuns()
    var merged: [NodeRun] = []
    var level = 0
    var count = entries.count
    while true {
      for run in runs where run.level == level {
        merged.append(run)
        count += run.count
      }
      if count <= NodeRun.capacity(level: level) { break }
      level += 1
    }
    let first = try (int64("SELECT max(chunk) FROM node_chunks") ?? 0) + 1
    let run = NodeRun(level: level, firstChunk: first, count: count)
    try write(run, of: try NodeRunReader(merged, entries, self))
    for old in merged {
      try self.run(
        "DELETE FROM node_chunks WHERE chunk BETWEEN ?1 AND ?2",
        [.integer(old.chunks.lowerBound), .integer(old.chunks.upperBound)])
      try self.run("DELETE FROM node_runs WHERE level = ?1", [.integer(Int64(old.level))])
    }
    try insert(
      Schema.nodeRuns, .integer(Int64(level)), .integer(run.firstChunk),
      .integer(Int64(run.bits)), .integer(Int64(count)))
  }

  private func write(_ run: NodeRun, of entries: NodeRunReader) throws(SQLiteError) {
    var entries = entries
    var place = run.firstChunk
    var chunk = NodeChunk()
    while let entry = try entries.next(self) {
      let next = run.chunk(of: entry.fingerprint)
      if next != place, !chunk.isEmpty {
        try insert(Schema.nodeChunks, .integer(place), .bytes(chunk.bytes))
        chunk = NodeChunk()
      }
      place = next
      chunk.append(entry)
    }
    try insert(Schema.nodeChunks, .integer(place), .bytes(chunk.bytes))
  }

  /// The runs of the index, those of the last nodes first; without any that no run can be like.
  private func nodeRuns() throws(SQLiteError) -> [NodeRun] {
    let rows = try cached(
      "SELECT level, first_chunk, bits, entry_count FROM node_runs ORDER BY level")
    var runs: [NodeRun] = []
    while try rows.step() {
      let (level, firstChunk) = (try rows.int64(0), try rows.int64(1))
      let (bits, count) = (try rows.int64(2), try rows.int64(3))
      guard 0...20 ~= level, 1...(1 << 60) ~= firstChunk, 0...40 ~= bits, 0...(1 << 50) ~= count
      else { continue }
      runs.append(
        NodeRun(level: Int(level), firstChunk: firstChunk, bits: Int(bits), count: Int(count)))
    }
    return runs
  }

  /// A chunk of the index; an empty one where none is.
  func nodeChunk(_ chunk: Int64) throws(SQLiteError) -> NodeChunk {
    let query = try cached("SELECT entries FROM node_chunks WHERE chunk = ?1")
    try query.bind(1, chunk)
    return try query.step() ? NodeChunk(try query.blob(0)) : NodeChunk()
  }

  private func node(at position: Int64) throws(SQLiteError) -> Bytes? {
    let query = try cached("SELECT node FROM trie_nodes WHERE position = ?1")
    try query.bind(1, position)
    return try query.step() ? try query.blob(0) : nil
  }
}
