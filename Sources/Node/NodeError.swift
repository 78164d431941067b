import Ledger
import Primitives

/// Why a node cannot be opened, or can no longer write: told to the operator, with what and where.
public enum NodeError: Error, Sendable {
  /// A file or folder could not be read or written.
  case file(path: String, reason: String)
  /// Another process has the data directory open.
  case inUse(path: String, processIdentifier: Int32?)
  /// The log could not be opened, read or extended.
  case log(String)
  /// The views could not be opened, read or extended.
  case views(String)
  /// A row of the log is not what replaying it gives.
  case mismatch(sequence: UInt64, field: String, recorded: String, replayed: String)
  /// The data directory holds no log.
  case noLog(path: String)
  /// The data directory's chain is not the one that was asked for.
  case otherGenesis(path: String)
  /// A command that must succeed at start was refused.
  case refused(String)
  /// The node stopped writing after an earlier failure.
  case halted(String)
  /// The node was asked to stop.
  case stopped

  /// What is wrong, in words.
  public var message: String {
    switch self {
    case .file(let path, let reason): "\(path): \(reason)"
    case .inUse(let path, let identifier):
      "\(path) is in use by "
        + (identifier.map { "process \($0)" } ?? "another process") + "; stop it first"
    case .log(let reason): "event log: \(reason)"
    case .views(let reason): "views: \(reason)"
    case .mismatch(let sequence, let field, let recorded, let replayed):
      "event \(sequence): \(field) differs: the log says \(recorded), the replay \(replayed)"
    case .noLog(let path): "\(path) holds no event log (log.sqlite)"
    case .otherGenesis(let path):
      "\(path) was started from another genesis; give the one it was started from, or a new --datadir"
    case .refused(let reason): reason
    case .halted(let reason): "the node has stopped writing: \(reason)"
    case .stopped: "the node is stopping"
    }
  }
}
