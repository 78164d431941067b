/// Addition, subtraction and multiplication: wrapping, checked, and reporting.
///
/// Carries run through `UInt128` halves, which compiles to add-with-carry chains.
extension UInt256 {
  /// The sum modulo 2²⁵⁶, and whether it was above.
  @inlinable
  @inline(__always)
  public func addingReportingOverflow(
    _ other: UInt256
  ) -> (partialValue: UInt256, overflow: Bool) {
    let (lowSum, carry) = low.addingReportingOverflow(other.low)
    let (sum, first) = high.addingReportingOverflow(other.high)
    let (highSum, second) = sum.addingReportingOverflow(carry ? 1 : 0)
    return (UInt256(low: lowSum, high: highSum), first != second)
  }

  /// The difference modulo 2²⁵⁶, and whether it was below zero.
  @inlinable
  @inline(__always)
  public func subtractingReportingOverflow(
    _ other: UInt256
  ) -> (partialValue: UInt256, overflow: Bool) {
    let (lowDifference, borrow) = low.subtractingReportingOverflow(other.low)
    let (difference, first) = high.subtractingReportingOverflow(other.high)
    let (highDifference, second) = difference.subtractingReportingOverflow(borrow ? 1 : 0)
    return (UInt256(low: lowDifference, high: highDifference), first != second)
  }

  /// The product modulo 2²⁵⁶, and whether it was above.
  public func multipliedReportingOverflow(
    by other: UInt256
  ) -> (partialValue: UInt256, overflow: Bool) {
    let product = multipliedFullWidth(by: other)
    return (product.low, !product.high.isZero)
  }

  /// The sum modulo 2²⁵⁶ (ADD).
  @inlinable
  @inline(__always)
  public static func &+ (left: UInt256, right: UInt256) -> UInt256 {
    let (low, carry) = left.low.addingReportingOverflow(right.low)
    return UInt256(low: low, high: left.high &+ right.high &+ (carry ? 1 : 0))
  }

  /// The difference modulo 2²⁵⁶ (SUB).
  @inlinable
  @inline(__always)
  public static func &- (left: UInt256, right: UInt256) -> UInt256 {
    let (low, borrow) = left.low.subtractingReportingOverflow(right.low)
    return UInt256(low: low, high: left.high &- right.high &- (borrow ? 1 : 0))
  }

  /// The product modulo 2²⁵⁶ (MUL).
  @inlinable
  @inline(__always)
  public static func &* (left: UInt256, right: UInt256) -> UInt256 {
    var carry: UInt64 = 0
    let word0 = multiplyAdd(0, left.limb0, right.limb0, &carry)
    var word1 = multiplyAdd(0, left.limb1, right.limb0, &carry)
    var word2 = multiplyAdd(0, left.limb2, right.limb0, &carry)
    var word3 = carry &+ left.limb3 &* right.limb0
    carry = 0
    word1 = multiplyAdd(word1, left.limb0, right.limb1, &carry)
    word2 = multiplyAdd(word2, left.limb1, right.limb1, &carry)
    word3 = word3 &+ carry &+ left.limb2 &* right.limb1
    carry = 0
    word2 = multiplyAdd(word2, left.limb0, right.limb2, &carry)
    word3 = word3 &+ carry &+ left.limb1 &* right.limb2 &+ left.limb0 &* right.limb3
    return UInt256(word0, word1, word2, word3)
  }

  /// The lower word of `addend + left * right + carry`; the upper word becomes the carry.
  @inlinable
  @inline(__always)
  static func multiplyAdd(
    _ addend: UInt64, _ left: UInt64, _ right: UInt64, _ carry: inout UInt64
  ) -> UInt64 {
    let product =
      UInt128(truncatingIfNeeded: left) &* UInt128(truncatingIfNeeded: right)
      &+ UInt128(truncatingIfNeeded: addend) &+ UInt128(truncatingIfNeeded: carry)
    carry = UInt64(truncatingIfNeeded: product &>> 64)
    return UInt64(truncatingIfNeeded: product)
  }

  /// The 512-bit product.
  public func multipliedFullWidth(by other: UInt256) -> (high: UInt256, low: UInt256) {
    var carry: UInt64 = 0
    let word0 = Self.multiplyAdd(0, limb0, other.limb0, &carry)
    var word1 = Self.multiplyAdd(0, limb1, other.limb0, &carry)
    var word2 = Self.multiplyAdd(0, limb2, other.limb0, &carry)
    var word3 = Self.multiplyAdd(0, limb3, other.limb0, &carry)
    var word4 = carry
    carry = 0
    word1 = Self.multiplyAdd(word1, limb0, other.limb1, &carry)
    word2 = Self.multiplyAdd(word2, limb1, other.limb1, &carry)
    word3 = Self.multiplyAdd(word3, limb2, other.limb1, &carry)
    word4 = Self.multiplyAdd(word4, limb3, other.limb1, &carry)
    var word5 = carry
    carry = 0
    word2 = Self.multiplyAdd(word2, limb0, other.limb2, &carry)
    word3 = Self.multiplyAdd(word3, limb1, other.limb2, &carry)
    word4 = Self.multiplyAdd(word4, limb2, other.limb2, &carry)
    word5 = Self.multiplyAdd(word5, limb3, other.limb2, &carry)
    var word6 = carry
    carry = 0
    word3 = Self.multiplyAdd(word3, limb0, other.limb3, &carry)
    word4 = Self.multiplyAdd(word4, limb1, other.limb3, &carry)
    word5 = Self.multiplyAdd(word5, limb2, other.limb3, &carry)
    word6 = Self.multiplyAdd(word6, limb3, other.limb3, &carry)
    return (UInt256(word4, word5, word6, carry), UInt256(word0, word1, word2, word3))
  }

  /// The sum, which must be below 2²⁵⁶.
  @inlinable
  public static func + (left: UInt256, right: UInt256) -> UInt256 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    precondition(!overflow, "a sum of UInt256 overflows")
    return sum
  }

  /// The difference, which must not be negative.
  @inlinable
  public static func - (left: UInt256, right: UInt256) -> UInt256 {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    precondition(!overflow, "a difference of UInt256 is negative")
    return difference
  }

  /// The product, which must be below 2²⁵⁶.
  public static func * (left: UInt256, right: UInt256) -> UInt256 {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    precondition(!overflow, "a product of UInt256 overflows")
    return product
  }

  /// Adds in place; the sum must be below 2²⁵⁶.
  @inlinable
  public static func += (left: inout UInt256, right: UInt256) { left = left + right }

  /// Subtracts in place; the difference must not be negative.
  @inlinable
  public static func -= (left: inout UInt256, right: UInt256) { left = left - right }

  /// The number whose sum with this one is 0 modulo 2²⁵⁶.
  @inlinable
  @inline(__always)
  public var negated: UInt256 { UInt256.zero &- self }

  /// The distance from zero of the number read in two's complement.
  @inlinable
  @inline(__always)
  public var signedMagnitude: UInt256 { isNegative ? negated : self }

  /// This number raised to a power, modulo 2²⁵⁶ (EXP), by squaring.
  public func power(_ exponent: UInt256) -> UInt256 {
    if self == 2 { return UInt256.one.shiftedLeft(by: exponent) }
    var result = UInt256.one
    var square = self
    var remaining = exponent
    while !remaining.isZero {
      if remaining.limb0 & 1 == 1 { result = result &* square }
      remaining = remaining.shiftedRight(by: 1 as UInt64)
      if !remaining.isZero { square = square &* square }
    }
    return result
  }
}
