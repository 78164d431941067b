import EVM
import Execution
import Primitives

/// What L2 blocks take from the L1 block that is their origin.
///
/// It is a few hundred bytes and the deposits; the L1 block itself need not be kept.
public struct L1Epoch: Hashable, Sendable {
  /// The L1 block.
  public var reference: L1BlockReference
  /// What gas cost in it, in wei.
  public var baseFee: UInt256
  /// What blob gas cost in it, in wei; 1 where L1 has no blobs.
  public var blobBaseFee: UInt256
  /// The beacon chain's randomness.
  public var prevRandao: Hash
  /// The parent beacon block's root; zero before Cancun.
  public var parentBeaconBlockRoot: Hash
  /// The deposits of the epoch's first L2 block, encoded.
  public var deposits: [Bytes]
  /// The changes of the system configuration from the epoch's first L2 block on.
  public var configurationUpdates: [SystemConfigurationUpdate]

  /// What L2 blocks take from `block`.
  ///
  /// - Throws: `MalformedDeposit`, and then no L2 block can be derived any more.
  public init(
    _ block: L1Block, configuration: RollupConfiguration
  ) throws(MalformedDeposit) {
    reference = block.reference
    baseFee = block.header.baseFee ?? .zero
    blobBaseFee = configuration.l1BlobBaseFee(of: block.header)
    prevRandao = block.header.prevRandao
    parentBeaconBlockRoot = block.header.parentBeaconBlockRoot ?? .zero
    deposits = try block.deposits(portal: configuration.depositContract)
    configurationUpdates = block.configurationUpdates(
      of: configuration.systemConfigurationContract)
  }
}

extension RollupConfiguration {
  /// What blob gas cost in an L1 block, in wei; 1 where L1 has no blobs.
  public func l1BlobBaseFee(of header: BlockHeader) -> UInt256 {
    guard let excess = header.excessBlobGas else { return .one }
    var parameters = BlobParameters.cancun
    for entry in l1BlobSchedule where entry.timestamp <= header.timestamp {
      parameters = entry.parameters
    }
    if let pectraBlobScheduleTime, header.timestamp < pectraBlobScheduleTime {
      parameters = .cancun
    }
    return parameters.fee(excess: excess)
  }
}
