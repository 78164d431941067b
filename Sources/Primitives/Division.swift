/// Long division on limbs with precomputed reciprocals instead of a division instruction.
///
/// Source: Möller and Granlund, "Improved division by invariant integers" (2011), algorithms 2 to
/// 6, and Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D.

/// Up to 512 bits, least significant limb first, and one more limb for normalisation.
typealias WideNumber = [9 of UInt64]

/// The two halves of a 128-bit product.
@inline(__always)
private func fullProduct(_ left: UInt64, _ right: UInt64) -> UInt128 {
  UInt128(truncatingIfNeeded: left) &* UInt128(truncatingIfNeeded: right)
}

extension UInt128 {
  @inline(__always)
  fileprivate init(high: UInt64, low: UInt64) {
    self = UInt128(truncatingIfNeeded: high) &<< 64 | UInt128(truncatingIfNeeded: low)
  }

  @inline(__always)
  fileprivate var highLimb: UInt64 { UInt64(truncatingIfNeeded: self &>> 64) }

  @inline(__always)
  fileprivate var lowLimb: UInt64 { UInt64(truncatingIfNeeded: self) }
}

/// ⌊(2¹²⁸ - 1) / divisor⌋ - 2⁶⁴ for a divisor whose top bit is set (algorithm 2).
@inline(__always)
private func reciprocal(of divisor: UInt64) -> UInt64 {
  let top = UInt32(truncatingIfNeeded: divisor &>> 55)
  let guess0 = UInt64(0x7fd00 / top)
  let upper = (divisor &>> 24) &+ 1
  let guess1 = (guess0 &<< 11) &- ((guess0 &* guess0 &* upper) &>> 40) &- 1
  let guess2 = (guess1 &<< 13) &+ ((guess1 &* ((1 &<< 60) &- guess1 &* upper)) &>> 47)
  let lowBit = divisor & 1
  let half = (divisor &>> 1) &+ lowBit
  let error = ((guess2 &>> 1) & (0 &- lowBit)) &- guess2 &* half
  let guess3 = (fullProduct(guess2, error).highLimb &>> 1) &+ (guess2 &<< 31)
  let correction = fullProduct(guess3, divisor) &+ UInt128(truncatingIfNeeded: divisor)
  return guess3 &- correction.highLimb &- divisor
}

/// A divisor of one limb whose top bit is set, with its reciprocal.
struct NormalizedLimb {
  private let divisor: UInt64
  private let inverse: UInt64

  init(_ divisor: UInt64) {
    self.divisor = divisor
    inverse = reciprocal(of: divisor)
  }

  /// One step of a division: `remainder` and the limb make the dividend (algorithm 4).
  @inline(__always)
  func divide(_ limb: UInt64, _ remainder: inout UInt64) -> UInt64 {
    let estimate = fullProduct(inverse, remainder) &+ UInt128(high: remainder, low: limb)
    var quotient = estimate.highLimb &+ 1
    var rest = limb &- quotient &* divisor
    if rest > estimate.lowLimb {
      quotient &-= 1
      rest = rest &+ divisor
    }
    if rest >= divisor {
      quotient &+= 1
      rest = rest &- divisor
    }
    remainder = rest
    return quotient
  }
}

/// A divisor of two limbs whose top bit is set, with the reciprocal for three-by-two steps.
private struct NormalizedPair {
  let divisor: UInt128
  private let inverse: UInt64

  /// Computes the reciprocal (algorithm 6).
  init(high: UInt64, low: UInt64) {
    divisor = UInt128(high: high, low: low)
    var inverse = reciprocal(of: high)
    var sum = high &* inverse &+ low
    if sum < low {
      inverse &-= 1
      if sum >= high {
        inverse &-= 1
        sum = sum &- high
      }
      sum = sum &- high
    }
    let product = fullProduct(inverse, low)
    sum = sum &+ product.highLimb
    if sum < product.highLimb {
      inverse &-= 1
      if sum >= high && (sum > high || product.lowLimb >= low) { inverse &-= 1 }
    }
    self.inverse = inverse
  }

  /// Divides three limbs whose upper two are below the divisor (algorithm 5).
  @inline(__always)
  func divide(_ high: UInt64, _ middle: UInt64, _ low: UInt64) -> (UInt64, UInt128) {
    let estimate = fullProduct(inverse, high) &+ UInt128(high: high, low: middle)
    var quotient = estimate.highLimb
    let rough = middle &- quotient &* divisor.highLimb
    let product = fullProduct(divisor.lowLimb, quotient)
    var rest = UInt128(high: rough, low: low) &- product &- divisor
    quotient &+= 1
    if rest.highLimb >= estimate.lowLimb {
      quotient &-= 1
      rest = rest &+ divisor
    }
    if rest >= divisor {
      quotient &+= 1
      rest = rest &- divisor
    }
    return (quotient, rest)
  }
}

/// The remainder of a division of a number of this many limbs by one limb that is not 0.
func remainderByLimb(_ numerator: WideNumber, limbs: Int, limb: UInt64) -> UInt64 {
  let shift = UInt64(truncatingIfNeeded: limb.leadingZeroBitCount)
  let divisor = NormalizedLimb(limb &<< shift)
  var shifted = numerator
  shiftLeft(&shifted, limbs: limbs, by: shift)
  var remainder = shifted[limbs]
  var index = limbs
  while index > 0 {
    index &-= 1
    _ = divisor.divide(shifted[index], &remainder)
  }
  return remainder &>> shift
}

/// Divides a number of this many limbs, leaves the remainder in its place, returns the quotient.
///
/// The divisor has two limbs at least.
func divideInPlace(
  _ numerator: inout WideNumber, limbs: Int, by divisor: UInt256
) -> WideNumber {
  let divisorLimbs = (divisor.bitWidth &+ 63) / 64
  var quotient = WideNumber(repeating: 0)
  guard limbs >= divisorLimbs else { return quotient }
  let shift = UInt64(truncatingIfNeeded: divisorLimbs &* 64 &- divisor.bitWidth)
  let shifted = divisor.shiftedLeft(by: shift)
  let parts: [4 of UInt64] = [shifted.limb0, shifted.limb1, shifted.limb2, shifted.limb3]
  let top = NormalizedPair(high: parts[divisorLimbs - 1], low: parts[divisorLimbs - 2])
  shiftLeft(&numerator, limbs: limbs, by: shift)

  var step = limbs &- divisorLimbs
  while step >= 0 {
    quotient[step] = divisionStep(&numerator, at: step, parts, divisorLimbs, top)
    step &-= 1
  }
  shiftRight(&numerator, limbs: divisorLimbs, by: shift)
  return quotient
}

/// One digit of the quotient: estimate it from three limbs, multiply, subtract, correct.
private func divisionStep(
  _ number: inout WideNumber, at step: Int, _ divisor: [4 of UInt64], _ divisorLimbs: Int,
  _ top: NormalizedPair
) -> UInt64 {
  let last = step &+ divisorLimbs
  let upper = UInt128(high: number[last], low: number[last - 1])
  if upper == top.divisor {
    let borrow = subtractProduct(&number, at: step, divisor, divisorLimbs, .max)
    number[last] = number[last] &- borrow
    return .max
  }
  var (digit, rest) = top.divide(upper.highLimb, upper.lowLimb, number[last - 2])
  let borrow = subtractProduct(&number, at: step, divisor, divisorLimbs - 2, digit)
  let negative: Bool
  (rest, negative) = rest.subtractingReportingOverflow(UInt128(truncatingIfNeeded: borrow))
  number[last - 2] = rest.lowLimb
  number[last - 1] = rest.highLimb
  if negative {
    digit &-= 1
    addBack(&number, at: step, divisor, divisorLimbs)
  }
  number[last] = 0
  return digit
}

/// Subtracts `factor * divisor` from the limbs at a position and returns the borrow.
@inline(__always)
private func subtractProduct(
  _ number: inout WideNumber, at start: Int, _ divisor: [4 of UInt64], _ count: Int,
  _ factor: UInt64
) -> UInt64 {
  var borrow: UInt64 = 0
  var index = 0
  while index < count {
    let product = fullProduct(divisor[index], factor) &+ UInt128(truncatingIfNeeded: borrow)
    let (difference, under) = number[start &+ index].subtractingReportingOverflow(
      product.lowLimb)
    number[start &+ index] = difference
    borrow = product.highLimb &+ (under ? 1 : 0)
    index &+= 1
  }
  return borrow
}

/// Adds the divisor back to the limbs at a position, dropping the carry.
private func addBack(
  _ number: inout WideNumber, at start: Int, _ divisor: [4 of UInt64], _ count: Int
) {
  var carry: UInt64 = 0
  for index in 0..<count {
    let sum =
      UInt128(truncatingIfNeeded: number[start + index])
      &+ UInt128(truncatingIfNeeded: divisor[index]) &+ UInt128(truncatingIfNeeded: carry)
    number[start + index] = sum.lowLimb
    carry = sum.highLimb
  }
}

/// Shifts the limbs left by fewer than 64 bits, into the limb after them.
@inline(__always)
private func shiftLeft(_ number: inout WideNumber, limbs: Int, by shift: UInt64) {
  guard shift > 0 else { return }
  var index = limbs
  number[index] = number[index - 1] &>> (64 &- shift)
  while index > 1 {
    index &-= 1
    number[index] = number[index] &<< shift | number[index - 1] &>> (64 &- shift)
  }
  number[0] = number[0] &<< shift
}

/// Shifts the limbs right by fewer than 64 bits.
@inline(__always)
private func shiftRight(_ number: inout WideNumber, limbs: Int, by shift: UInt64) {
  guard shift > 0 else { return }
  for index in 0..<limbs {
    let above = index + 1 < limbs ? number[index + 1] : 0
    number[index] = number[index] &>> shift | above &<< (64 &- shift)
  }
}
