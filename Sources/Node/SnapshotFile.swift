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
/// A cache like the views, in which the states are: 16 bytes that name the form, SHA-256 over the
/// rest, and ``World/snapshot()``. It is trusted only where the log has its last event with its
/// commitment, and that event put together with the roots that follow from the snapshot's content
/// gives the same commitment; else the log is replayed from its beginning, as if there were none.
struct SnapshotFile {
  private let path: String

  /// The first bytes of the file.
  private static let name = Bytes("opal snapshot 1\n".utf8)
  /// From which size on a log that is closed gets a snapshot of its end.
  static let closingCount: UInt64 = 4_096
  /// After how many events more it gets another.
  static let closingIntervalInEvents: UInt64 = 64
  private static let limitInBytes = 1 << 30

  init(_ path: String) { self.path = path }

  /// Writes a world down in the place of the one before, after the views have all of it durably.
  ///
  /// - Throws: ``NodeError``.
  func write(_ world: World, after views: Views) throws(NodeError) {
    guard let bytes = world.snapshot() else { return }
    do throws(ViewsError) { try views.synchronize() } catch { throw .views(error.message) }
    try Files.write(Self.name + SHA256.hash(bytes).bytes + bytes, to: path)
  }

  /// The world that is written down, if the log vouches for it; nil if there is none.
  ///
  /// - Throws: `SnapshotError` where it is not to be trusted.
  func read(
    _ log: EventLog, _ views: Views, content: ContentStore, states: ForkStore? = nil
  ) throws(SnapshotError) -> World? {
    guard Files.exists(path) else { return nil }
    let body = try checkedBody()
    let history = try history(views)
    let world = try World(
      snapshot: body, genesis: try genesis(log), provider: NativeCryptographyProvider.shared,
      content: content, states: states
    ) { (wanted) throws(SnapshotError) in
      guard wanted.isHead else {
        return history.state(
          root: wanted.root, layer: wanted.layer, number: wanted.number, through: wanted.through)
      }
      let found = (try? history.state(wanted.layer, number: wanted.number)) ?? nil
      guard let found, found.root == wanted.root else {
        throw SnapshotFile.refused("the views do not have the state that it ends with")
      }
      return found
    }
    guard world.sequence <= views.cursor.sequence else {
      throw SnapshotFile.refused("the views have only \(views.cursor.sequence) events of it")
    }
    guard world.sequence <= log.count, try isVouched(world, by: log) else {
      throw SnapshotFile.refused("it is not what the log has at event \(world.sequence)")
    }
    return world
  }

  private static func refused(_ reason: String) -> SnapshotError { SnapshotError(reason: reason) }

  private func checkedBody() throws(SnapshotError) -> Bytes {
    let file: Bytes
    do throws(NodeError) {
      file = try Files.read(path, limitInBytes: Self.limitInBytes)
    } catch {
      throw Self.refused(error.message)
    }
    let start = Self.name.count + Hash.sizeInBytes
    guard file.count > start, file.starts(with: Self.name) else {
      throw Self.refused("it is of another form")
    }
    let body = Bytes(file[start...])
    guard SHA256.hash(body) == Hash(file[Self.name.count..<start]) else {
      throw Self.refused("it is damaged")
    }
    return body
  }

  private func history(_ views: Views) throws(SnapshotError) -> StateHistory {
    do throws(ViewsError) {
      return StateHistory(try ViewReader.open(path: views.path))
    } catch {
      throw Self.refused(error.message)
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

  private func isVouched(_ world: World, by log: EventLog) throws(SnapshotError) -> Bool {
    do throws(EventLogError) {
      let row = try log.row(at: world.sequence)
      let previous =
        world.sequence > 1 ? try log.row(at: world.sequence - 1).commitment : Hash.zero
      return world.vouches(
        for: row.commitment, kind: row.kind, payload: row.payload, after: previous)
    } catch {
      throw Self.refused("\(error)")
    }
  }
}
