import Primitives

extension JacobianPoint {
  /// The sum of the multiples of the points, each by its scalar (Pippenger's buckets, 1976).
  ///
  /// Each window of the scalars sorts the points into buckets, one a digit; running sums then
  /// weigh the buckets. Not in constant time.
  public static func sum(of points: [AffinePoint<C>], times scalars: [UInt256]) -> Self {
    precondition(points.count == scalars.count, "each point has its scalar")
    if points.count < 8 {
      var sum = Self.infinity
      for index in points.indices {
        sum = sum + Self(points[index]).multiplied(by: scalars[index])
      }
      return sum
    }
    let width = windowWidth(points.count)
    var buckets = [Self](repeating: .infinity, count: 1 << width - 1)
    var total = Self.infinity
    for window in stride(from: (255 + width) / width - 1, through: 0, by: -1) {
      for _ in 0..<width { total = total.doubled() }
      for index in buckets.indices { buckets[index] = .infinity }
      for index in points.indices {
        let digit = digit(of: scalars[index], at: window * width, width)
        if digit != 0 { buckets[digit - 1] = buckets[digit - 1] + points[index] }
      }
      total = total + weighted(buckets)
    }
    return total
  }

  /// The sum of the first bucket, twice the second, three times the third and so on.
  private static func weighted(_ buckets: [Self]) -> Self {
    var running = Self.infinity
    var sum = Self.infinity
    for bucket in buckets.reversed() {
      running = running + bucket
      sum = sum + running
    }
    return sum
  }

  /// How many bits a window has: about the logarithm of the count, less two.
  private static func windowWidth(_ count: Int) -> Int {
    let logarithm = Int.bitWidth - count.leadingZeroBitCount
    return Swift.max(3, Swift.min(16, logarithm - 1))
  }

  /// The digit of a scalar that begins at a bit.
  @inline(__always)
  private static func digit(of scalar: UInt256, at bit: Int, _ width: Int) -> Int {
    let number = UInt384(scalar)
    let (index, shift) = (bit / 64, UInt64(bit % 64))
    var word = number.limb(index) &>> shift
    if shift != 0 { word |= number.limb(index + 1) &<< (64 - shift) }
    return Int(truncatingIfNeeded: word & (1 << UInt64(width) - 1))
  }
}
