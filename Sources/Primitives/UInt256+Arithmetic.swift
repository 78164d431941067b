/// Addition, subtraction and multiplication: wrapping, checked, and reporting.
///
/// Carries run from limb to limb as `adding` and `subtracting` write them, which compiles to chains of
/// add-with-carry.
extension UInt256 {
  /// The sum modulo 2²⁵⁶, and whether it was above.
  @inlinable
  @inline(__always)
  public func addingReportingOverflow(
    _ other: UInt256
  ) -> (partialValue: UInt256, overflow: Bool) {
    let (sum0, carry0) = limb0.addingReportingOverflow(other.limb0)
    let (sum1, carry1) = Self.adding(limb1, other.limb1, carry0)
    let (sum2, carry2) = Self.adding(limb2, other.limb2, carry1)
    let (sum3, carry3) = Self.adding(limb3, other.limb3, carry2)
    return (UInt256(sum0, sum1, sum2, sum3), carry3)
  }

  /// The difference modulo 2²⁵⁶, and whether it was below zero.
  @inlinable
  @inline(__always)
  public func subtractingReportingOverflow(
    _ other: UInt256
  ) -> (partialValue: UInt256, overflow: Bool) {
    let (rest0, borrow0) = limb0.subtractingReportingOverflow(other.limb0)
    let (rest1, borrow1) = Self.subtracting(limb1, other.limb1, borrow0)
    let (rest2, borrow2) = Self.subtracting(limb2, other.limb2, borrow1)
    let (rest3, borrow3) = Self.subtracting(limb3, other.limb3, borrow2)
    return (UInt256(rest0, rest1, rest2, rest3), borrow3)
  }

  /// The sum of two limbs and a carry, and the carry out of it.
  @inlinable
  @inline(__always)
  static func adding(
    _ left: UInt64, _ right: UInt64, _ carry: Bool
  ) -> (sum: UInt64, carry: Bool) {
    let (sum, first) = left.addingReportingOverflow(right)
    let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
    return (total, first != second)
  }

  /// The difference of two limbs and a borrow, and the borrow out of it.
  @inlinable
  @inline(__always)
  static func subtracting(
    _ left: UInt64, _ right: UInt64, _ borrow: Bool
  ) -> (difference: UInt64, borrow: Bool) {
    let (difference, first) = left.subtractingReportingOverflow(right)
    let (rest, second) = difference.subtractingReportingOverflow(borrow ? 1 : 0)
    return (rest, first != second)
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
    left.addingReportingOverflow(right).partialValue
  }

  /// The difference modulo 2²⁵⁶ (SUB).
  @inlinable
  @inline(__always)
  public static func &- (left: UInt256, right: UInt256) -> UInt256 {
    left.subtractingReportingOverflow(right).partialValue
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
