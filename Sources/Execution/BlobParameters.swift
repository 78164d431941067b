import Primitives

/// How many blobs a block should and may hold, and how fast their price moves (EIP-7840).
public struct BlobParameters: Hashable, Sendable {
  /// The gas that one blob takes (EIP-4844).
  public static let gasPerBlob: UInt64 = 1 << 17
  /// The lowest price per blob gas, in wei (EIP-4844).
  public static let lowestFee: UInt256 = 1
  /// The execution gas that a blob should cost at least (EIP-7918).
  public static let reserveGasPerBlob: UInt64 = 1 << 13
  /// The most blobs that one transaction may have since Osaka (EIP-7594).
  public static let blobsPerTransaction = 6

  /// How many blobs a block holds when the price stays.
  public var target: UInt64
  /// The most blobs in a block.
  public var maximum: UInt64
  /// Larger means that the price moves slower.
  public var updateFraction: UInt64

  /// Parameters with these values; the fraction and the maximum are not 0.
  public init(target: UInt64, maximum: UInt64, updateFraction: UInt64) {
    self.target = target
    self.maximum = maximum
    self.updateFraction = updateFraction
  }

  /// Those of Cancun (EIP-4844).
  public static let cancun = BlobParameters(target: 3, maximum: 6, updateFraction: 3_338_477)
  /// Those of Prague (EIP-7691).
  public static let prague = BlobParameters(target: 6, maximum: 9, updateFraction: 5_007_716)

  /// The most blob gas in a block; `UInt64.max` where the product does not fit.
  public var maximumGas: UInt64 { Self.product(maximum, Self.gasPerBlob) }

  /// The price per blob gas, in wei, when the chain is `excess` blob gas ahead of its target.
  ///
  /// A price that does not fit counts as the greatest number: nobody can pay either.
  public func fee(excess: UInt64) -> UInt256 {
    Self.fakeExponential(
      factor: Self.lowestFee, numerator: UInt256(excess), denominator: UInt256(updateFraction))
  }

  /// The excess after a block with `parentExcess` and `parentUsed`.
  ///
  /// `reserveBaseFee` is the parent's base fee from Osaka on (EIP-7918), else nil.
  public func nextExcess(
    parentExcess: UInt64, parentUsed: UInt64, reserveBaseFee: UInt256?
  ) -> UInt64 {
    let (sum, overflow) = parentExcess.addingReportingOverflow(parentUsed)
    if overflow { return .max }
    let targetGas = Self.product(target, Self.gasPerBlob)
    if sum < targetGas { return 0 }
    if let reserveBaseFee {
      let reserve = reserveBaseFee.multipliedReportingOverflow(
        by: UInt256(Self.reserveGasPerBlob))
      let price = fee(excess: parentExcess).multipliedReportingOverflow(
        by: UInt256(Self.gasPerBlob))
      if !price.overflow, reserve.overflow || reserve.partialValue > price.partialValue {
        let scaled = parentUsed.multipliedFullWidth(by: maximum &- min(target, maximum))
        return parentExcess
          &+ maximum.dividingFullWidth((scaled.high % maximum, scaled.low)).quotient
      }
    }
    return sum - targetGas
  }

  private static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? .max : product
  }

  /// `factor * e ^ (numerator / denominator)` as a Taylor series in whole numbers (EIP-4844).
  static func fakeExponential(
    factor: UInt256, numerator: UInt256, denominator: UInt256
  ) -> UInt256 {
    var index = UInt256.one
    var output = UInt256.zero
    var term = factor.multipliedReportingOverflow(by: denominator).partialValue
    while !term.isZero {
      let sum = output.addingReportingOverflow(term)
      let next = term.multipliedReportingOverflow(by: numerator)
      if sum.overflow || next.overflow { return .max }
      output = sum.partialValue
      term = next.partialValue / (denominator * index)
      index = index + .one
    }
    return output / denominator
  }
}
