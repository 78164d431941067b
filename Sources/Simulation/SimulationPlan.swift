import Contracts
import Derivation
import Ledger
import NativeCryptography
import Node
import Primitives
import SQLite

/// What is to be simulated; the same plan leads to the same events, byte for byte.
public struct SimulationPlan: Sendable {
  /// Where all chance comes from.
  public var seed: UInt64
  /// How many simulated minutes users, faults and reorganisations go on.
  public var minutes: UInt64
  /// The documents with which both chains begin.
  public var beginning: RollupBeginning
  /// A mistake that is made on purpose; nil for none.
  public var mistake: Mistake?

  /// A mistake that a simulation must find, or nobody should believe it when it finds none.
  public enum Mistake: String, CaseIterable, Sendable {
    /// The drive answers for syncs that it does not do.
    case lyingDrive = "lying-drive"
    /// The writer tells its callers before the log has what it tells.
    case earlyAnswers = "early-answers"
    /// A byte of the log changes on the disk.
    case decayedSector = "decayed-sector"
    /// The batcher signs with a key that L1 was not told of.
    case unheardBatcher = "unheard-batcher"
  }

  /// When the simulated time begins, in seconds since 1970.
  public static let start: UInt64 = 1_800_000_000

  /// A plan over the documents of both layers and of the rollup.
  ///
  /// - Throws: `GenesisError` when one cannot be read.
  public init(
    seed: UInt64, minutes: UInt64, layerOne: Bytes, layerTwo: Bytes, rollup: Bytes,
    mistake: Mistake? = nil
  ) throws(GenesisError) {
    self.seed = seed
    self.minutes = minutes
    self.mistake = mistake
    beginning = try RollupBeginning(
      layerOne: layerOne, layerTwo: layerTwo, rollup: rollup, at: SimulationPlan.start,
      startingRoot: (
        AnchorStateRegistryContract.address, AnchorStateRegistryContract.startingRootSlot
      )
    ) { document in
      // Short, so that an hour sees windows close and blocks become final.
      document.configuration.sequencingWindowSize = 20
      document.finalityDepth = 24
      if seed % 3 == 1 { document.useCommitments() }
      if seed % 3 == 2 { document.useCommitments(.generic) }
    }
  }

  /// How the simulated node runs: every service, on a clock and a disk that are simulated.
  func configuration(
    disk: SimulatedDisk, clock: SimulatedClock, disperse: @escaping @Sendable (Bytes) -> Bytes?
  ) -> NodeConfiguration {
    var configuration = NodeConfiguration(
      directory: DataDirectory(path: "/node"), isDurable: true,
      genesis: GenesisDeclaration(
        documents: [
          .init(layer: .one, json: beginning.layerOne),
          .init(layer: .two, json: beginning.layerTwo),
        ], settler: DevelopmentRole.settler.key.address),
      wallet: Wallet(keys: []), serviceWallet: Wallet(keys: DevelopmentRole.allCases.map(\.key)),
      sequencers: [
        Sequencer(layer: .one, mode: .everySlot(seconds: beginning.rollup.slotTime)),
        Sequencer(
          layer: .two, mode: .interval(seconds: 2), originConfirmations: seed / 3 % 3),
      ], clock: { clock.milliseconds }, report: { _ in })
    let role: DevelopmentRole = mistake == .unheardBatcher ? .challenger : .batcher
    var batcher = Batcher(address: role.key.address)
    batcher.form = seed % 2 == 0 ? .span : .singular
    batcher.compression = seed / 2 % 2 == 0 ? .zlib : .brotli
    batcher.carrier = [.calldata, .commitments, .layer][Int(seed % 3)]
    var services = RollupServices(
      document: beginning.rollup, batcher: batcher,
      proposer: Proposer(address: DevelopmentRole.proposer.key.address))
    services.disperse = disperse
    services.preparesAtOnce = true
    configuration.rollup = services
    configuration.disk = .simulated(disk)
    return configuration
  }
}

/// Why a simulation stopped: what should never be, and where to find it again.
public struct SimulationFailure: Error, Sendable {
  /// The plan's seed.
  public var seed: UInt64
  /// The step in which it was found.
  public var step: UInt64
  /// The simulated seconds since the beginning.
  public var seconds: UInt64
  /// What is wrong.
  public var reason: String
  /// The last things that happened, oldest first.
  public var story: [String]

  /// All of it in words.
  public var message: String {
    "seed \(seed), step \(step), after \(seconds) simulated seconds: \(reason)\n"
      + story.map { "  " + $0 }.joined(separator: "\n")
  }
}

/// What a simulation came to.
public struct SimulationReport: Hashable, Sendable {
  /// Events in the log at the end.
  public var events: UInt64 = 0
  /// The commitment after the last.
  public var commitment = Hash.zero
  /// Steps, after each of which everything was checked.
  public var steps: UInt64 = 0
  /// How often the node came to an end and began again.
  public var restarts: UInt64 = 0
  /// How often of these the power was lost.
  public var powerLosses: UInt64 = 0
  /// Commands that were acknowledged.
  public var acknowledged: UInt64 = 0
  /// Times that L1 took blocks back.
  public var reorganisations: UInt64 = 0
  /// Payloads that the DA layer did not take.
  public var refusedPayloads: UInt64 = 0
  /// Receipts that were paid.
  public var paidReceipts: UInt64 = 0
  /// Both layers' blocks at the end.
  public var blocks: [Layer: UInt64] = [:]

  /// A report of nothing.
  public init() {}
}
