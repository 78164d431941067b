import Cryptography
import Primitives
import SQLite

/// A page of nodes, as it is filled: their RLP, one behind the other.
struct NodePage {
  /// Bits of a position that say where in a page a node begins.
  static let offsetBits: Int64 = 12
  /// A page takes no more nodes behind so many bytes, which is less than one of SQLite's has.
  private static let capacity = 3_500

  let number: Int64
  private(set) var bytes: Bytes = []

  init(_ number: Int64) {
    self.number = number
    bytes.reserveCapacity(4_096)
  }

  var isFull: Bool { bytes.count > Self.capacity }

  /// Adds a node, and says where it is.
  mutating func append(_ node: Bytes) -> Int64 {
    precondition(!isFull, "a page that is full is written")
    defer { bytes += node }
    return number << Self.offsetBits | Int64(bytes.count)
  }

  /// The node at a position of a page; nil where none begins.
  static func node(at position: Int64, in page: Bytes) -> Bytes? {
    let offset = Int(position & (1 << offsetBits - 1))
    guard offset < page.count else { return nil }
    var reader = RLPReader(page[offset...])
    return (try? reader.rawItem()).map { Bytes($0) }
  }
}

extension Connection {
  /// The node whose Keccak-256 is `hash`; nil if it is not kept.
  func node(_ hash: Hash) throws(SQLiteError) -> Bytes? {
    try node(hash.word0, in: try nodeRuns()) { Keccak256.hash($0) == hash }
  }

  /// The first node whose hash begins so that is the one that is looked for.
  private func node(
    _ fingerprint: UInt64, in runs: [NodeRun], where isWanted: (Bytes) -> Bool
  ) throws(SQLiteError) -> Bytes? {
    for run in runs {
      let chunk = try nodeChunk(run.chunk(of: fingerprint))
      var index = chunk.firstIndex(of: fingerprint)
      while index < chunk.count, chunk[index].fingerprint == fingerprint {
        if let node = try node(at: chunk[index].position), isWanted(node) { return node }
        index += 1
      }
    }
    return nil
  }

  /// Keeps the nodes that `visit` hands to its second argument; its first one says whether a node is
  /// kept already.
  func keepNodes(
    _ visit: (_ isKept: (Hash, Bytes) -> Bool, _ keep: (Hash, Bytes) -> Void) -> Void
  ) throws(SQLiteError) {
    let runs = try nodeRuns()
    var failure: SQLiteError?
    var entries: [NodeEntry] = []
    var page = NodePage(try (int64("SELECT max(page) FROM trie_nodes") ?? 0) &+ 1)
    visit(
      { hash, encoding in
        if failure != nil { return true }
        do throws(SQLiteError) {
          return try node(hash.word0, in: runs) { $0 == encoding } != nil
        } catch {
          failure = error
          return true
        }
      },
      { hash, encoding in
        guard failure == nil else { return }
        entries.append(NodeEntry(fingerprint: hash.word0, position: page.append(encoding)))
        guard page.isFull else { return }
        do throws(SQLiteError) {
          try insert(Schema.trieNodes, .integer(page.number), .bytes(page.bytes))
        } catch {
          failure = error
        }
        page = NodePage(page.number &+ 1)
      })
    if let failure { throw failure }
    if !page.bytes.isEmpty {
      try insert(Schema.trieNodes, .integer(page.number), .bytes(page.bytes))
    }
    try index(entries, runs)
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
  private func index(_ entries: [NodeEntry], _ runs: [NodeRun]) throws(SQLiteError) {
    guard !entries.isEmpty else { return }
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
    let query = try cached("SELECT nodes FROM trie_nodes WHERE page = ?1")
    try query.bind(1, position >> NodePage.offsetBits)
    return try query.step() ? NodePage.node(at: position, in: try query.blob(0)) : nil
  }
}
