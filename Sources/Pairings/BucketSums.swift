/// The sums of points, bucket by bucket, in affine coordinates.
///
/// An affine addition takes three products and an inversion; of a thousand independent additions
/// the inversions cost three products each (Montgomery's trick). So the points lie sorted by
/// bucket, and in each round neighbours of the same bucket are added, which halves every bucket.
struct BucketSums<C: Curve> {
  /// The points that are left, bucket after bucket.
  private var points: [AffinePoint<C>] = []
  /// Where each bucket begins in `points`; one more entry for the end.
  private var starts: [Int]
  /// Products of the denominators so far, of one round.
  private var products: [C.Coordinate] = []

  /// Empty buckets.
  init(count: Int) { starts = [Int](repeating: 0, count: count + 1) }

  /// Puts each point into the bucket of its digit, negated if that is negative, and adds them up.
  mutating func fill(_ source: ArraySlice<AffinePoint<C>>, _ digits: ArraySlice<Int16>) {
    for index in starts.indices { starts[index] = 0 }
    for digit in digits where digit != 0 { starts[Int(digit.magnitude)] += 1 }
    for index in 1..<starts.count { starts[index] += starts[index - 1] }
    var positions = starts
    points = [AffinePoint<C>](repeating: .infinity, count: starts[starts.count - 1])
    for (point, digit) in zip(source, digits) where digit != 0 {
      let bucket = Int(digit.magnitude) - 1
      points[positions[bucket]] = digit < 0 ? -point : point
      positions[bucket] += 1
    }
    while addNeighbours() {}
  }

  /// One round; false if no bucket has two points any more.
  private mutating func addNeighbours() -> Bool {
    products.removeAll(keepingCapacity: true)
    var product = C.Coordinate.one
    for bucket in 0..<starts.count - 1 {
      var index = starts[bucket]
      while index + 1 < starts[bucket + 1] {
        products.append(product)
        product = product * Self.denominator(points[index], points[index + 1])
        index += 2
      }
    }
    if products.isEmpty { return false }
    addAll(inverse: product.inverted())
    return true
  }

  /// Adds the neighbours, the last ones first, each sum at the place of its second point; then the
  /// buckets close up.
  private mutating func addAll(inverse: C.Coordinate) {
    var inverse = inverse
    var pair = products.count
    for bucket in stride(from: starts.count - 2, through: 0, by: -1) {
      let (start, end) = (starts[bucket], starts[bucket + 1])
      var index = start + (end - start) / 2 * 2 - 2
      while index >= start {
        pair -= 1
        let denominator = Self.denominator(points[index], points[index + 1])
        points[index + 1] = Self.sum(
          points[index], points[index + 1], inverse * products[pair])
        inverse = inverse * denominator
        index -= 2
      }
    }
    var written = 0
    for bucket in 0..<starts.count - 1 {
      let (start, end) = (starts[bucket], starts[bucket + 1])
      starts[bucket] = written
      for index in stride(from: start + 1, to: end, by: 2) {
        points[written] = points[index]
        written += 1
      }
      if (end - start) & 1 == 1 {
        points[written] = points[end - 1]
        written += 1
      }
    }
    starts[starts.count - 1] = written
  }

  /// What the slope of the line through two points has below its line; one where none is needed.
  @inline(__always)
  private static func denominator(
    _ left: AffinePoint<C>, _ right: AffinePoint<C>
  ) -> C.Coordinate {
    if left.isInfinity || right.isInfinity { return .one }
    let difference = right.x - left.x
    if !difference.isZero { return difference }
    return left.y == right.y && !left.y.isZero ? left.y.doubled() : .one
  }

  /// The sum of two points, given the inverse of the denominator.
  @inline(__always)
  private static func sum(
    _ left: AffinePoint<C>, _ right: AffinePoint<C>, _ inverse: C.Coordinate
  ) -> AffinePoint<C> {
    if left.isInfinity { return right }
    if right.isInfinity { return left }
    let slope: C.Coordinate
    if left.x != right.x {
      slope = (right.y - left.y) * inverse
    } else if left.y == right.y && !left.y.isZero {
      slope = left.x.squared().tripled() * inverse
    } else {
      return .infinity
    }
    let x = slope.squared() - left.x - right.x
    return AffinePoint(unchecked: x, slope * (left.x - x) - left.y)
  }

  /// The first bucket's sum, twice the second, three times the third and so on.
  func weighted() -> JacobianPoint<C> {
    var running = JacobianPoint<C>.infinity
    var sum = JacobianPoint<C>.infinity
    for bucket in stride(from: starts.count - 2, through: 0, by: -1) {
      if starts[bucket] < starts[bucket + 1] { running = running + points[starts[bucket]] }
      sum = sum + running
    }
    return sum
  }
}

extension JacobianPoint {
  /// The points by their coordinates, with one inversion for all of them.
  public static func affine(_ points: [Self]) -> [AffinePoint<C>] { normalized(points) }

  static func normalized(_ points: [Self]) -> [AffinePoint<C>] {
    var products: [C.Coordinate] = []
    products.reserveCapacity(points.count)
    var product = C.Coordinate.one
    for point in points {
      products.append(product)
      if !point.isInfinity { product = product * point.z }
    }
    var inverse = product.inverted()
    var result = [AffinePoint<C>](repeating: .infinity, count: points.count)
    for index in points.indices.reversed() where !points[index].isInfinity {
      let point = points[index]
      let inverted = inverse * products[index]
      inverse = inverse * point.z
      let square = inverted.squared()
      result[index] = AffinePoint(unchecked: point.x * square, point.y * square * inverted)
    }
    return result
  }
}
