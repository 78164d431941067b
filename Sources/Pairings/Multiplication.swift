import Primitives

extension JacobianPoint {
  /// The multiple of the point, by signed windows of five bits.
  ///
  /// Not in constant time.
  public func multiplied(by scalar: UInt256) -> Self {
    if scalar.isZero || isInfinity { return .infinity }
    // The odd multiples 1, 3, … 15.
    var table = [8 of Self](repeating: self)
    let twice = doubled()
    for index in 1..<8 { table[index] = table[index - 1] + twice }
    let digits = SignedDigits(scalar)
    var result = Self.infinity
    for index in stride(from: digits.count - 1, through: 0, by: -1) {
      result = result.doubled()
      let digit = Int(digits[index])
      if digit > 0 { result = result + table[digit / 2] }
      if digit < 0 { result = result + -table[-digit / 2] }
    }
    return result
  }

  /// The multiple of the point by a small number, bit by bit.
  func multiplied(by scalar: UInt64) -> Self {
    var result = Self.infinity
    for index in stride(from: 63 - scalar.leadingZeroBitCount, through: 0, by: -1) {
      result = result.doubled()
      if scalar >> UInt64(index) & 1 == 1 { result = result + self }
    }
    return result
  }
}

/// A number as odd digits from -15 to 15, at least four zeros between two of them (wNAF).
struct SignedDigits {
  private var digits = [260 of Int8](repeating: 0)
  /// How many digits there are, up to the most significant one.
  private(set) var count = 0

  /// The digits of a number.
  init(_ number: UInt256) {
    var rest = number
    var carry = false
    var index = 0
    while !rest.isZero || carry {
      if rest.limb0 & 1 == 1 {
        let low = Int8(truncatingIfNeeded: rest.limb0 & 31)
        digits[index] = low > 16 ? low - 32 : low
        count = index + 1
        rest = UInt256(rest.limb0 & ~31, rest.limb1, rest.limb2, rest.limb3)
        if low > 16 { (rest, carry) = rest.addingReportingOverflow(32) }
      }
      rest = rest >> 1
      if carry {
        rest = UInt256(rest.limb0, rest.limb1, rest.limb2, rest.limb3 | 1 << 63)
        carry = false
      }
      index += 1
    }
  }

  /// A digit, 0 for the least significant.
  subscript(index: Int) -> Int8 { digits[index] }
}
