import Cryptography
import Derivation
import EventLog
import Execution
import Ledger
import NativeCryptography
import Primitives
import Synchronization
import TransparencyLog

/// What a range of a log's events needs beside them to be executed again: the world after its first
/// event, which says that world's digest, and what of the states is read on the way.
///
///     witness/world     the world written down, see `World.snapshot()`
///     witness/states    RLP of a list: trie nodes and code, each found by its Keccak-256
///
/// Nothing of it is believed: the world has the digest that the signed log has, and nodes and code
/// hash to what the world names. What it does not prove is that the digest is right; who replays the
/// log from its beginning finds that out.
public struct RangeWitness: Sendable {
  /// The world after the first event.
  public var world: Bytes
  /// Trie nodes and code.
  public var states: [Bytes]

  /// The resource that has the world.
  public static let worldName = "witness/world"
  /// The resource that has nodes and code.
  public static let statesName = "witness/states"

  /// Nodes and code as RLP.
  var encodedStates: Bytes {
    RLPWriter.list { list in for bytes in states { list.append(bytes: bytes) } }
  }

  /// The last event up to `sequence` that says the world's digest; nil if there is none.
  static func start(
    of log: EventLog, before sequence: UInt64
  ) throws(EventLogError) -> UInt64? {
    var found: UInt64?
    try log.forEachRow(through: sequence) { row in
      if row.kind == Event.Kind.worldDigested.rawValue { found = row.sequence }
    }
    return found
  }

  /// The witness of a range that begins with a world's digest, made by replaying all up to its end;
  /// nil where the range cannot be replayed by itself: it takes back what came before it.
  ///
  /// - Throws: ``NodeError`` where the log is not what its replay gives.
  static func make(
    _ directory: DataDirectory, _ log: EventLog, range: ClosedRange<UInt64>
  ) throws(NodeError) -> RangeWitness? {
    let content = ContentStore(reading: directory.content)
    let fork = ForkStore(reading: directory.fork)
    var replay = Replay(lastSequence: range.upperBound, content: content, states: fork)
    var declaration: GenesisDeclaration?
    try each(of: log, 1...range.lowerBound) { (row) throws(NodeError) in
      if case .genesisDeclared(let genesis) = try replay.apply(row).event { declaration = genesis }
    }
    guard let declaration, let bytes = replay.world.snapshot() else { return nil }
    let recorder = ReadRecorder(replay.world, fork)
    guard
      let world = try? World(
        snapshot: bytes, at: replay.world.sequence, commitment: replay.world.commitment,
        genesis: declaration, provider: NativeCryptographyProvider.shared, content: content,
        states: recorder, past: NoPast(),
        state: { (wanted) throws(SnapshotError) in State(root: wanted.root, source: recorder) })
    else { return nil }
    var again = Replay(lastSequence: range.upperBound, from: world)
    do throws(NodeError) {
      if range.lowerBound < range.upperBound {
        try each(of: log, range.lowerBound + 1...range.upperBound) { (row) throws(NodeError) in
          try again.apply(row)
        }
      }
    } catch {
      return nil
    }
    return RangeWitness(world: bytes, states: recorder.recorded)
  }

  private static func each(
    of log: EventLog, _ range: ClosedRange<UInt64>,
    _ body: (Row) throws(NodeError) -> Void
  ) throws(NodeError) {
    var cursor = try LogBundle.attempt { () throws(EventLogError) in
      try log.rows(from: range.lowerBound, through: range.upperBound)
    }
    while true {
      let row: Row?
      do throws(EventLogError) { row = try cursor.nextRow() } catch { throw .log("\(error)") }
      guard let row else { return }
      try body(row)
    }
  }
}

extension RangeWitness {
  /// What a replay of a range came to.
  public struct Result: Hashable, Sendable {
    /// What was executed.
    public var progress: ReplayProgress
    /// The commitment after the last event, which is the one that the log has.
    public var commitment: Hash
  }

  /// Replays the range of a bundle that was checked already; nil where it has no witness.
  ///
  /// - Throws: ``NodeError/mismatch(sequence:field:recorded:replayed:)`` at the first event from
  ///   which something else follows than the log says.
  public static func replay(
    _ source: some TileSource, range: ClosedRange<UInt64>, keys: [VerifierKey]
  ) throws(NodeError) -> Result? {
    let parts: (world: Bytes, states: BundleStates, genesis: GenesisDeclaration)
    var rows: [Row] = []
    let content: BundleContent
    do throws(TransparencyError) {
      guard let world = try source.resource(worldName),
        let states = try source.resource(statesName),
        let genesis = try LogBundle.provedGenesis(source)
      else { return nil }
      let (checkpoint, _) = try PublicLogCheck.checkpoint(source, keys: keys)
      try LogBundle.eachRow(of: source, checkpoint, range) { rows.append($0) }
      parts = (world, try BundleStates(states), genesis)
      content = try BundleContent(source)
    } catch {
      throw .log(error.message)
    }
    return try replay(rows, parts.world, parts.states, parts.genesis, content)
  }

  private static func replay(
    _ rows: [Row], _ bytes: Bytes, _ states: BundleStates, _ genesis: GenesisDeclaration,
    _ content: BundleContent
  ) throws(NodeError) -> Result? {
    guard let first = rows.first, let last = rows.last else { return nil }
    let digest = WorldDigest(digest: NativeCryptographyProvider.shared.sha256(bytes))
    guard
      (try? Event.decode(kind: first.kind, payload: first.payload)) == .worldDigested(digest)
    else {
      throw .mismatch(
        sequence: first.sequence, field: "world", recorded: "another digest",
        replayed: digest.digest.hexadecimal)
    }
    let world: World
    do throws(SnapshotError) {
      world = try World(
        snapshot: bytes, at: first.sequence, commitment: first.commitment, genesis: genesis,
        provider: NativeCryptographyProvider.shared, content: content, states: states,
        past: NoPast()
      ) { (wanted) throws(SnapshotError) in State(root: wanted.root, source: states) }
    } catch {
      throw .refused("the witness: \(error.reason)")
    }
    var replay = Replay(lastSequence: last.sequence, from: world)
    for row in rows.dropFirst() { try replay.apply(row) }
    return Result(progress: replay.progress, commitment: replay.world.commitment)
  }
}

/// Nothing of what came before a range.
private struct NoPast: PastEvents {
  func transaction(acceptedAt sequence: UInt64) -> PooledTransaction? { nil }

  func transactions(inBlock number: UInt64, hash: Hash) -> [Bytes]? { nil }

  func l1Block(
    number: UInt64, hash: Hash, of configuration: RollupConfiguration
  ) -> L1Block? { nil }
}

/// The states of a world in memory by hash, with what was asked for.
private final class ReadRecorder: StateSource {
  private let known: [Hash: Bytes]
  private let heads: [State]
  private let fork: ForkStore
  private let asked = Mutex<[Hash: Bytes]>([:])

  init(_ world: World, _ fork: ForkStore) {
    var known: [Hash: Bytes] = [:]
    var heads: [State] = []
    for layer in Layer.allCases {
      for block in (world[layer]?.recent.map { $0 } ?? []).reversed() {
        block.state.visitNodes { hash, encoding in
          known.updateValue(encoding, forKey: hash) == nil
        }
      }
      if let head = world[layer]?.head.state { heads.append(head) }
    }
    self.known = known
    self.heads = heads
    self.fork = fork
  }

  var recorded: [Bytes] {
    asked.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
  }

  func node(_ hash: Hash) -> Bytes? { record(hash, known[hash] ?? fork.node(hash)) }

  func code(_ hash: Hash) -> Bytes? {
    record(hash, heads.lazy.compactMap { try? $0.code(hash) }.first ?? fork.code(hash))
  }

  private func record(_ hash: Hash, _ bytes: Bytes?) -> Bytes? {
    if let bytes { asked.withLock { $0[hash] = bytes } }
    return bytes
  }
}

/// The nodes and code of a witness, by what they hash to.
private final class BundleStates: StateSource {
  private let known: [Hash: Bytes]

  init(_ bytes: Bytes) throws(TransparencyError) {
    var known: [Hash: Bytes] = [:]
    do throws(RLPError) {
      var outer = RLPReader(bytes)
      var list = try outer.list()
      try outer.end()
      while !list.isAtEnd {
        let item = Bytes(try list.bytes())
        known[Keccak256.hash(item)] = item
      }
    } catch {
      throw .malformed(what: RangeWitness.statesName, reason: "\(error)")
    }
    self.known = known
  }

  func node(_ hash: Hash) -> Bytes? { known[hash] }

  func code(_ hash: Hash) -> Bytes? { known[hash] }
}

/// What a bundle has beside its events, by what it hashes to.
private final class BundleContent: ContentSource {
  private let known: [Hash: Bytes]

  init(_ source: some TileSource) throws(TransparencyError) {
    var known: [Hash: Bytes] = [:]
    for line in (try source.resource(LogRestore.contentIndex) ?? []).split(separator: 0x0a) {
      let name = "content/" + String(decoding: line, as: UTF8.self)
      guard let bytes = try source.resource(name) else { throw .missing(name) }
      known[Keccak256.hash(bytes)] = bytes
    }
    self.known = known
  }

  func content(of hash: Hash) -> Bytes? { known[hash] }
}
