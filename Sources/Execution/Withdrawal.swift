import Primitives

/// Ether that leaves the beacon chain for an account (EIP-4895).
public struct Withdrawal: Hashable, Sendable {
  /// Counts all withdrawals of the chain.
  public var index: UInt64
  /// The validator whose stake it was.
  public var validatorIndex: UInt64
  /// The account that gets it.
  public var address: Address
  /// How much, in gwei.
  public var amountInGwei: UInt64

  /// A withdrawal with these fields.
  public init(index: UInt64, validatorIndex: UInt64, address: Address, amountInGwei: UInt64) {
    self.index = index
    self.validatorIndex = validatorIndex
    self.address = address
    self.amountInGwei = amountInGwei
  }

  /// The amount in wei.
  public var amount: UInt256 { UInt256(amountInGwei) * UInt256(1_000_000_000 as UInt64) }

  /// The RLP.
  public var encoded: Bytes {
    RLPWriter.list { list in
      list.append(uint64: index)
      list.append(uint64: validatorIndex)
      list.append(address: address)
      list.append(uint64: amountInGwei)
    }
  }

  /// The next item of `reader` as a withdrawal.
  ///
  /// - Throws: `RLPError` when it is none.
  public init(from reader: inout RLPReader) throws(RLPError) {
    var fields = try reader.list()
    index = try fields.uint64()
    validatorIndex = try fields.uint64()
    address = try fields.address()
    amountInGwei = try fields.uint64()
    try fields.end()
  }
}
