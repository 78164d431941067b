import Primitives

extension JacobianPoint {
  /// The sum of the multiples of the points, each by its scalar (Pippenger's buckets, 1976).
  ///
  /// The scalars are cut into signed digits; for each digit's place, the points are sorted by
  /// digit, those of a kind are added in affine coordinates, many inversions made as one
  /// (`BucketSums`), and running sums weigh the sums. Not in constant time. A long sum may be split
  /// into ranges of points, whose sums add up.
  public static func sum(of points: [AffinePoint<C>], times scalars: [UInt256]) -> Self {
    sum(of: points[...], times: scalars[...])
  }

  /// The sum of the multiples of the points, each by its scalar, for ranges of longer arrays.
  public static func sum(
    of points: ArraySlice<AffinePoint<C>>, times scalars: ArraySlice<UInt256>
  ) -> Self {
    buckets(of: points, times: scalars)
  }

  static func buckets(
    of points: ArraySlice<AffinePoint<C>>, times scalars: ArraySlice<UInt256>
  ) -> Self {
    precondition(points.count == scalars.count, "each point has its scalar")
    if points.count < 8 {
      var sum = Self.infinity
      for (point, scalar) in zip(points, scalars) {
        sum = sum + Self(point).multiplied(by: scalar)
      }
      return sum
    }
    let width = windowWidth(points.count)
    let digits = SignedWindows(scalars, width: width)
    var buckets = BucketSums<C>(count: 1 << (width - 1))
    var total = Self.infinity
    for window in stride(from: digits.windows - 1, through: 0, by: -1) {
      if !total.isInfinity { for _ in 0..<width { total = total.doubled() } }
      buckets.fill(points, digits.window(window))
      total = total + buckets.weighted()
    }
    return total
  }

  /// How many bits a window has: about the logarithm of the count, less two.
  private static func windowWidth(_ count: Int) -> Int {
    let logarithm = Int.bitWidth - count.leadingZeroBitCount
    return Swift.max(3, Swift.min(15, logarithm <= 8 ? logarithm - 1 : logarithm - 3))
  }
}

/// Scalars as digits from -2^(width-1) to 2^(width-1), the digits of one place side by side.
struct SignedWindows {
  /// How many digits each scalar has.
  let windows: Int
  private let count: Int
  private var digits: [Int16]

  /// The digits of the scalars, of at most 15 bits each.
  init(_ scalars: ArraySlice<UInt256>, width: Int) {
    count = scalars.count
    // One more bit for the last carry.
    windows = 256 / width + 1
    digits = [Int16](repeating: 0, count: windows * scalars.count)
    let half = 1 << (width - 1)
    for (index, scalar) in scalars.enumerated() {
      var carry = 0
      for window in 0..<windows {
        var digit = Self.bits(of: scalar, at: window * width, width) + carry
        carry = 0
        if digit > half {
          digit -= 1 << width
          carry = 1
        }
        digits[window * count + index] = Int16(truncatingIfNeeded: digit)
      }
    }
  }

  /// The digits of one place, in the order of the scalars.
  func window(_ index: Int) -> ArraySlice<Int16> {
    digits[index * count..<(index + 1) * count]
  }

  /// Some bits of a scalar.
  @inline(__always)
  private static func bits(of scalar: UInt256, at bit: Int, _ width: Int) -> Int {
    let number = UInt384(scalar)
    let (index, shift) = (bit / 64, UInt64(bit % 64))
    var word = number.limb(index) &>> shift
    if shift != 0 { word |= number.limb(index + 1) &<< (64 - shift) }
    return Int(truncatingIfNeeded: word & (1 << UInt64(width) - 1))
  }
}
