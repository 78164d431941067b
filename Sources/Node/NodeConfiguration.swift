import Glibc
import Ledger
import Primitives
import SQLite

/// How a node is asked to run.
public struct NodeConfiguration: Sendable {
  /// Where the log and the views are.
  public var directory: DataDirectory
  /// Whether what is acknowledged must survive a loss of power; false only for throw-away nodes.
  public var isDurable: Bool
  /// Whether callers are answered before the log has their events, which follow together a moment
  /// later; only for nodes that are thrown away with all they have.
  public var answersEarly = false
  /// What starts the chains when the log is empty.
  public var genesis: GenesisDeclaration
  /// The keys that are held for the user.
  public var wallet: Wallet
  /// The keys that the node itself signs with, the settler's first of all.
  public var serviceWallet: Wallet
  /// When the layers' blocks are due.
  public var sequencers: [Sequencer]
  /// Has a block of the second layer be made each so many milliseconds, whatever its sequencer finds
  /// due; for intervals that are no whole seconds.
  public var sealingIntervalInMilliseconds: UInt64?
  /// What the node does for a rollup; nil where the second layer is a plain chain.
  public var rollup: RollupServices?
  /// With what a data availability layer begins when the log is empty; nil for none.
  public var storage: StorageDocument?
  /// The time in milliseconds since 1970.
  public var clock: @Sendable () -> UInt64
  /// Takes what the operator should know.
  public var report: @Sendable (String) -> Void
  /// Where what is known of another chain's state is kept, if not in the directory.
  public var forkCachePath: String?
  /// Reaches another node by its address, so that the chain can go on from its chain.
  public var connect: (@Sendable (String) -> any RemoteChain)?
  /// The size beyond which the log is not extended, as if the disk were full; none if nil.
  public var maximumLogSizeInBytes: Int64?

  /// Where the directory's files are; a simulated disk for a node whose disk is to fail.
  public var disk = Storage.machine

  /// Changes what was decided before the node applies it; nil for every node that serves.
  ///
  /// So a simulation plants a node that errs.
  public var falsify: (@Sendable (inout Decision) -> Void)?

  /// After how many events a snapshot is written, so that a start replays no more than these.
  public var snapshotIntervalInEvents: UInt64 = 2_048

  /// Makes a configuration.
  public init(
    directory: DataDirectory, isDurable: Bool, genesis: GenesisDeclaration, wallet: Wallet,
    serviceWallet: Wallet, sequencers: [Sequencer],
    clock: @escaping @Sendable () -> UInt64 = NodeConfiguration.systemClock,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.directory = directory
    self.isDurable = isDurable
    self.genesis = genesis
    self.wallet = wallet
    self.serviceWallet = serviceWallet
    self.sequencers = sequencers
    self.clock = clock
    self.report = report
  }

  /// The system's time, in milliseconds since 1970.
  public static let systemClock: @Sendable () -> UInt64 = {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
  }
}
