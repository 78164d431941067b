import Cryptography
import EventLog
import NativeCryptography
import Primitives
import TransparencyLog

/// Makes a data directory of a public log's resources, each checked against a signed root.
public struct LogRestore {
  /// How many events were appended.
  public private(set) var count: UInt64 = 0

  private let directory: DataDirectory
  /// How many events are appended at once.
  private static let batchCount = 1_024

  /// Prepares to fill a directory, which must hold no log yet.
  ///
  /// - Throws: ``NodeError``.
  public init(into directory: DataDirectory) throws(NodeError) {
    guard !directory.holdsLog else {
      throw .refused("\(directory.path) holds a log already; name another --datadir")
    }
    try Files.makeDirectory(directory.path)
    self.directory = directory
  }

  /// Appends every event of a source, whose checkpoint one of the keys has signed.
  ///
  /// The node key's signature of the checkpoint is kept too, where `node.pub` names that key.
  ///
  /// - Throws: ``NodeError`` at the first thing that is not in order; what is there then is no use.
  public mutating func run(
    _ source: some TileSource, keys: [VerifierKey], progress: (UInt64, UInt64) -> Void = { _, _ in }
  ) throws(NodeError) -> SignedTreeHead {
    let checkpoint: SignedTreeHead
    let signers: [VerifierKey]
    do throws(TransparencyError) {
      (checkpoint, signers) = try PublicLogCheck.checkpoint(source, keys: keys)
      try append(source, checkpoint, progress)
    } catch {
      throw .log(error.message)
    }
    try keepContent(source)
    try Files.write(checkpoint.bytes, to: directory.checkpoint)
    if let signer = signers.first(where: { $0.kind == .ed25519 }) {
      try Files.write(Bytes((signer.text + "\n").utf8), to: directory.logVerifierKey)
    }
    return checkpoint
  }

  private mutating func append(
    _ source: some TileSource, _ checkpoint: SignedTreeHead,
    _ progress: (UInt64, UInt64) -> Void
  ) throws(TransparencyError) {
    var tree = try TileTree(
      size: checkpoint.head.size, root: checkpoint.head.root, source: source)
    let log = try attempt { () throws(EventLogError) in
      try EventLog(path: directory.log, mode: .readWrite)
    }
    var rows: [Row] = []
    try tree.forEachEntry { (index, bytes) throws(TransparencyError) in
      rows.append(try Self.row(bytes, index: index, source: source))
      guard rows.count == Self.batchCount else { return }
      try attempt { () throws(EventLogError) in try log.append(rows) }
      rows = []
      progress(index + 1, checkpoint.head.size)
    }
    try attempt { () throws(EventLogError) in try log.append(rows) }
    count = log.count
    let root = try attempt { () throws(EventLogError) in try log.root() }
    guard root == checkpoint.head.root else {
      throw .contradictory(
        "the events make another root than the signed one: the log was kept in an older format")
    }
    guard let text = try source.resource(Self.nodeKey),
      let key = Hexadecimal.decode(text.filter { $0 > 0x20 }),
      let adopted = Checkpoint(checkpoint, publicKey: key)
    else { return }
    try attempt { () throws(EventLogError) in
      try log.adopt(adopted, provider: NativeCryptographyProvider.shared)
    }
  }

  /// The resource that names the node's secp256k1 key, in hexadecimal.
  public static let nodeKey = "node.pub"
  /// The resource that has what is known of another chain's state, each part under its own hash.
  public static let forkStates = "fork/states"
  /// The resource that names what else the log refers to, a Keccak-256 a line.
  public static let contentIndex = "content/index"

  /// The row of an entry, with its payload from beside it where that is large.
  static func row(
    _ bytes: Bytes, index: UInt64, source: some TileSource
  ) throws(TransparencyError) -> Row {
    let entry = try PublicLogCheck.event(bytes, index: index)
    if let row = entry.row() { return row }
    let name = LogResources.payload(index)
    guard let payload = try source.resource(name) else { throw .missing(name) }
    guard let row = entry.row(large: payload) else {
      throw .contradictory("\(name) is not what its entry names")
    }
    return row
  }

  private func keepContent(_ source: some TileSource) throws(NodeError) {
    let store = try ContentStore(directory: directory.content)
    var states: Bytes?
    do throws(TransparencyError) {
      states = try source.resource(Self.forkStates)
    } catch {
      throw .log(error.message)
    }
    if let states { try Files.write(states, to: directory.fork) }
    do throws(TransparencyError) {
      guard let index = try source.resource(Self.contentIndex) else { return }
      for line in index.split(separator: 0x0a) {
        let name = "content/" + String(decoding: line, as: UTF8.self)
        guard let hash = Hash(hexadecimal: String(name.dropFirst(8))) else {
          throw TransparencyError.malformed(what: Self.contentIndex, reason: "\(name) is no hash")
        }
        guard let bytes = try source.resource(name) else { throw TransparencyError.missing(name) }
        guard Keccak256.hash(bytes) == hash else {
          throw TransparencyError.contradictory("\(name) does not have the hash of its name")
        }
        do throws(NodeError) {
          try store.keep(bytes)
        } catch {
          throw TransparencyError.unreadable(error.message)
        }
      }
    } catch {
      throw .log(error.message)
    }
  }

  private func attempt<Value>(
    _ body: () throws(EventLogError) -> Value
  ) throws(TransparencyError) -> Value {
    do throws(EventLogError) {
      return try body()
    } catch {
      throw .unreadable("\(error)")
    }
  }
}
