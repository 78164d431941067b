import EVM
import Primitives

/// What an OP chain tells of a transaction's fees beside its receipt's consensus form.
///
/// It all follows from the transaction's bytes and the block's first deposit, which no receipt
/// commits to. Source: op-geth's `Receipts.deriveOPStackFields`.
public struct RollupReceiptFees: Hashable, Sendable {
  /// The parameters that the block's L1 attributes give.
  public let parameters: RollupFeeParameters
  /// Whether they have Bedrock's one scalar, as before Ecotone and in its first block.
  public let hasOneScalar: Bool
  /// The fee for the transaction's data.
  public let charge: L1Charge
  /// Jovian: the gas that an estimated byte takes; nil before, and in its first block.
  public let daFootprintGasScalar: UInt64?
  /// Jovian: the gas that the transaction's data take of the block's limit.
  public let daFootprint: UInt64

  /// The fees of a transaction, which is no deposit, in a block with these L1 attributes.
  public init(_ transaction: Transaction, attributes: L1Attributes, fork: RollupFork) {
    let data = RollupData(transaction.encoded)
    parameters = RollupFeeParameters(attributes)
    hasOneScalar = attributes.format == .bedrock
    charge = parameters.l1Charge(data, fork: fork, hasOneScalar: hasOneScalar)
    if fork >= .jovian, attributes.format == .jovian {
      let scalar = BlockDataGas.scalar(attributes)
      daFootprintGasScalar = scalar
      daFootprint = data.gas(scalar: scalar)
    } else {
      daFootprintGasScalar = nil
      daFootprint = 0
    }
  }
}

extension RollupFeeParameters {
  /// The parameters that a block's L1 attributes give; those that their format lacks are zero.
  public init(_ attributes: L1Attributes) {
    self.init()
    baseFee = attributes.baseFee
    blobBaseFee = attributes.blobBaseFee
    overhead = attributes.overhead
    scalar = attributes.scalar
    baseFeeScalar = attributes.baseFeeScalar
    blobBaseFeeScalar = attributes.blobBaseFeeScalar
    operatorFeeScalar = attributes.operatorFeeScalar
    operatorFeeConstant = attributes.operatorFeeConstant
  }

  /// The most that a transaction may owe beside gas: the L1 fee, and the operator's for all its
  /// gas.
  ///
  /// A sum that 256 bits do not hold is as much as they do.
  public func mostOwed(by transaction: Transaction, fork: RollupFork) -> UInt256 {
    let l1 = l1Charge(RollupData(transaction.encoded), fork: fork).fee
    let (sum, overflow) = l1.addingReportingOverflow(
      operatorFee(gas: transaction.gasLimit, fork: fork))
    return overflow ? .max : sum
  }
}

extension State {
  /// The parameters that the L1Block contract of an OP chain holds in this state.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  public func rollupFeeParameters(_ fork: RollupFork) throws(StateMiss) -> RollupFeeParameters {
    try RollupFeeParameters(fork) { slot throws(StateMiss) in
      try storage(Predeploys.l1Block, slot)
    }
  }
}
