import DataAvailability
import EventLog
import Ledger
import NativeCryptography
import Primitives

/// The data availability layer as a log has it, read without the rest of the world.
public struct StorageSnapshot: Sendable {
  /// What it began with.
  public let document: StorageDocument
  /// The state after the log's last event.
  public let state: StorageState
  /// How many events the log has in all.
  public let eventCount: UInt64

  /// Reads a data directory's log, which a running node may be extending; nil where no layer is
  /// declared in it.
  ///
  /// Only the layer's own events are applied; whether the log is what its replay gives, `opal
  /// replay` says.
  ///
  /// - Throws: ``NodeError`` where there is no log, or its events do not fit each other.
  public static func read(_ directory: DataDirectory) throws(NodeError) -> StorageSnapshot? {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    let reader = try LogReader(path: directory.log)
    var rows: [Row] = []
    var count: UInt64 = 0
    do throws(EventLogError) {
      (rows, count) = try reader.read { (log) throws(EventLogError) in
        var cursor = try log.rows(through: nil)
        var rows: [Row] = []
        while let row = try cursor.nextRow() {
          let kind = Event.Kind(rawValue: row.kind)
          if kind == .storageDeclared || kind == .storageChanged { rows.append(row) }
        }
        return (rows, log.count)
      }
    } catch {
      throw .log("\(error)")
    }
    var document: StorageDocument?
    var state: StorageState?
    for row in rows {
      do {
        switch try Event.decode(kind: row.kind, payload: row.payload) {
        case .storageDeclared(let declaration):
          document = try StorageDocument(parsing: declaration.document)
          state = document?.initialState
        case .storageChanged(let change): try state?.apply(StorageEvent(bytes: change.encoded))
        default: break
        }
      } catch {
        throw .mismatch(
          sequence: row.sequence, field: "storage", recorded: "\(row.payload.count) bytes",
          replayed: "\(error)")
      }
    }
    guard let document, let state else { return nil }
    return StorageSnapshot(document: document, state: state, eventCount: count)
  }
}
