import EVM
import Execution
import Primitives

/// The protocol's constants, where a fork changed one by the time that decides.
///
/// Source: the OP Stack specification, derivation, protocol parameters; Fjord; Granite.
extension RollupConfiguration {
  /// The most bytes of one frame's data.
  public static let frameDataLimitInBytes = 1_000_000
  /// What a frame counts for in the channel bank beside its data.
  static let frameOverheadInBytes = 200
  /// The most blocks, and the most transactions, of a span batch.
  public static let spanBatchElementLimit = 10_000_000

  /// The most bytes that a channel decompresses to since Fjord.
  public static let contentLimitSinceFjord = 100_000_000
  /// The most bytes that a channel decompresses to before Fjord.
  static let contentLimitBeforeFjord = 10_000_000

  /// Whether `fork` holds at `timestamp`.
  public func isActive(_ fork: RollupFork, at timestamp: UInt64) -> Bool {
    schedule.fork(at: timestamp) >= fork
  }

  /// Whether span batches are taken whose first block's L1 origin has this time.
  public func isDelta(at timestamp: UInt64) -> Bool {
    if let deltaTime, deltaTime <= timestamp { return true }
    return isActive(.ecotone, at: timestamp)
  }

  /// Within how many L1 blocks a channel must be complete, by the time of the L1 block.
  public func channelTimeout(at l1Timestamp: UInt64) -> UInt64 {
    isActive(.granite, at: l1Timestamp) ? 50 : channelTimeoutBeforeGranite
  }

  /// How far, in seconds, L2 may run ahead of an L1 origin of this time.
  public func maximumSequencerDrift(at originTimestamp: UInt64) -> UInt64 {
    isActive(.fjord, at: originTimestamp) ? 1800 : maximumSequencerDrift
  }

  /// The most bytes that a channel may decompress to, by the time of the pipeline's L1 block.
  public func channelContentLimit(at l1Timestamp: UInt64) -> Int {
    isActive(.fjord, at: l1Timestamp)
      ? Self.contentLimitSinceFjord : Self.contentLimitBeforeFjord
  }

  /// The most bytes that the channel bank holds, by the time of the pipeline's L1 block.
  func channelBankLimit(at l1Timestamp: UInt64) -> Int {
    isActive(.fjord, at: l1Timestamp) ? 1_000_000_000 : 100_000_000
  }
}
