import Ledger
import Primitives
import Views

/// A node without threads: what is asked is done at once, and durable when it is said to be.
///
/// The same record that a ``Node``'s writer has; the caller is the writer. For whoever has a clock
/// and a disk of his own, as a simulation has.
public struct SteppedNode: ~Copyable {
  private var record: Record

  /// Opens a data directory, or makes one; `progress` hears of the replay.
  ///
  /// - Throws: ``NodeError`` when the directory cannot be used, or its log is not what its replay
  ///   gives.
  public init(
    _ configuration: NodeConfiguration, progress: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) {
    record = try Record.open(configuration, progress: progress)
  }

  /// The world after the last command, durable or not.
  public var world: World { record.world }

  /// Takes a command in, with whatever the policies make of it; nobody may hear of it yet.
  public mutating func perform(_ command: Command) -> Result<Outcome, WriteFailure> {
    record.perform(.command(command))
  }

  /// Does what the policies find due now.
  public mutating func runPolicies() { record.runPolicies() }

  /// Makes all that was taken in durable; what was answered since may now be told.
  ///
  /// - Throws: ``NodeError``, after which nothing is written any more.
  public mutating func commit() throws(NodeError) { try record.commit() }

  /// The digest of each view, ascending by name.
  ///
  /// - Throws: ``NodeError/views(_:)``.
  public func viewDigests() throws(NodeError) -> [ViewDigest] { try record.viewDigests() }

  /// Commits, signs the log, and lets go of the directory.
  public mutating func close() { record.close() }
}
