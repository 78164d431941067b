import Pairings
import Primitives
import Testing

@Suite("Scalars of BN254, transforms and sums") struct ScalarMathTests {
  private typealias Scalar = BN254.ScalarField
  private typealias Point = JacobianPoint<BN254Curve>

  private func scalars(_ count: Int) -> [Scalar] {
    var state = Scalar(small: 3)
    return (0..<count).map { _ in
      state = state * state + .one
      return state
    }
  }

  private func points(_ count: Int) -> [BN254.G1] {
    FixedBase(BN254.generator1).multiples(scalars(count))
  }

  @Test("a sum of multiples is what its terms add up to, at every size of its windows")
  func sums() {
    let points = points(300)
    var scalars = scalars(300).map { $0.asUInt256 }
    scalars[3] = .zero
    scalars[5] = .max
    scalars[6] = .one
    for count in [0, 1, 7, 8, 9, 33, 128, 300] {
      var wanted = Point.infinity
      for index in 0..<count {
        wanted = wanted + Point(points[index]).multiplied(by: scalars[index])
      }
      #expect(Point.sum(of: points[..<count], times: scalars[..<count]) == wanted)
    }
  }

  @Test("a sum may have the same point, its inverse and infinity among its terms")
  func degenerateSums() {
    let point = BN254.generator1
    let terms = [point, point, -point, .infinity, point, -point, point, point, .infinity, point]
    let ones = [UInt256](repeating: 5, count: terms.count)
    #expect(BN254.sum(of: terms, times: ones) == BN254.multiply(point, by: 20))
    let opposite = [point, -point, point, -point, point, -point, point, -point]
    #expect(BN254.sum(of: opposite, times: [UInt256](repeating: 9, count: 8)) == .infinity)
  }

  @Test("the sum of points of G2 is what its terms add up to")
  func twistSums() {
    let points = FixedBase(BN254.generator2).multiples(scalars(12))
    let numbers = scalars(12).map { $0.asUInt256 }
    var wanted = JacobianPoint<BN254Twist>.infinity
    for (point, number) in zip(points, numbers) {
      wanted = wanted + JacobianPoint(point).multiplied(by: number)
    }
    #expect(JacobianPoint.sum(of: points, times: numbers) == wanted)
  }

  @Test("the multiple by way of the endomorphism is the plain one")
  func endomorphism() {
    let order = BN254ScalarModulus.modulus
    let special: [UInt256] = [
      0, 1, 2, 3, order - 1, order - 2, UInt256(low: .max), UInt256(low: 0, high: 1),
    ]
    let point = Point(points(1)[0])
    for number in special + scalars(200).map({ $0.asUInt256 }) {
      #expect(point.multiplied(by: Scalar(reducing: number)) == point.multiplied(by: number))
    }
    #expect(Point.infinity.multiplied(by: Scalar.one) == .infinity)
    // The contract of EIP-196 takes multiples beyond the order.
    #expect(
      BN254.multiply(BN254.generator1, by: order + 7) == BN254.multiply(BN254.generator1, by: 7))
  }

  @Test("a transform of coefficients is their values at the powers of the root, and comes back")
  func transforms() throws {
    for logarithm in [0, 1, 4, 7] {
      let transform = ScalarTransform(logarithm: logarithm)
      let coefficients = scalars(transform.size)
      let root = Scalar.rootOfUnity(logarithm: logarithm)
      let values = transform.forward(coefficients)
      for (index, value) in values.enumerated() {
        let place = root.power(UInt64(index))
        #expect(value == coefficients.reversed().reduce(.zero) { $0 * place + $1 })
      }
      #expect(transform.inverse(values) == coefficients)
    }
    #expect(ScalarTransform(size: 3) == nil)
    #expect(ScalarTransform(size: 0) == nil)
    #expect(ScalarTransform(size: 1 << 29) == nil)
  }

  @Test(
    "rows are transformed column by column, and points as the scalars that they are multiples of")
  func rowsAndPoints() {
    let transform = ScalarTransform(logarithm: 3)
    let rows = scalars(24)
    var together = rows
    transform.evaluate(&together, width: 3)
    for column in 0..<3 {
      var alone = (0..<8).map { rows[$0 * 3 + column] }
      transform.evaluate(&alone)
      #expect(alone == (0..<8).map { together[$0 * 3 + column] })
    }
    var numbers = Array(rows.prefix(8))
    var points = numbers.map { Point(BN254.generator1).multiplied(by: $0) }
    transform.evaluate(&numbers)
    transform.evaluate(&points)
    #expect(points == numbers.map { Point(BN254.generator1).multiplied(by: $0) })
    transform.interpolateUnscaled(&points)
    #expect(points[2] == Point(BN254.generator1).multiplied(by: rows[2] * Scalar(small: 8)))
  }

  @Test("scalars from the order on are refused, and zeros stay when many are inverted")
  func ranges() {
    let order = BN254ScalarModulus.modulus
    #expect(Scalar(order) == nil)
    #expect(Scalar(order - 1) != nil)
    #expect(Scalar(reducing: order) == .zero)
    #expect(Scalar.scalars(bigEndian: [1, 2, 3][...]) == nil)
    var some = [Scalar.zero, Scalar(small: 2), .zero, Scalar(small: 9)]
    Scalar.invert(&some)
    #expect(some[0] == .zero && some[1] * Scalar(small: 2) == .one)
    #expect(some[3] * Scalar(small: 9) == .one)
    #expect(Scalar.rootOfUnity(logarithm: 28).power(1 << 28) == .one)
    #expect(Scalar.rootOfUnity(logarithm: 28).power(1 << 27) != .one)
  }
}
