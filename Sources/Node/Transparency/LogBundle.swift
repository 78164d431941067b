import Cryptography
import EventLog
import Ledger
import Primitives
import TransparencyLog

/// A log, or a range of it, in one file that proves itself.
///
/// The file is a tar archive of what `LogResources` names, as far as the range needs it, so that
/// whoever unpacks it can check it with any tool for C2SP's tlog-tiles. Beside them lie
///
///     manifest          the format, and the first and the last event
///     checkpoint        the signed tree head
///     log.vkey          the key that signs it
///     node.pub          the node's secp256k1 key, which signs it too
///     genesis/l2.json   the chains' specifications, from the first event, which
///                       genesis/event.tlog-proof proves where the range does not have it
///     content/index     the hashes of what the log refers to, each a file content/<hash>
///     fork/states       trie nodes of another chain, where the log's goes on from one: `ForkStore`
///     witness/…         what a range in the middle needs to be replayed, see `RangeWitness`
public enum LogBundle {
  /// The first line of the manifest.
  public static let title = "opal.log/bundle@v1"
  /// The name of the manifest.
  public static let manifest = "manifest"

  /// What was written.
  public struct Written: Sendable {
    /// The events.
    public var range: ClosedRange<UInt64>
    /// The signed tree that they are proved to stand in.
    public var checkpoint: SignedTreeHead
    /// Whether they can be replayed with nothing else at hand.
    public var isReplayable: Bool
  }

  /// Writes the events of a range, all that are signed if nil.
  ///
  /// A range in the middle begins earlier than is asked for where that makes it one that can be
  /// replayed: with the last event that says the world's digest.
  ///
  /// - Throws: ``NodeError`` if nothing is signed, the range leaves what is, or a file fails.
  public static func write(
    _ directory: DataDirectory, events range: ClosedRange<UInt64>?, to path: String,
    progress: (UInt64, UInt64) -> Void = { _, _ in }
  ) throws(NodeError) -> Written {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    let log = try attempt { () throws(EventLogError) in
      try EventLog(path: directory.log, mode: .readOnly)
    }
    guard Files.exists(directory.checkpoint), Files.exists(directory.logVerifierKey) else {
      throw .refused("\(directory.path): nothing is signed for the public yet")
    }
    let note = try Files.read(
      directory.checkpoint, limitInBytes: SignedNote.sizeLimitInBytes)
    let key = try Files.read(directory.logVerifierKey, limitInBytes: 4_096)
    let checkpoint: SignedTreeHead
    do throws(TransparencyError) {
      checkpoint = try SignedTreeHead(note)
    } catch {
      throw .file(path: directory.checkpoint, reason: error.message)
    }
    let size = checkpoint.head.size
    var range = range ?? 1...max(1, size)
    guard range.lowerBound >= 1, range.upperBound <= size else {
      throw .refused("\(size) events are signed; asked for \(range)")
    }
    var witness: RangeWitness?
    if range.lowerBound > 1 {
      let asked = range
      let start = try attempt { () throws(EventLogError) in
        try RangeWitness.start(of: log, before: asked.lowerBound)
      }
      if let start {
        witness = try RangeWitness.make(directory, log, range: start...range.upperBound)
      }
      if let start, witness != nil { range = start...range.upperBound }
    }
    let archive = try TarWriter(path: path)
    try archive.add(
      manifest, Bytes("\(title)\nfirst \(range.lowerBound)\nlast \(range.upperBound)\n".utf8))
    try archive.add(LogResources.checkpoint, note)
    try archive.add(LogResources.key, key)
    if let last = try attempt({ () throws(EventLogError) in try log.latestCheckpoint() }) {
      let text = Hexadecimal.encode(last.publicKey) + "\n"
      try archive.add(LogRestore.nodeKey, Bytes(text.utf8))
    }
    try addResources(of: log, range, size: size, to: archive, progress)
    try addGenesis(of: log, to: archive)
    if range.lowerBound > 1 { try addGenesisProof(of: log, checkpoint, to: archive) }
    if let witness {
      try archive.add(RangeWitness.worldName, witness.world)
      try archive.add(RangeWitness.statesName, witness.encodedStates)
    }
    let isReplayable = range == 1...size || witness != nil
    if isReplayable { try addContent(directory, to: archive) }
    try archive.finish()
    return Written(range: range, checkpoint: checkpoint, isReplayable: isReplayable)
  }

  /// The tiles that lead from a range's entries to the root, and the entries.
  private static func addResources(
    of log: EventLog, _ range: ClosedRange<UInt64>, size: UInt64, to archive: TarWriter,
    _ progress: (UInt64, UInt64) -> Void
  ) throws(NodeError) {
    for path in tiles(range, treeSize: size) {
      try add(path.text, of: log, to: archive)
      guard path.level == 0, path.index >= (range.lowerBound - 1) >> 8,
        path.index <= (range.upperBound - 1) >> 8
      else { continue }
      let entries = TilePath(level: nil, index: path.index, width: path.width)
      try add(entries.text, of: log, to: archive)
      progress(min(size, (path.index + 1) << 8), range.upperBound)
      let first = max(range.lowerBound, path.index << 8 + 1)
      let last = min(range.upperBound, (path.index << 8) + UInt64(path.width))
      guard first <= last else { continue }
      var large: [(UInt64, Bytes)] = []
      try attempt { () throws(EventLogError) in
        try log.forEachRow(from: first, through: last) { row in
          if !row.isEnteredWhole { large.append((row.sequence - 1, row.payload)) }
        }
      }
      for (index, payload) in large { try archive.add(LogResources.payload(index), payload) }
    }
  }

  /// The tiles that cover a range of events, those above them, and those at the tree's right edge.
  static func tiles(_ range: ClosedRange<UInt64>, treeSize: UInt64) -> [TilePath] {
    var paths: [TilePath] = []
    for level in 0..<8 {
      let count = TilePath.hashCount(level: level, treeSize: treeSize)
      guard count > 0 else { break }
      let shift = UInt64(8 * (level + 1))
      let first = (range.lowerBound - 1) >> shift
      let last = min((range.upperBound - 1) >> shift, (count - 1) >> 8)
      var indices = first <= last ? Array(first...last) : []
      let edge = (count - 1) >> 8
      if indices.last != edge { indices.append(edge) }
      paths += indices.compactMap { TilePath.of(level: level, index: $0, treeSize: treeSize) }
    }
    return paths
  }

  private static func add(
    _ name: String, of log: EventLog, to archive: TarWriter
  ) throws(NodeError) {
    let bytes = try attempt { () throws(EventLogError) in
      try LogResources.resource(name, of: log)
    }
    guard let bytes else {
      throw .refused(
        "\(log.path): \(name) cannot be made: it is of format 1, with a payload too large for it")
    }
    try archive.add(name, bytes)
  }

  private static func addContent(
    _ directory: DataDirectory, to archive: TarWriter
  ) throws(NodeError) {
    if Files.exists(directory.fork) {
      try archive.add(LogRestore.forkStates, try Files.read(directory.fork))
    }
    let store = ContentStore(reading: directory.content)
    let hashes = Files.names(in: directory.content).compactMap { Hash(hexadecimal: $0) }
    guard !hashes.isEmpty else { return }
    let lines = hashes.map { Hexadecimal.encode($0.bytes) + "\n" }
    try archive.add(LogRestore.contentIndex, Bytes(lines.joined().utf8))
    for hash in hashes {
      guard let bytes = try store.bytes(of: hash) else { continue }
      try archive.add("content/" + Hexadecimal.encode(hash.bytes), bytes)
    }
  }

  /// How many events the public checkpoint of a directory covers.
  ///
  /// - Throws: ``NodeError`` if there is none.
  public static func signedSize(_ directory: DataDirectory) throws(NodeError) -> UInt64 {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    let bytes = try Files.read(
      directory.checkpoint, limitInBytes: SignedNote.sizeLimitInBytes)
    do throws(TransparencyError) {
      return try SignedTreeHead(bytes).head.size
    } catch {
      throw .file(path: directory.checkpoint, reason: error.message)
    }
  }

  /// The genesis document of a layer, as the first event has it; nil if it has none.
  ///
  /// - Throws: ``NodeError``.
  public static func genesis(
    _ directory: DataDirectory, _ layer: Layer
  ) throws(NodeError) -> Bytes? {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    let row = try attempt { () throws(EventLogError) in
      try EventLog(path: directory.log, mode: .readOnly).row(at: 1)
    }
    guard
      case .genesisDeclared(let declaration)? = try? Event.decode(
        kind: row.kind, payload: row.payload)
    else { return nil }
    return declaration.documents.first { $0.layer == layer }?.json
  }

  static func attempt<Value: ~Copyable>(
    _ body: () throws(EventLogError) -> Value
  ) throws(NodeError) -> Value {
    do throws(EventLogError) {
      return try body()
    } catch {
      throw .log("\(error)")
    }
  }

  /// The range of events that a bundle says it has.
  ///
  /// - Throws: ``NodeError/refused(_:)`` if it says none.
  public static func range(_ bundle: TarSource) throws(NodeError) -> ClosedRange<UInt64> {
    let text: Bytes?
    do throws(TransparencyError) {
      text = try bundle.resource(manifest)
    } catch {
      throw .refused(error.message)
    }
    let lines = String(decoding: text ?? [], as: UTF8.self).split(separator: "\n")
    guard lines.count == 3, lines[0] == title, lines[1].hasPrefix("first "),
      lines[2].hasPrefix("last "), let first = UInt64(lines[1].dropFirst(6)),
      let last = UInt64(lines[2].dropFirst(5)), 1 <= first, first <= last, last < 1 << 62
    else { throw .refused("the archive is no bundle of a log: it has no manifest of one") }
    return first...last
  }

  /// The key that a bundle names, for whoever has none of his own to compare.
  ///
  /// - Throws: ``NodeError/refused(_:)``.
  public static func key(_ source: some TileSource) throws(NodeError) -> VerifierKey {
    do throws(TransparencyError) {
      guard let text = try source.resource(LogResources.key) else {
        throw TransparencyError.missing(LogResources.key)
      }
      return try VerifierKey(
        String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace })
    } catch {
      throw .refused(error.message)
    }
  }
}

extension LogBundle {
  /// Checks a range that need not begin with the first event: signature, tree, entries, payloads.
  ///
  /// - Throws: `TransparencyError` at the first thing that is not in order.
  public static func check(
    _ source: some TileSource, range: ClosedRange<UInt64>, keys: [VerifierKey]
  ) throws(TransparencyError) -> PublicLogReport {
    let (checkpoint, signers) = try PublicLogCheck.checkpoint(source, keys: keys)
    var report = PublicLogReport(checkpoint: checkpoint, signers: signers)
    guard range.upperBound <= checkpoint.head.size else {
      throw .contradictory("the bundle has events beyond the \(checkpoint.head.size) signed ones")
    }
    try checkGenesisProof(source, keys: keys)
    try eachRow(of: source, checkpoint, range) { row in
      report.entries += 1
      if !row.isEnteredWhole { report.payloads += 1 }
    }
    return report
  }

  /// Hands each event of a range to `body`, proved to stand in the signed tree.
  static func eachRow(
    of source: some TileSource, _ checkpoint: SignedTreeHead, _ range: ClosedRange<UInt64>,
    _ body: (Row) -> Void
  ) throws(TransparencyError) {
    var tree = try TileTree(
      size: checkpoint.head.size, root: checkpoint.head.root, source: source)
    for tile in (range.lowerBound - 1) >> 8...(range.upperBound - 1) >> 8 {
      guard let path = TilePath.of(level: nil, index: tile, treeSize: tree.size) else { continue }
      for (place, entry) in try tree.entries(path).enumerated() {
        let index = tile << 8 + UInt64(place)
        guard range.contains(index + 1) else { continue }
        body(try LogRestore.row(entry, index: index, source: source))
      }
    }
  }
}
