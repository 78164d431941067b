import EVM
import Execution

/// The bounds of a world, in one place.
public enum Limits {
  /// Transactions that one layer's pool holds.
  public static let poolCount = 16_384
  /// Bytes of one pooled transaction, as geth's pool has it.
  public static let pooledTransactionSizeInBytes = 131_072
  /// Bytes of one pooled transaction on a chain: more where it has larger contracts than Ethereum.
  public static func pooledTransactionSizeInBytes(on rules: ChainSpecification) -> Int {
    guard rules.codeSizeLimit > BlockEnvironment.usualCodeSizeLimit else {
      return pooledTransactionSizeInBytes
    }
    return pooledTransactionSizeInBytes
      + min(2 * rules.codeSizeLimit, outsideBlockSizeInBytes - pooledTransactionSizeInBytes)
  }
  /// How much more, in percent, a replacement must pay.
  public static let replacementBumpInPercent: UInt64 = 10
  /// Blocks whose states stay readable in memory.
  public static let recentBlockCount = 1_024
  /// How many of them stay whatever they used: as many as code may ask for the hash of.
  public static let leastRecentBlockCount = 256
  /// The gas that the others used at most, since what blocks change takes memory: a hundred thousand
  /// transfers.
  public static let recentGas: UInt64 = 1 << 31
  /// How many blocks gather before older ones are forgotten.
  static let forgottenBlockCount = 32
  /// Changes of one pool that are remembered, so that it can be what it was.
  public static let poolHistoryCount = 131_072
  /// Bytes of transactions in them.
  public static let poolHistorySizeInBytes = 256 << 20
  /// L1 blocks that L2 blocks may have as their origin; more than a sequencing window.
  public static let recentEpochCount = 8_192
  /// Safe heads that are remembered by the L1 blocks that moved them.
  public static let safeHeadCount = 16_384
  /// Large bytes beside transactions that can be found by L1's names for them.
  public static let carriedContentCount = 65_536
  /// Inputs that derivation passed over last.
  public static let droppedInputCount = 1_024
  /// L2 blocks that may have to be made up for when L1's time is shifted by hand.
  public static let shiftedBlockCount: UInt64 = 2_000_000
  /// L2 blocks that a sequencer makes before L1 says something of them.
  public static let unsafeBlockCount: UInt64 = 900
  /// Contributors that one usage report may name.
  public static let sharesPerReport = 1_024
  /// Bytes of one block of foreign history; an event's payload has at most 16 MiB.
  public static let outsideBlockSizeInBytes = 15 << 20
  /// Snapshots that a development chain can go back to.
  public static let snapshotCount = 16_384
  /// Accounts and signatures that a development chain's operator speaks for.
  public static let impersonationCount = 65_536
  /// Bytes that a development chain's headers may say besides.
  public static let extraDataSizeInBytes = 32
  /// Transactions that are tried one by one where a part of the state is missing.
  static let triedCandidateCount = 64
  /// Withdrawals that wait for the next blocks of a development chain.
  public static let waitingWithdrawals = 1_024
  /// Unsettled usage reports that are settled by one block.
  public static let settlementsPerBlock = 64
}
