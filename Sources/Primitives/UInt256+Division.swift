/// Division with remainder, and what the virtual machine builds on it.
///
/// A divisor of one limb takes four steps with a precomputed reciprocal; a longer one goes through
/// Knuth's algorithm D (`Division.swift`).
extension UInt256 {
  /// The quotient and the remainder of a division by a number that is not 0.
  public func quotientAndRemainder(
    dividingBy divisor: UInt256
  ) -> (quotient: UInt256, remainder: UInt256) {
    precondition(!divisor.isZero, "a UInt256 is not divided by zero")
    if self < divisor { return (.zero, self) }
    if divisor.fitsUInt64 {
      if fitsUInt64 {
        let (quotient, remainder) = limb0.quotientAndRemainder(dividingBy: divisor.limb0)
        return (UInt256(quotient), UInt256(remainder))
      }
      return divided(byLimb: divisor.limb0)
    }
    var numerator: WideNumber = [limb0, limb1, limb2, limb3, 0, 0, 0, 0, 0]
    let quotient = divideInPlace(&numerator, limbs: (bitWidth &+ 63) / 64, by: divisor)
    return (
      UInt256(quotient[0], quotient[1], quotient[2], quotient[3]),
      UInt256(numerator[0], numerator[1], numerator[2], numerator[3])
    )
  }

  /// The quotient and the remainder of a division by one limb that is not 0.
  private func divided(byLimb limb: UInt64) -> (quotient: UInt256, remainder: UInt256) {
    let shift = UInt64(truncatingIfNeeded: limb.leadingZeroBitCount)
    let divisor = NormalizedLimb(limb &<< shift)
    let shifted = shiftedLeft(by: shift)
    var remainder = shift == 0 ? 0 : limb3 &>> (64 &- shift)
    let quotient3 = divisor.divide(shifted.limb3, &remainder)
    let quotient2 = divisor.divide(shifted.limb2, &remainder)
    let quotient1 = divisor.divide(shifted.limb1, &remainder)
    let quotient0 = divisor.divide(shifted.limb0, &remainder)
    return (
      UInt256(quotient0, quotient1, quotient2, quotient3), UInt256(remainder &>> shift)
    )
  }

  /// The quotient, rounded down, of a division by a number that is not 0.
  public static func / (left: UInt256, right: UInt256) -> UInt256 {
    left.quotientAndRemainder(dividingBy: right).quotient
  }

  /// The remainder of a division by a number that is not 0.
  public static func % (left: UInt256, right: UInt256) -> UInt256 {
    left.quotientAndRemainder(dividingBy: right).remainder
  }

  /// The quotient, or 0 for a division by 0 (DIV).
  public func evmDivide(by divisor: UInt256) -> UInt256 {
    divisor.isZero ? .zero : self / divisor
  }

  /// The remainder, or 0 for a division by 0 (MOD).
  public func evmModulo(_ modulus: UInt256) -> UInt256 {
    modulus.isZero ? .zero : self % modulus
  }

  /// The quotient in two's complement, rounded towards 0, or 0 for a division by 0 (SDIV).
  ///
  /// The least number divided by -1 wraps to itself.
  public func evmSignedDivide(by divisor: UInt256) -> UInt256 {
    let quotient = signedMagnitude.evmDivide(by: divisor.signedMagnitude)
    return isNegative != divisor.isNegative ? quotient.negated : quotient
  }

  /// The remainder in two's complement with the sign of the dividend, or 0 (SMOD).
  public func evmSignedModulo(_ modulus: UInt256) -> UInt256 {
    let remainder = signedMagnitude.evmModulo(modulus.signedMagnitude)
    return isNegative ? remainder.negated : remainder
  }

  /// The sum, not cut to 256 bits, modulo a number; 0 for the modulus 0 (ADDMOD).
  public func addModulo(_ other: UInt256, _ modulus: UInt256) -> UInt256 {
    if modulus.isZero { return .zero }
    if self < modulus && other < modulus {
      let (sum, overflow) = addingReportingOverflow(other)
      return overflow || sum >= modulus ? sum &- modulus : sum
    }
    let (sum, overflow) = addingReportingOverflow(other)
    if !overflow { return sum % modulus }
    return Self.remainder(high: .one, low: sum, modulus: modulus)
  }

  /// The product, not cut to 256 bits, modulo a number; 0 for the modulus 0 (MULMOD).
  public func multiplyModulo(_ other: UInt256, _ modulus: UInt256) -> UInt256 {
    if modulus.isZero { return .zero }
    let product = multipliedFullWidth(by: other)
    if product.high.isZero { return product.low % modulus }
    return Self.remainder(high: product.high, low: product.low, modulus: modulus)
  }

  /// The remainder of a 512-bit number whose upper half is not 0.
  private static func remainder(high: UInt256, low: UInt256, modulus: UInt256) -> UInt256 {
    var numerator: WideNumber = [
      low.limb0, low.limb1, low.limb2, low.limb3,
      high.limb0, high.limb1, high.limb2, high.limb3, 0,
    ]
    let limbs = 4 &+ (high.bitWidth &+ 63) / 64
    if modulus.fitsUInt64 {
      return UInt256(remainderByLimb(numerator, limbs: limbs, limb: modulus.limb0))
    }
    _ = divideInPlace(&numerator, limbs: limbs, by: modulus)
    return UInt256(numerator[0], numerator[1], numerator[2], numerator[3])
  }
}
