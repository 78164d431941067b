import EVM
import Execution
import Primitives

/// Where a rollup began: the L1 block, the L2 block, and the configuration at that moment.
public struct RollupGenesis: Hashable, Sendable {
  /// The L1 block whose successors are read.
  public var l1: BlockIdentifier
  /// The first L2 block.
  public var l2: BlockIdentifier
  /// The first L2 block's time, in seconds since 1970.
  public var l2Time: UInt64
  /// The system configuration with which the chain began.
  public var systemConfiguration: SystemConfiguration

  /// A genesis with these values.
  public init(
    l1: BlockIdentifier, l2: BlockIdentifier, l2Time: UInt64,
    systemConfiguration: SystemConfiguration
  ) {
    self.l1 = l1
    self.l2 = l2
    self.l2Time = l2Time
    self.systemConfiguration = systemConfiguration
  }
}

/// How a rollup that posts commitments instead of data has its data challenged on L1.
public struct AltDAConfiguration: Hashable, Sendable {
  /// The kinds of commitment.
  public enum CommitmentKind: UInt8, Hashable, Sendable {
    /// The Keccak-256 of the data; it can be challenged on L1.
    case keccak256 = 0
    /// A DA layer's own certificate.
    case generic = 1
  }

  /// The contract where commitments are challenged; zero when nothing is.
  public var challengeContract: Address
  /// The kind of commitment that the batcher posts.
  public var commitmentKind: CommitmentKind
  /// For how many L1 blocks a commitment may be challenged.
  public var challengeWindow: UInt64
  /// Within how many L1 blocks a challenge must be answered.
  public var resolveWindow: UInt64
  /// How certificates are judged; nil where everybody takes the DA layer's word for them.
  public var certificates: CertificateConfiguration?

  /// A configuration with these values.
  public init(
    challengeContract: Address, commitmentKind: CommitmentKind, challengeWindow: UInt64,
    resolveWindow: UInt64, certificates: CertificateConfiguration? = nil
  ) {
    self.challengeContract = challengeContract
    self.commitmentKind = commitmentKind
    self.challengeWindow = challengeWindow
    self.resolveWindow = resolveWindow
    self.certificates = certificates
  }
}

/// What everybody who derives one rollup's chain must agree on.
///
/// The fields are those of op-node's `rollup.json`; `RollupDocument` reads and writes that form.
public struct RollupConfiguration: Hashable, Sendable {
  /// Where the rollup began.
  public var genesis: RollupGenesis
  /// The seconds between L2 blocks; not 0.
  public var blockTime: UInt64
  /// How far, in seconds, L2 may run ahead of its L1 origin before Fjord.
  public var maximumSequencerDrift: UInt64
  /// Within how many L1 blocks after its origin a batch must be on L1.
  public var sequencingWindowSize: UInt64
  /// Within how many L1 blocks a channel must be complete before Granite.
  public var channelTimeoutBeforeGranite: UInt64
  /// The number of the L1 chain.
  public var l1ChainID: UInt64
  /// The number of the L2 chain.
  public var l2ChainID: UInt64
  /// When each upgrade begins.
  public var schedule: RollupSchedule
  /// When span batches begin, by the time of their first block's L1 origin; nil for never.
  public var deltaTime: UInt64?
  /// Until this time L1 blob fees are computed by Cancun's parameters though L1 has Prague's.
  public var pectraBlobScheduleTime: UInt64?
  /// How the L2 base fee follows demand since Canyon, unless a header says otherwise.
  public var baseFeeParameters: BaseFeeParameters = .optimism
  /// The address that batcher transactions go to; nobody owns it.
  public var batchInbox: Address
  /// The portal, whose logs are deposits.
  public var depositContract: Address
  /// The contract whose logs change the system configuration.
  public var systemConfigurationContract: Address
  /// How commitments are treated; nil for a chain whose data stand on L1.
  public var altDA: AltDAConfiguration?
  /// The L1 chain's blob parameters, sorted by time.
  public var l1BlobSchedule: [BlobScheduleEntry]

  /// A configuration with these values; what is not named has the values of OP Mainnet.
  public init(
    genesis: RollupGenesis, blockTime: UInt64 = 2, maximumSequencerDrift: UInt64 = 600,
    sequencingWindowSize: UInt64 = 3600, channelTimeoutBeforeGranite: UInt64 = 300,
    l1ChainID: UInt64, l2ChainID: UInt64, schedule: RollupSchedule, deltaTime: UInt64?,
    batchInbox: Address, depositContract: Address, systemConfigurationContract: Address,
    altDA: AltDAConfiguration? = nil,
    l1BlobSchedule: [BlobScheduleEntry] = [
      BlobScheduleEntry(timestamp: 0, parameters: .cancun)
    ]
  ) {
    precondition(blockTime > 0, "L2 blocks have different times")
    self.genesis = genesis
    self.blockTime = blockTime
    self.maximumSequencerDrift = maximumSequencerDrift
    self.sequencingWindowSize = sequencingWindowSize
    self.channelTimeoutBeforeGranite = channelTimeoutBeforeGranite
    self.l1ChainID = l1ChainID
    self.l2ChainID = l2ChainID
    self.schedule = schedule
    self.deltaTime = deltaTime
    self.batchInbox = batchInbox
    self.depositContract = depositContract
    self.systemConfigurationContract = systemConfigurationContract
    self.altDA = altDA
    self.l1BlobSchedule = l1BlobSchedule
  }

  /// The rules by which the L2 chain's blocks are executed.
  public var specification: ChainSpecification {
    ChainSpecification(
      chainID: l2ChainID, rollup: schedule, baseFeeParameters: baseFeeParameters)
  }

  /// The time of the L2 block `number`; nil before the genesis and where 64 bits do not hold it.
  public func timestamp(ofBlock number: UInt64) -> UInt64? {
    guard number >= genesis.l2.number else { return nil }
    let (span, overflow) = (number - genesis.l2.number).multipliedReportingOverflow(by: blockTime)
    let (time, late) = genesis.l2Time.addingReportingOverflow(span)
    return overflow || late ? nil : time
  }

  /// The last L2 block that is not after `timestamp`; nil before the genesis.
  public func blockNumber(at timestamp: UInt64) -> UInt64? {
    guard timestamp >= genesis.l2Time else { return nil }
    let (number, overflow) = genesis.l2.number.addingReportingOverflow(
      (timestamp - genesis.l2Time) / blockTime)
    return overflow ? nil : number
  }
}
