import EventLog
import Primitives
import SQLite
import Synchronization

/// What readers can have of the log: rows and proofs, while the writer appends.
public final class LogReader: Sendable {
  private let log: Mutex<EventLog>
  private let prepare: @Sendable () -> Void

  /// Opens a log's file for reading; `prepare` is called before each read.
  ///
  /// - Throws: ``NodeError/log(_:)``.
  public init(
    path: String, storage: Storage = .machine, prepare: @escaping @Sendable () -> Void = {}
  ) throws(NodeError) {
    self.prepare = prepare
    do throws(EventLogError) {
      log = Mutex(try EventLog(path: path, mode: .readOnly, storage: storage))
    } catch {
      throw .log("\(error)")
    }
  }

  /// Reads from the log as it stands now.
  ///
  /// - Throws: ``EventLogError`` of the body, and when the log can no longer be read.
  public func read<Result: Sendable>(
    _ body: (EventLog) throws(EventLogError) -> Result
  ) throws(EventLogError) -> Result {
    prepare()
    return try log.withLock { (log) throws(EventLogError) in
      try log.refresh()
      return try body(log)
    }
  }
}

/// That an event stands in the tree of a size.
public struct InclusionProof: Sendable {
  /// The event's sequence.
  public var sequence: UInt64
  /// How many events the tree has.
  public var size: UInt64
  /// The event's leaf.
  public var leafHash: Hash
  /// The siblings from the leaf to the root.
  public var path: [Hash]
  /// The root.
  public var root: Hash
}

extension LogReader {
  /// The proof that an event stands in the tree of the first `size` events, all of them if nil.
  ///
  /// - Throws: ``EventLogError/outOfRange(path:requested:count:)`` for an event or size that is
  ///   not there.
  public func inclusionProof(
    sequence: UInt64, size: UInt64?
  ) throws(EventLogError) -> InclusionProof {
    try read { (log) throws(EventLogError) in
      let size = size ?? log.count
      return InclusionProof(
        sequence: sequence, size: size, leafHash: try log.leafHash(at: sequence),
        path: try log.inclusionProof(sequence: sequence, size: size),
        root: try log.root(size: size))
    }
  }
}
