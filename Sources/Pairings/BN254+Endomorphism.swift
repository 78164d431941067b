import Primitives

/// The faster multiple of points of G1, by the map (x, y) → (βx, y), which multiplies by λ, a cube
/// root of one (Gallant, Lambert and Vanstone, 2001): a scalar becomes k₁ + k₂λ of half its length.
extension JacobianPoint<BN254Curve> {
  /// The multiple of the point by a scalar.
  ///
  /// Not in constant time.
  public func multiplied(by scalar: BN254.ScalarField) -> Self {
    if isInfinity || scalar.isZero { return .infinity }
    let parts = ScalarParts(scalar.asUInt256)
    let first = SignedDigits(parts.first)
    let second = SignedDigits(parts.second)
    // The odd multiples 1, 3, … 15, and their images.
    var table = [8 of Self](repeating: self)
    let twice = doubled()
    for index in 1..<8 { table[index] = table[index - 1] + twice }
    var images = table
    for index in 0..<8 {
      let point = table[index]
      images[index] = Self(
        point.x * Self.beta, parts.isSecondNegative ? -point.y : point.y, point.z)
    }
    var result = Self.infinity
    for index in stride(from: max(first.count, second.count) - 1, through: 0, by: -1) {
      result = result.doubled()
      for (digit, isFirst) in [(first[index], true), (second[index], false)] where digit != 0 {
        let place = Int(digit.magnitude) / 2
        let multiple = isFirst ? table[place] : images[place]
        result = result + (digit > 0 ? multiple : -multiple)
      }
    }
    return result
  }

  /// The cube root of one in the field of the coordinates that belongs to λ.
  private static var beta: BN254.BaseField {
    BN254.BaseField(
      montgomery: UInt256(
        0x71930c11d782e155, 0xa6bb947cffbe3323, 0xaa303344d4741444, 0x2c3b3f0d26594943))
  }
}

/// A scalar k as k₁ + k₂λ, both below 2¹²⁸.
///
/// The multiples of (A, S) and (S, -B), which are short, are all pairs with k₁ + k₂λ = 0; the one
/// that is closest below (k, 0) is taken off. λ is
/// 4407920970296243842393367215006156084916469457145843978461.
private struct ScalarParts {
  let first: UInt256
  let second: UInt256
  let isSecondNegative: Bool

  init(_ scalar: UInt256) {
    let a = UInt256(0x0be4e1541221250b, 0x6f4d8248eeb859fd, 0, 0)
    let b = UInt256(0x8211bbeb7d4f1128, 0x6f4d8248eeb859fc, 0, 0)
    let s = UInt256(0x89d3256894d213e3)
    // kB/r and kS/r, by way of 2²⁵⁶B/r and 2²⁵⁶S/r.
    let c1 = scalar.multipliedFullWidth(
      by: UInt256(0x7a7bd9d4391eb18d, 0x4ccef014a773d2cf, 0x02, 0)
    ).high
    let c2 = scalar.multipliedFullWidth(
      by: UInt256(0xd91d232ec7e0b3d7, 0x02, 0, 0)
    ).high
    first = scalar &- c1 &* a &- c2 &* s
    let difference = c2 &* b &- c1 &* s
    isSecondNegative = difference.isNegative
    second = difference.isNegative ? UInt256.zero &- difference : difference
  }
}
