import Primitives
import SQLite

/// Why the log cannot be opened, read, appended to or vouched for.
///
/// Every case says which file; what concerns one event says which sequence.
public enum EventLogError: Error, Hashable, Sendable {
  /// There is no file at the path.
  case missing(path: String)
  /// The file is there, and is not an event log of Opal.
  case notAnEventLog(path: String, detail: String)
  /// The log was written by a later version of Opal.
  case newerFormat(path: String, found: Int64, supported: Int64)
  /// Another process has the data directory open for writing; nil if it did not leave its number.
  case inUse(path: String, process: Int32?)
  /// A foreign client held the file locked for longer than the writer waits.
  case busy(path: String)
  /// The disk, or the log's own size limit, is full; nothing of the append is in the log.
  case diskFull(path: String, sequence: UInt64)
  /// The operating system failed to read or write.
  case inputOutput(path: String, detail: String)
  /// The file's content is not what was written; `sequence` is the first event it concerns.
  case corrupt(path: String, sequence: UInt64?, detail: String)
  /// The log was opened for reading only.
  case readOnly(path: String)
  /// A row that was to be appended does not follow the last one.
  case outOfOrder(path: String, expected: UInt64, found: UInt64)
  /// A payload that was to be appended is past the limit.
  case payloadTooLarge(path: String, sequence: UInt64, sizeInBytes: Int, limitInBytes: Int)
  /// There is no event of this sequence, or no tree of this size, yet.
  case outOfRange(path: String, requested: UInt64, count: UInt64)
  /// A checkpoint is not signed: the reason says why.
  case checkpointRefused(path: String, sequence: UInt64, reason: String)
  /// An earlier append failed in a way that leaves open what is durable; open the log anew.
  case failedBefore(path: String)
  /// Any other failure of SQLite.
  case database(path: String, error: SQLiteError)
}

extension EventLogError: CustomStringConvertible {
  /// What, where and, as far as it is known, what to do.
  public var description: String {
    switch self {
    case .missing(let path): "\(path): no such file"
    case .notAnEventLog(let path, let detail): "\(path): not an event log: \(detail)"
    case .newerFormat(let path, let found, let supported):
      "\(path): written in format \(found), and this version reads up to \(supported)"
    case .inUse(let path, let process?): "\(path): in use by process \(process)"
    case .inUse(let path, nil): "\(path): in use by another process"
    case .busy(let path): "\(path): locked by another program"
    case .diskFull(let path, let sequence):
      "\(path): the disk is full; event \(sequence) and what follows it was not written"
    case .inputOutput(let path, let detail): "\(path): \(detail)"
    case .corrupt(let path, let sequence?, let detail): "\(path): event \(sequence): \(detail)"
    case .corrupt(let path, nil, let detail): "\(path): \(detail)"
    case .readOnly(let path): "\(path): opened for reading only"
    case .outOfOrder(let path, let expected, let found):
      "\(path): event \(expected) is next, and not \(found)"
    case .payloadTooLarge(let path, let sequence, let size, let limit):
      "\(path): event \(sequence): a payload of \(size) bytes, and the limit is \(limit)"
    case .outOfRange(let path, let requested, let count):
      "\(path): \(requested) was asked for, and there are \(count) events"
    case .checkpointRefused(let path, let sequence, let reason):
      "\(path): no checkpoint of \(sequence) events: \(reason)"
    case .failedBefore(let path):
      "\(path): an earlier write failed, so the log must be opened anew"
    case .database(let path, let error): "\(path): \(error)"
    }
  }
}

extension EventLogError {
  /// What a failure of SQLite means for a log, seen while event `sequence` was read or written.
  init(_ error: SQLiteError, path: String, sequence: UInt64? = nil) {
    switch error.code {
    case .busy: self = .busy(path: path)
    case .full: self = .diskFull(path: path, sequence: sequence ?? 0)
    case .inputOutput: self = .inputOutput(path: path, detail: error.description)
    case .cannotOpen: self = .inputOutput(path: path, detail: error.description)
    case .readOnly: self = .readOnly(path: path)
    case .notADatabase: self = .notAnEventLog(path: path, detail: error.message)
    case .corrupt, .mismatch:
      self = .corrupt(path: path, sequence: sequence, detail: error.message)
    case .constraint:
      // Only the writer's own three INSERTs can be refused, and it has checked its rows.
      self = .corrupt(
        path: path, sequence: sequence, detail: "already written by another: \(error.message)")
    default: self = .database(path: path, error: error)
    }
  }
}
