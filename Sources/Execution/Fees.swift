import EVM
import Primitives

/// The base fee of the first block that has one, in wei (EIP-1559).
public let initialBaseFee: UInt256 = 1_000_000_000

/// The base fee of the block after `parent`, in wei (EIP-1559).
///
/// Only meaningful when that block has the rules of London or later. After a parent without a base
/// fee it is the first one.
public func nextBaseFee(parent: BlockHeader, specification: ChainSpecification) -> UInt256 {
  guard let parentFee = parent.baseFee else { return initialBaseFee }
  let parameters = specification.baseFeeParameters
  let target = parent.gasLimit / parameters.elasticity
  if parent.gasUsed == target || target == 0 { return parentFee }
  let divisor = UInt256(parameters.changeDenominator)
  let distance = UInt256(
    parent.gasUsed > target ? parent.gasUsed - target : target - parent.gasUsed)
  let (product, overflow) = parentFee.multipliedReportingOverflow(by: distance)
  // A fee of 2^192 wei is more ether than there is; then the order of the two steps is all one.
  let delta =
    overflow
    ? parentFee / UInt256(target) * distance / divisor : product / UInt256(target) / divisor
  if parent.gasUsed < target { return parentFee - min(delta, parentFee) }
  let (sum, sumOverflow) = parentFee.addingReportingOverflow(max(delta, .one))
  return sumOverflow ? .max : sum
}

/// The excess blob gas of the block at `timestamp` after `parent` (EIP-4844, EIP-7918).
public func nextExcessBlobGas(
  parent: BlockHeader, timestamp: UInt64, specification: ChainSpecification
) -> UInt64 {
  let fork = specification.fork(number: parent.number &+ 1, timestamp: timestamp, isMerged: true)
  return specification.blobParameters(at: timestamp).nextExcess(
    parentExcess: parent.excessBlobGas ?? 0, parentUsed: parent.blobGasUsed ?? 0,
    reserveBaseFee: fork >= .osaka ? parent.baseFee ?? .zero : nil)
}

extension BlockHeader {
  /// What a blob gas costs in this block, in wei; the lowest fee before Cancun.
  public func blobBaseFee(_ specification: ChainSpecification) -> UInt256 {
    guard let excessBlobGas else { return BlobParameters.lowestFee }
    return specification.blobParameters(at: timestamp).fee(excess: excessBlobGas)
  }

  /// What code in this block sees of it.
  public func environment(_ specification: ChainSpecification) -> BlockEnvironment {
    BlockEnvironment(
      number: number, timestamp: timestamp, feeRecipient: feeRecipient, gasLimit: gasLimit,
      baseFee: baseFee ?? .zero, difficulty: difficulty, prevRandao: prevRandao,
      blobBaseFee: blobBaseFee(specification), chainID: UInt256(specification.chainID))
  }
}
