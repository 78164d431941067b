import EVM
import Primitives

/// What a header's extra data say of base fees to come, since Holocene.
///
/// Version 0 (Holocene) is nine bytes; version 1 (Jovian) adds the lowest base fee in eight.
public struct RollupExtraData: Hashable, Sendable {
  /// The part by which the base fee moves at most; not 0.
  public var changeDenominator: UInt32
  /// The gas limit divided by this is the gas at which the fee stays; not 0.
  public var elasticity: UInt32
  /// Since Jovian: the base fee does not fall below this, in wei.
  public var lowestBaseFee: UInt64?

  /// Extra data with these values.
  public init(changeDenominator: UInt32, elasticity: UInt32, lowestBaseFee: UInt64? = nil) {
    self.changeDenominator = changeDenominator
    self.elasticity = elasticity
    self.lowestBaseFee = lowestBaseFee
  }

  /// The extra data that `bytes` are under `fork`, or nil if they are none.
  public init?(_ bytes: Bytes, fork: RollupFork) {
    let isJovian = fork >= .jovian
    guard fork >= .holocene, bytes.count == (isJovian ? 17 : 9), bytes[0] == (isJovian ? 1 : 0)
    else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    changeDenominator = UInt32(number(1..<5))
    elasticity = UInt32(number(5..<9))
    lowestBaseFee = isJovian ? number(9..<17) : nil
    if changeDenominator == 0 || elasticity == 0 { return nil }
  }

  /// The extra data for a sequencer's wish: eight bytes of denominator and elasticity, where zeros
  /// stand for the chain's `defaults`; nil if it is no wish that `fork` takes.
  public init?(
    parameters: Bytes, lowestBaseFee: UInt64?, defaults: BaseFeeParameters, fork: RollupFork
  ) {
    guard fork >= .holocene, parameters.count == 8, (lowestBaseFee != nil) == (fork >= .jovian)
    else { return nil }
    func number(_ range: Range<Int>) -> UInt32 {
      parameters[range].reduce(0) { $0 << 8 | UInt32($1) }
    }
    changeDenominator = number(0..<4)
    elasticity = number(4..<8)
    self.lowestBaseFee = lowestBaseFee
    if changeDenominator == 0, elasticity == 0 {
      changeDenominator = UInt32(truncatingIfNeeded: defaults.changeDenominator)
      elasticity = UInt32(truncatingIfNeeded: defaults.elasticity)
    }
    if changeDenominator == 0 || elasticity == 0 { return nil }
  }

  /// The bytes that stand in the header.
  public var encoded: Bytes {
    var bytes: Bytes = [lowestBaseFee == nil ? 0 : 1]
    func append(_ value: UInt64, _ size: Int) {
      for index in 0..<size {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (size - 1 - index))))
      }
    }
    append(UInt64(changeDenominator), 4)
    append(UInt64(elasticity), 4)
    if let lowestBaseFee { append(lowestBaseFee, 8) }
    return bytes
  }
}

extension ChainSpecification {
  /// The OP Stack's rules at `timestamp`; nil on other chains.
  public func rollupFork(at timestamp: UInt64) -> RollupFork? { rollup?.fork(at: timestamp) }

  /// The parameters that a block at `timestamp` has from the chain, where no header says others.
  public func baseFeeParameters(at timestamp: UInt64) -> BaseFeeParameters {
    guard let rollup, rollup.fork(at: timestamp) < .canyon else { return baseFeeParameters }
    return BaseFeeParameters(
      elasticity: baseFeeParameters.elasticity,
      changeDenominator: max(rollup.changeDenominatorBeforeCanyon, 1))
  }

  /// The extra data that a block at `timestamp` has when its producer names none.
  func usualExtraData(at timestamp: UInt64) -> Bytes {
    guard let fork = rollupFork(at: timestamp), fork >= .holocene else { return [] }
    let parameters = RollupExtraData(
      parameters: Bytes(repeating: 0, count: 8), lowestBaseFee: fork >= .jovian ? 0 : nil,
      defaults: baseFeeParameters, fork: fork)
    return parameters?.encoded ?? []
  }
}
