import EVM
import Execution
import Primitives

extension RollupConfiguration {
  /// Whether the L2 block at `timestamp` is the first under the rules of `fork`.
  ///
  /// A fork that held from the chain's first block on has no such block.
  public func isActivationBlock(of fork: RollupFork, at timestamp: UInt64) -> Bool {
    isActive(fork, at: timestamp) && timestamp >= blockTime
      && !isActive(fork, at: timestamp - blockTime)
  }

  /// How the L1 attributes are written in the L2 block at `timestamp`.
  ///
  /// A fork's first block still has the form before it, since the contract that reads the new one
  /// is put in place only after it.
  public func attributesFormat(at timestamp: UInt64) -> L1Attributes.Format {
    func holds(_ fork: RollupFork) -> Bool {
      isActive(fork, at: timestamp) && !isActivationBlock(of: fork, at: timestamp)
    }
    if holds(.jovian) { return .jovian }
    if holds(.isthmus) { return .isthmus }
    return holds(.ecotone) ? .ecotone : .bedrock
  }

  /// The L1 attributes of the L2 block at `timestamp`.
  public func l1Attributes(
    of epoch: L1Epoch, systemConfiguration: SystemConfiguration, sequenceNumber: UInt64,
    timestamp: UInt64
  ) -> L1Attributes {
    var attributes = L1Attributes(format: attributesFormat(at: timestamp))
    attributes.number = epoch.reference.number
    attributes.timestamp = epoch.reference.timestamp
    attributes.baseFee = epoch.baseFee
    attributes.hash = epoch.reference.hash
    attributes.sequenceNumber = sequenceNumber
    attributes.batcherHash = Hash(UInt256(systemConfiguration.batcher))
    if attributes.format == .bedrock {
      attributes.overhead = systemConfiguration.overhead
      attributes.scalar = UInt256(systemConfiguration.scalar)
      return attributes
    }
    let scalars = EcotoneScalars(word: systemConfiguration.scalar)
    attributes.baseFeeScalar = scalars?.baseFeeScalar ?? .max
    attributes.blobBaseFeeScalar = scalars?.blobBaseFeeScalar ?? 0
    attributes.blobBaseFee = epoch.blobBaseFee
    attributes.operatorFeeScalar = systemConfiguration.operatorFeeScalar
    attributes.operatorFeeConstant = systemConfiguration.operatorFeeConstant
    let footprint = systemConfiguration.daFootprintGasScalar
    attributes.daFootprintGasScalar = footprint == 0 ? 400 : footprint
    return attributes
  }

  /// The deposit that tells the L2 block at `timestamp` its L1 attributes.
  func attributesDeposit(_ attributes: L1Attributes, timestamp: UInt64) -> Transaction {
    let isRegolith = isActive(.regolith, at: timestamp)
    let source = DepositSource.l1Attributes(
      l1BlockHash: attributes.hash, sequenceNumber: attributes.sequenceNumber)
    return Transaction(
      deposit: DepositFields(
        sourceHash: source.hash, from: L1Attributes.depositor, mint: .zero,
        isSystemTransaction: !isRegolith),
      to: Predeploys.l1Block, value: .zero, gasLimit: isRegolith ? 1_000_000 : 150_000_000,
      data: attributes.input)
  }
}
