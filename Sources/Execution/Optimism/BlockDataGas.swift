import EVM
import Primitives

/// Jovian's account of a block's data: how much of the gas limit they take on their way to L1.
///
/// Source: the OP Stack specification, Jovian, execution engine.
struct BlockDataGas {
  private let isActive: Bool
  private let limit: UInt64
  /// Gas for an estimated byte; nil before the block's first transaction.
  private var scalar: UInt64?
  /// The sum so far.
  private(set) var used: UInt64 = 0

  /// What a scalar of 0 stands for.
  private static let usualScalar: UInt64 = 400

  init(_ rules: TransactionRules) {
    isActive = rules.rollup.map { $0 >= .jovian } ?? false
    limit = rules.block.gasLimit
  }

  /// The footprint of the block's next transaction, which must have room for it.
  func next(_ transaction: Transaction) throws(ExecutionFailure) -> UInt64 {
    guard isActive, transaction.kind != .deposit else { return 0 }
    let footprint = RollupData(transaction.encoded).gas(
      scalar: scalar ?? Self.usualScalar)
    let available = limit - used
    if footprint > available {
      throw .refused(.blockGasExhausted(needed: footprint, available: available))
    }
    return footprint
  }

  /// Counts a transaction that went in; the first names the scalar.
  ///
  /// Jovian's first block has attributes of the older format, and no transactions of users.
  mutating func take(_ transaction: Transaction, _ footprint: UInt64) {
    guard isActive else { return }
    used += footprint
    if scalar != nil { return }
    scalar = L1Attributes(input: transaction.data).map(Self.scalar) ?? Self.usualScalar
  }

  /// The gas for an estimated byte that a block's attributes name.
  static func scalar(_ attributes: L1Attributes) -> UInt64 {
    attributes.daFootprintGasScalar == 0
      ? usualScalar : UInt64(attributes.daFootprintGasScalar)
  }
}
