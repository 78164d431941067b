import EventLog
import Ledger
import Primitives
import TransparencyLog

/// What a bundle says of the chains' beginnings.
extension LogBundle {
  /// The chains' specifications, as files.
  static func addGenesis(of log: EventLog, to archive: TarWriter) throws(NodeError) {
    let row = try attempt { () throws(EventLogError) in try log.row(at: 1) }
    guard
      case .genesisDeclared(let declaration)? = try? Event.decode(
        kind: row.kind, payload: row.payload)
    else { return }
    for document in declaration.documents {
      try archive.add("genesis/\(document.layer.name).json", document.json)
    }
  }

  /// That the log begins with the event that the specifications are from, where the range does not.
  static func addGenesisProof(
    of log: EventLog, _ checkpoint: SignedTreeHead, to archive: TarWriter
  ) throws(NodeError) {
    let (row, path) = try attempt { () throws(EventLogError) in
      (
        try log.row(at: 1), try log.inclusionProof(sequence: 1, size: checkpoint.head.size)
      )
    }
    let entry = log.format < 2 ? row.encoded : row.entry
    let statement = InclusionStatement(
      extra: entry, index: 0, path: path, checkpoint: checkpoint)
    try archive.add(genesisProof, statement.bytes)
    if entry != row.encoded { try archive.add(LogResources.payload(0), row.payload) }
  }

  /// The proof of the first event in a bundle that does not have it.
  public static let genesisProof = "genesis/event.tlog-proof"

  /// Makes sure that a bundle's proof of the first event, if it has one, is one.
  static func checkGenesisProof(
    _ source: some TileSource, keys: [VerifierKey]
  ) throws(TransparencyError) {
    guard let bytes = try source.resource(genesisProof) else { return }
    let statement = try InclusionStatement(bytes)
    guard let entry = statement.extra, let declaration = try provedGenesis(source) else {
      throw .malformed(what: genesisProof, reason: "it is not of the first event")
    }
    try statement.verify(entry: entry, keys: keys)
    for document in declaration.documents {
      let name = "genesis/\(document.layer.name).json"
      guard try source.resource(name) == document.json else {
        throw .contradictory("\(name) is not what the first event declares")
      }
    }
  }

  /// The genesis in a bundle's proof of the first event; nil without one.
  static func provedGenesis(
    _ source: some TileSource
  ) throws(TransparencyError) -> GenesisDeclaration? {
    guard let bytes = try source.resource(genesisProof) else { return nil }
    let statement = try InclusionStatement(bytes)
    guard statement.index == 0, let entry = statement.extra else {
      throw .malformed(what: genesisProof, reason: "it is not of the first event")
    }
    let row = try LogRestore.row(entry, index: 0, source: source)
    guard
      case .genesisDeclared(let declaration)? = try? Event.decode(
        kind: row.kind, payload: row.payload)
    else { throw .malformed(what: genesisProof, reason: "the first event is no genesis") }
    return declaration
  }
}
