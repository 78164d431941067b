import EVM
import Primitives

/// The blob parameters that hold from a time on.
public struct BlobScheduleEntry: Hashable, Sendable {
  /// The time, in seconds since 1970.
  public var timestamp: UInt64
  /// The parameters.
  public var parameters: BlobParameters

  /// An entry with these values.
  public init(timestamp: UInt64, parameters: BlobParameters) {
    self.timestamp = timestamp
    self.parameters = parameters
  }
}

/// How the base fee follows demand (EIP-1559).
public struct BaseFeeParameters: Hashable, Sendable {
  /// The gas limit divided by this is the gas at which the fee stays.
  public var elasticity: UInt64
  /// The fee moves by at most one part in so many.
  public var changeDenominator: UInt64

  /// Parameters with these values, which are not 0.
  public init(elasticity: UInt64, changeDenominator: UInt64) {
    precondition(elasticity > 0 && changeDenominator > 0, "base fee parameters are positive")
    self.elasticity = elasticity
    self.changeDenominator = changeDenominator
  }

  /// Ethereum's.
  public static let ethereum = BaseFeeParameters(elasticity: 2, changeDenominator: 8)
  /// Those of OP Mainnet since Canyon.
  public static let optimism = BaseFeeParameters(elasticity: 6, changeDenominator: 250)
}

/// The rules of one chain: what its genesis fixes and its blocks never change.
public struct ChainSpecification: Hashable, Sendable {
  /// The chain's number.
  public var chainID: UInt64
  /// When each upgrade begins.
  public var forks: ForkSchedule
  /// Blob parameters, sorted by time; times before the first entry have no blobs.
  public var blobSchedule: [BlobScheduleEntry]
  /// The contract whose logs are deposits to the beacon chain (EIP-6110).
  public var depositContract: Address
  /// The upgrades of an OP Stack rollup; nil on other chains.
  public var rollup: RollupSchedule?
  /// How the base fee follows demand.
  public var baseFeeParameters: BaseFeeParameters
  /// The most bytes of a contract's code; a private chain may have another bound than Ethereum's.
  public var codeSizeLimit = BlockEnvironment.usualCodeSizeLimit

  /// A specification with these rules.
  ///
  /// Without `blobSchedule` the parameters of Cancun and Prague hold from those forks on.
  public init(
    chainID: UInt64, forks: ForkSchedule, blobSchedule: [BlobScheduleEntry]? = nil,
    depositContract: Address = ChainSpecification.mainnetDepositContract, isOptimism: Bool = false,
    baseFeeParameters: BaseFeeParameters? = nil
  ) {
    self.chainID = chainID
    self.forks = forks
    self.depositContract = depositContract
    rollup = isOptimism ? RollupSchedule(following: forks) : nil
    self.baseFeeParameters = baseFeeParameters ?? (isOptimism ? .optimism : .ethereum)
    var entries = blobSchedule ?? Self.usualBlobSchedule(forks)
    entries.sort { $0.timestamp < $1.timestamp }
    self.blobSchedule = entries
  }

  /// The rules of an OP Stack chain; Ethereum's forks follow from `rollup`.
  ///
  /// `baseFeeParameters` are those since Canyon.
  public init(
    chainID: UInt64, rollup: RollupSchedule, baseFeeParameters: BaseFeeParameters = .optimism
  ) {
    self.init(
      chainID: chainID, forks: rollup.ethereumForks, blobSchedule: [], isOptimism: true,
      baseFeeParameters: baseFeeParameters)
    self.rollup = rollup
  }

  /// Whether the chain is an OP Stack rollup: deposits, no blobs, no withdrawals of validators.
  public var isOptimism: Bool { rollup != nil }

  /// The deposit contract of Ethereum's main network.
  public static let mainnetDepositContract = Address(
    0x0000_0000_219a_b540, 0x356c_bb83_9cbe_0530, 0x3d77_05fa)

  private static func usualBlobSchedule(_ forks: ForkSchedule) -> [BlobScheduleEntry] {
    var entries: [BlobScheduleEntry] = []
    if let time = forks.cancunTime {
      entries.append(BlobScheduleEntry(timestamp: time, parameters: .cancun))
    }
    if let time = forks.pragueTime {
      entries.append(BlobScheduleEntry(timestamp: time, parameters: .prague))
    }
    return entries
  }

  /// The rules of a block.
  ///
  /// Whether a block has proof of stake is seen from its difficulty, which is then 0.
  public func fork(of header: BlockHeader) -> Fork {
    fork(
      number: header.number, timestamp: header.timestamp, isMerged: isMerged(header))
  }

  /// The rules of the block `number` at `timestamp`.
  public func fork(number: UInt64, timestamp: UInt64, isMerged: Bool) -> Fork {
    forks.fork(number: number, timestamp: timestamp, isMerged: isMerged)
  }

  /// Whether a block has proof of stake.
  public func isMerged(_ header: BlockHeader) -> Bool {
    forks.terminalTotalDifficulty != nil && header.difficulty.isZero
  }

  /// The blob parameters at `timestamp`; before the first entry those of Cancun.
  public func blobParameters(at timestamp: UInt64) -> BlobParameters {
    var parameters = BlobParameters.cancun
    for entry in blobSchedule where entry.timestamp <= timestamp { parameters = entry.parameters }
    return parameters
  }
}
