import Cryptography
import EventLog
import Execution
import Ledger
import Primitives
import Synchronization
import TransparencyLog
import Views

/// A running world: its log, its views, and the single writer that moves it on.
///
/// Readers take the published ``world`` and the ``views`` without waiting for anybody. Whoever
/// wants something changed submits a command and is called back once it is durable.
public final class Node: Sendable {
  /// How the node was asked to run.
  public let configuration: NodeConfiguration
  /// The keys that the node holds for its user.
  public let wallet: Wallet
  /// The read models.
  public let views: ViewReader
  /// The states after every block.
  public let states: StateHistory
  /// The log's rows and proofs.
  public let log: LogReader
  /// Who the log is to the public.
  public let identity: LogIdentity
  /// What witnesses have said of the log.
  public let cosignatures: Cosignatures
  /// Large bytes by their hash.
  public let content: ContentStore

  /// What is known of the chain that this node's goes on from, if it does.
  public let fork: ForkStore

  private let writer: Writer
  private let metronome: Metronome?

  /// Opens a data directory, replays its log and starts the writer.
  ///
  /// - Throws: ``NodeError`` when the directory cannot be used, or its log is not what its replay
  ///   gives.
  public init(
    _ configuration: NodeConfiguration, progress: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) {
    self.configuration = configuration
    wallet = configuration.wallet
    content = try ContentStore(directory: configuration.directory.content)
    fork = try ForkStore(
      path: configuration.forkCachePath ?? configuration.directory.fork,
      isSynced: configuration.isDurable)
    let record = try Record.open(configuration, fork: fork, progress: progress)
    identity = try configuration.directory.logIdentity()
    cosignatures = Cosignatures(path: configuration.directory.cosigned)
    let writer = Writer(record: record)
    views = try Record.reader(configuration.directory.views) { writer.catchUp() }
    states = StateHistory(views, outside: fork)
    log = try LogReader(path: configuration.directory.log) { writer.catchUp() }
    self.writer = writer
    writer.start()
    metronome = configuration.sealingIntervalInMilliseconds.map {
      Metronome(writer, intervalInMilliseconds: max($0, 1))
    }
  }

  /// The world after the last event that is durable.
  public var world: World { writer.published.withLock { $0 } }

  /// A layer's chain in that world.
  public func chain(_ layer: Layer) -> Chain? { writer.published.withLock { $0[layer] } }

  /// Asks for a command; `completion` is called on the writer's thread once what it led to is
  /// durable and published, or refused.
  public func submit(
    _ command: Command, completion: @escaping @Sendable (Result<Outcome, WriteFailure>) -> Void
  ) {
    writer.enqueue(.command(command), completion: completion)
  }

  /// The same, where the caller's own thread may do what takes little time: `completion` is then
  /// called on it, before this returns.
  public func submitAtOnce(
    _ command: Command, completion: @escaping @Sendable (Result<Outcome, WriteFailure>) -> Void
  ) {
    if writer.performAtOnce(command, completion: completion) { return }
    writer.enqueue(.command(command), completion: completion)
  }

  /// Asks for a command, and waits.
  public func submit(_ command: Command) throws(WriteFailure) -> Outcome {
    try writer.wait(for: .command(command))
  }

  /// Closes a block of the second layer now, whatever the mining mode, and waits.
  public func sealNow(_ layer: Layer) throws(WriteFailure) -> Outcome {
    try writer.wait(for: .seal(layer))
  }

  /// Closes a block of a layer now, whatever the mining mode; `completion` is called on the
  /// writer's thread.
  public func seal(
    _ layer: Layer, completion: @escaping @Sendable (Result<Outcome, WriteFailure>) -> Void
  ) {
    writer.enqueue(.seal(layer), completion: completion)
  }

  /// Signs the log as it stands; `completion` is called on the writer's thread.
  public func checkpoint(
    completion: @escaping @Sendable (Result<Checkpoint, WriteFailure>) -> Void
  ) {
    writer.checkpoint(completion: completion)
  }

  /// Tells `body` of every event and what followed from it, once that is durable and published.
  ///
  /// It is called on the writer's thread, batch by batch in order, and must return at once.
  public func observe(_ body: @escaping @Sendable ([ViewEntry]) -> Void) -> Observation {
    Observation(writer, body)
  }

  /// Stops the writer after what is queued, signs a checkpoint, and lets go of the directory.
  public func stop() {
    metronome?.stop()
    writer.stop()
  }
}
