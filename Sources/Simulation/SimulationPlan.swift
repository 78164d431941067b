import Blobs
import Contracts
import DataAvailability
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
  /// How many threads code blobs; what happens does not depend on it.
  public var threads = 1
  /// What the DA layer began with; nil where there is none.
  let storage: StorageDocument?
  /// The points that the layer stands on.
  var points: ReferenceString? { storage == nil ? nil : Self.points }

  /// When the simulated time begins, in seconds since 1970.
  public static let start: UInt64 = 1_800_000_000
  /// Where the node's files are on its disk.
  static let directory = DataDirectory(path: "/node")
  /// Enough for payloads of 7,905 bytes.
  private static let points = ReferenceString.development(order: 256)
  /// What a payload of a batch has at most, in bytes.
  private static let payloadLimitInBytes = 7_000

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
    let usesLayer = seed % 3 == 2 || mistake == .forgetfulOperators
    let storage = usesLayer ? StorageDocument(development: Self.points) : nil
    self.storage = storage
    beginning = try RollupBeginning(
      layerOne: mistake?.layerOne(layerOne) ?? layerOne,
      layerTwo: mistake?.layerTwo(layerTwo) ?? layerTwo, rollup: rollup,
      at: SimulationPlan.start,
      startingRoot: (
        AnchorStateRegistryContract.address, AnchorStateRegistryContract.startingRootSlot
      )
    ) { document in
      // Short, so that an hour sees windows close and blocks become final.
      document.configuration.sequencingWindowSize = 20
      document.finalityDepth = 24
      if usesLayer {
        document.useCommitments(
          .generic,
          certificates: CertificateConfiguration(
            verifier: CertificateVerifierContract.address,
            tau2: G2Words(Self.points.verificationPoints.doublings2[0])))
      } else if seed % 3 == 1 {
        document.useCommitments()
      }
    }
  }

  /// How the simulated node runs: every service, on a clock and a disk that are simulated.
  func configuration(
    disk: SimulatedDisk, clock: SimulatedClock, preparations: PreparationQueue,
    disperse: @escaping @Sendable (Bytes) -> Bytes?
  ) -> NodeConfiguration {
    var configuration = NodeConfiguration(
      directory: Self.directory, isDurable: true,
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
    batcher.carrier = storage != nil ? .layer : seed % 3 == 1 ? .commitments : .calldata
    if storage != nil { batcher.transactionLimitInBytes = Self.payloadLimitInBytes }
    var services = RollupServices(
      document: beginning.rollup, batcher: batcher,
      proposer: Proposer(address: DevelopmentRole.proposer.key.address))
    services.disperse = disperse
    services.preparations = preparations
    configuration.rollup = services
    configuration.storage = storage
    if let mistake { configuration.falsify = { mistake.falsify(&$0) } }
    configuration.disk = .simulated(disk)
    return configuration
  }
}
