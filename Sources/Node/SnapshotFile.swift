import Cryptography
import EventLog
import Execution
import Ledger
import NativeCryptography
import Primitives
import SQLite
import Views

/// The file `snapshot` in a data directory: a world written down, so that a start need not replay
/// what came before it.
///
/// A cache like the views, in which the states are: 16 bytes that name the form, eight of the event's
/// sequence, big-endian, and ``World/snapshot()``. It is trusted where the log has an event there that
/// says the snapshot's digest; else the log is replayed from its beginning, as if there were none.
struct SnapshotFile {
  private let path: String
  private let storage: Storage

  /// The first bytes of the file.
  private static let name = Bytes("opal snapshot 2\n".utf8)
  /// From which size on a log that is closed gets a snapshot of its end.
  static let closingCount: UInt64 = 1_024
  /// By how much sooner both are due where events take long to replay.
  static let heavyShare: UInt64 = 8
  /// After how many events more it gets another.
  static let closingIntervalInEvents: UInt64 = 64
  /// A longer snapshot is written more rarely: for each of so many of its bytes there is an event.
  static let bytesPerEvent: UInt64 = 8_192
  private static let limitInBytes = 1 << 30

  init(_ path: String, on storage: Storage = .machine) {
    self.path = path
    self.storage = storage
  }

  /// Writes down a world, whose digest stands in the log at `sequence`, in the place of the one
  /// before, after the views have all of it durably.
  ///
  /// - Throws: ``NodeError``.
  func write(_ world: Bytes, at sequence: UInt64, after views: Views) throws(NodeError) {
    do throws(ViewsError) { try views.synchronize() } catch { throw .views(error.message) }
    var file = Self.name
    file.reserveCapacity(world.count + 24)
    for shift in stride(from: 56, through: 0, by: -8) {
      file.append(UInt8(truncatingIfNeeded: sequence >> UInt64(shift)))
    }
    try Files.write(file + world, to: path, on: storage)
  }

  /// The world that is written down, if the log vouches for it; nil if there is none.
  ///
  /// - Throws: `SnapshotError` where it is not to be trusted.
  func read(
    _ log: EventLog, _ views: Views, content: ContentStore, states: ForkStore? = nil
  ) throws(SnapshotError) -> World? {
    guard storage.exists(path) else { return nil }
    let (sequence, body) = try parts()
    guard sequence <= views.cursor.sequence else {
      throw Self.refused("the views have only \(views.cursor.sequence) events of it")
    }
    let commitment = try vouchedCommitment(of: body, at: sequence, by: log)
    let (history, past) = try sources(log, views, states)
    return try World(
      snapshot: body, at: sequence, commitment: commitment, genesis: try genesis(log),
      provider: NativeCryptographyProvider.shared, content: content, states: states, past: past
    ) { (wanted) throws(SnapshotError) in
      guard wanted.isHead else {
        return history.state(
          root: wanted.root, layer: wanted.layer, number: wanted.number, through: wanted.through)
      }
      guard let found = history.state(root: wanted.root) else {
        throw SnapshotFile.refused("the views do not have the state that it ends with")
      }
      return found
    }
  }

  private static func refused(_ reason: String) -> SnapshotError { SnapshotError(reason: reason) }

  private func parts() throws(SnapshotError) -> (sequence: UInt64, world: Bytes) {
    let file: Bytes
    do throws(NodeError) {
      file = try Files.read(path, limitInBytes: Self.limitInBytes, on: storage)
    } catch {
      throw Self.refused(error.message)
    }
    let start = Self.name.count + 8
    guard file.count > start, file.starts(with: Self.name) else {
      throw Self.refused("it is of another form")
    }
    let sequence = file[Self.name.count..<start].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return (sequence, Bytes(file[start...]))
  }

  /// The commitment of the event that has the world's digest.
  private func vouchedCommitment(
    of world: Bytes, at sequence: UInt64, by log: EventLog
  ) throws(SnapshotError) -> Hash {
    guard sequence > 0, sequence <= log.count else {
      throw Self.refused("the log has no event \(sequence)")
    }
    let row: Row
    do throws(EventLogError) { row = try log.row(at: sequence) } catch {
      throw Self.refused("\(error)")
    }
    let digest = WorldDigest(digest: NativeCryptographyProvider.shared.sha256(world))
    let event = try? Event.decode(kind: row.kind, payload: row.payload)
    guard event == .worldDigested(digest) else {
      throw Self.refused("its digest is not what the log has at event \(sequence)")
    }
    return row.commitment
  }

  /// Where the states are, and what came before.
  private func sources(
    _ log: EventLog, _ views: Views, _ states: ForkStore?
  ) throws(SnapshotError) -> (history: StateHistory, past: LoggedPast) {
    do {
      let reader = try ViewReader.open(path: views.path, storage: storage)
      return (
        StateHistory(reader, outside: states),
        LoggedPast(log: try LogReader(path: log.path, storage: storage), views: reader)
      )
    } catch {
      throw Self.refused("\(error)")
    }
  }

  private func genesis(_ log: EventLog) throws(SnapshotError) -> GenesisDeclaration {
    let row: Row
    do throws(EventLogError) { row = try log.row(at: 1) } catch { throw Self.refused("\(error)") }
    guard
      case .genesisDeclared(let declaration)? = try? Event.decode(
        kind: row.kind, payload: row.payload)
    else { throw Self.refused("the log's first event is no genesis") }
    return declaration
  }
}
