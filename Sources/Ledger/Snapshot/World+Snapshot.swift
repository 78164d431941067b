import Cryptography
import DataAvailability
import Derivation
import Execution
import JSON
import Primitives

// A snapshot is all of a world written down, so that a start need not replay what came before it. An
// event of the log has its digest, which whoever replays the log works out again: so a snapshot is
// proved by the log, whole. States are in it by their roots, with the block and the event that they
// stand after, and transactions by the events that accepted them; whoever reads it brings them.
//
//     [version, rules version, settler, usage, [[name, content], …], [chain, …], [rollup]?,
//      [document, state]?]

/// Why bytes are no snapshot that can be used.
public struct SnapshotError: Error, Hashable, Sendable {
  /// What is wrong.
  public var reason: String

  /// An error with this reason.
  public init(reason: String) { self.reason = reason }

  init(_ reason: String) { self.init(reason: reason) }

  static let malformed = SnapshotError("it is malformed")
}

/// The state that a snapshot knows by its root alone.
public struct SnapshotState: Hashable, Sendable {
  /// The chain.
  public var layer: Layer
  /// The block that left it.
  public var number: UInt64
  /// The last event whose edits by hand are in it; `UInt64.max` for all there were.
  public var through: UInt64
  /// Its root.
  public var root: Hash
  /// Whether it is the state that the next block goes on from.
  public var isHead: Bool
}

/// What the log says of a whole world: that, written down, it has this digest.
public struct WorldDigest: Hashable, Sendable {
  /// SHA-256 of ``World/snapshot()``.
  public var digest: Hash

  /// A digest.
  public init(digest: Hash) { self.digest = digest }
}

extension World {
  /// The version of the form.
  private static let snapshotVersion: UInt64 = 2

  /// The world written down, but for its place in the log; nil where it has no form: before the
  /// genesis, and where derivation has stopped for good.
  public func snapshot() -> Bytes? {
    guard sequence > 0, rollup?.isAtRest != false else { return nil }
    var writer = RLPWriter(reservingCapacity: 1 << 20)
    writer.list { list in
      list.append(uint64: World.snapshotVersion)
      list.append(uint64: rulesVersion)
      list.append(address: settler)
      list.list { usage.write(to: &$0) }
      list.append(references: carried.references)
      list.list { list in
        for layer in Layer.allCases {
          guard let chain = self[layer] else { continue }
          list.list { chain.write(to: &$0) }
        }
      }
      list.list { rollup?.write(to: &$0) }
      list.append(optional: storage) { list, storage in
        list.append(bytes: storage.document.json.serialized())
        storage.state.write(snapshot: &list)
      }
    }
    return writer.bytes
  }

  /// The digest of a world that is written down.
  public func digest(ofSnapshot bytes: Bytes) -> WorldDigest {
    WorldDigest(digest: provider.sha256(bytes))
  }

  /// Reads a world that was written down, of the chains that a genesis declares.
  ///
  /// Whoever reads it has found its digest in the log at `sequence`, where the world's fingerprint
  /// is `commitment`. `state` brings each state, and `past` has what came before.
  ///
  /// - Throws: ``SnapshotError``.
  public init(
    snapshot: Bytes, at sequence: UInt64, commitment: Hash, genesis: GenesisDeclaration,
    provider: any CryptographyProvider, content: (any ContentSource)?,
    states: (any StateSource)? = nil, past: any PastEvents,
    state: (SnapshotState) throws(SnapshotError) -> State
  ) throws(SnapshotError) {
    self.init(provider: provider, content: content, states: states)
    self.sequence = sequence
    self.commitment = commitment
    do {
      var reader = RLPReader(snapshot)
      var list = try reader.list()
      try reader.end()
      guard try list.uint64() == World.snapshotVersion else {
        throw SnapshotError("it has another version")
      }
      rulesVersion = try list.uint64()
      settler = try list.address()
      var fields = try list.list()
      usage = try UsageBook(from: &fields)
      try fields.end()
      carried.add(try list.references())
      var chains = try list.list()
      for document in genesis.documents {
        var fields = try chains.list()
        var chain = Chain(
          layer: document.layer, genesis: try GenesisDocument.parse(document.json), sequence: 1)
        try chain.restore(from: &fields, past: past, state: state)
        self[document.layer] = chain
      }
      try chains.end()
      try restoreLayers(from: &list, past)
      try list.end()
    } catch let error as SnapshotError {
      throw error
    } catch {
      throw .malformed
    }
  }

  private mutating func restoreLayers(
    from list: inout RLPReader, _ past: any PastEvents
  ) throws {
    var fields = try list.list()
    if !fields.isAtEnd {
      rollup = try Rollup(from: &fields, past: past, provider: provider)
      try fields.end()
    }
    fields = try list.list()
    guard !fields.isAtEnd else { return }
    storage = StorageLayer(document: try StorageDocument(parsing: Bytes(try fields.bytes())))
    try storage?.state.restore(snapshot: &fields)
    try fields.end()
  }

  // MARK: The event

  /// Has the log say how the world stands; nothing where that has no form.
  func decideDigest() -> Decision {
    guard let bytes = snapshot() else { return Decision(events: []) }
    return Decision(events: [.worldDigested(digest(ofSnapshot: bytes))], hint: .snapshot(bytes))
  }

  /// Makes sure that the world is what the log says.
  mutating func check(_ recorded: WorldDigest, hint: Bytes?) throws(Misfit) -> [Consequence] {
    if hint == nil {
      let found = snapshot().map { digest(ofSnapshot: $0) }
      guard found == recorded else {
        throw .world(recorded: recorded.digest, found: found?.digest)
      }
    }
    return [
      .digested(
        heads: Layer.allCases.compactMap { layer in self[layer].map { (layer, $0.number) } })
    ]
  }
}
