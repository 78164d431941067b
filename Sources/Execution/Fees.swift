import EVM
import Primitives

/// The base fee of the first block that has one, in wei (EIP-1559).
public let initialBaseFee: UInt256 = 1_000_000_000

/// The base fee of the block after `parent`, in wei (EIP-1559).
///
/// Only meaningful when that block has the rules of London or later. After a parent without a base
/// fee it is the first one. `timestamp` is the block's, where it is known: Canyon changed the
/// parameters by it. Since Holocene they stand in the parent, and since Jovian a lowest fee too.
public func nextBaseFee(
  parent: BlockHeader, specification: ChainSpecification, timestamp: UInt64? = nil
) -> UInt256 {
  guard let parentFee = parent.baseFee else { return initialBaseFee }
  var parameters = specification.baseFeeParameters(at: timestamp ?? parent.timestamp)
  guard let fork = specification.rollupFork(at: parent.timestamp) else {
    return nextBaseFee(after: parentFee, parent, gasUsed: parent.gasUsed, parameters)
  }
  // A development chain's genesis may lack what its fork asks for; then the chain's own hold.
  let extra = RollupExtraData(parent.extraData, fork: fork)
  if let extra {
    parameters = BaseFeeParameters(
      elasticity: UInt64(extra.elasticity), changeDenominator: UInt64(extra.changeDenominator))
  }
  let data = fork >= .jovian ? parent.blobGasUsed ?? 0 : 0
  let fee = nextBaseFee(
    after: parentFee, parent, gasUsed: max(parent.gasUsed, data), parameters)
  return max(fee, UInt256(extra?.lowestBaseFee ?? 0))
}

private func nextBaseFee(
  after parentFee: UInt256, _ parent: BlockHeader, gasUsed: UInt64,
  _ parameters: BaseFeeParameters
) -> UInt256 {
  let target = parent.gasLimit / parameters.elasticity
  if gasUsed == target || target == 0 { return parentFee }
  let divisor = UInt256(parameters.changeDenominator)
  let distance = UInt256(gasUsed > target ? gasUsed - target : target - gasUsed)
  let (product, overflow) = parentFee.multipliedReportingOverflow(by: distance)
  // A fee of 2^192 wei is more ether than there is; then the order of the two steps is all one.
  let delta =
    overflow
    ? parentFee / UInt256(target) * distance / divisor : product / UInt256(target) / divisor
  if gasUsed < target { return parentFee - min(delta, parentFee) }
  let (sum, sumOverflow) = parentFee.addingReportingOverflow(max(delta, .one))
  return sumOverflow ? .max : sum
}

/// The excess blob gas of the block at `timestamp` after `parent` (EIP-4844, EIP-7918).
public func nextExcessBlobGas(
  parent: BlockHeader, timestamp: UInt64, specification: ChainSpecification
) -> UInt64 {
  if specification.isOptimism { return 0 }
  let fork = specification.fork(number: parent.number &+ 1, timestamp: timestamp, isMerged: true)
  return specification.blobParameters(at: timestamp).nextExcess(
    parentExcess: parent.excessBlobGas ?? 0, parentUsed: parent.blobGasUsed ?? 0,
    reserveBaseFee: fork >= .osaka ? parent.baseFee ?? .zero : nil)
}

extension BlockHeader {
  /// What a blob gas costs in this block, in wei; the lowest fee before Cancun.
  public func blobBaseFee(_ specification: ChainSpecification) -> UInt256 {
    guard let excessBlobGas, !specification.isOptimism else { return BlobParameters.lowestFee }
    return specification.blobParameters(at: timestamp).fee(excess: excessBlobGas)
  }

  /// What code in this block sees of it.
  public func environment(_ specification: ChainSpecification) -> BlockEnvironment {
    BlockEnvironment(
      number: number, timestamp: timestamp, feeRecipient: feeRecipient, gasLimit: gasLimit,
      baseFee: baseFee ?? .zero, difficulty: difficulty, prevRandao: prevRandao,
      blobBaseFee: blobBaseFee(specification), chainID: UInt256(specification.chainID),
      codeSizeLimit: specification.codeSizeLimit)
  }
}
