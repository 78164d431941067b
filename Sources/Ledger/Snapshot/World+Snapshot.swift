import Cryptography
import Execution
import Primitives

// A snapshot is a world written down, so that a start need not replay what came before it. States are
// in it by their roots, with the block and the event that they stand after; whoever reads it brings
// them. A rollup's world is not written down: derivation's memory of L1 has no form of its own.
//
//     [version, sequence, commitment, rules version, settler, usage, [[name, content], …],
//      [chain, …]]

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

extension World {
  /// The version of the form.
  private static let snapshotVersion: UInt64 = 1

  /// The world written down; nil where it has no form: a rollup, a DA layer, a chain that took
  /// over blocks of another, or whose operator asked for snapshots or to speak for others.
  public func snapshot() -> Bytes? {
    guard rollup == nil, storage == nil, sequence > 0 else { return nil }
    for layer in Layer.allCases {
      guard let chain = self[layer] else { continue }
      guard !chain.isReplaced, chain.operatorState == OperatorState() else { return nil }
    }
    var writer = RLPWriter()
    writer.list { list in
      list.append(uint64: World.snapshotVersion)
      list.append(uint64: sequence)
      list.append(hash: commitment)
      list.append(uint64: rulesVersion)
      list.append(address: settler)
      list.list { usage.write(to: &$0) }
      list.list { list in
        for reference in carried.references {
          list.append(hash: reference.name)
          list.append(hash: reference.content)
        }
      }
      list.list { list in
        for layer in Layer.allCases {
          guard let chain = self[layer] else { continue }
          list.list { chain.write(to: &$0) }
        }
      }
    }
    return writer.bytes
  }

  /// Reads a world that was written down, of the chains that a genesis declares.
  ///
  /// `state` brings each state. Nothing is believed of it until ``vouches(for:kind:payload:after:)``
  /// says that the log does.
  ///
  /// - Throws: ``SnapshotError``.
  public init(
    snapshot: Bytes, genesis: GenesisDeclaration, provider: any CryptographyProvider,
    content: (any ContentSource)?, states: (any StateSource)? = nil,
    state: (SnapshotState) throws(SnapshotError) -> State
  ) throws(SnapshotError) {
    self.init(provider: provider, content: content, states: states)
    do {
      var reader = RLPReader(snapshot)
      var list = try reader.list()
      try reader.end()
      guard try list.uint64() == World.snapshotVersion else {
        throw SnapshotError("it has another version")
      }
      sequence = try list.uint64()
      commitment = try list.hash()
      rulesVersion = try list.uint64()
      settler = try list.address()
      var fields = try list.list()
      usage = try UsageBook(from: &fields)
      try fields.end()
      var references = try list.list()
      while !references.isAtEnd {
        carried.add([
          ContentReference(name: try references.hash(), content: try references.hash())
        ])
      }
      var chains = try list.list()
      try list.end()
      for document in genesis.documents {
        var fields = try chains.list()
        var chain = Chain(
          layer: document.layer, genesis: try GenesisDocument.parse(document.json), sequence: 1)
        try chain.restore(from: &fields, state: state)
        self[document.layer] = chain
      }
      try chains.end()
    } catch let error as SnapshotError {
      throw error
    } catch {
      throw .malformed
    }
  }

  /// Whether the log says what a snapshot says: its last event, put together with the roots that
  /// follow from the snapshot, has the commitment that stands in the log.
  ///
  /// `previous` is the commitment of the row before. Which components the event changed is not
  /// told, so each choice of them is tried.
  public func vouches(
    for recorded: Hash, kind: UInt16, payload: Bytes, after previous: Hash
  ) -> Bool {
    guard recorded == commitment else { return false }
    let entry = Commitment.entryHash(
      sequence: sequence, kind: UInt64(kind), payload: payload)
    let roots = componentRoots
    for choice in 0..<(1 << roots.count) {
      let changed = roots.indices.filter { choice >> $0 & 1 == 1 }.map { roots[$0] }
      let found = Commitment.combine(
        version: rulesVersion, previous: previous, entry: entry, changed: changed)
      if found == recorded { return true }
    }
    return false
  }
}
