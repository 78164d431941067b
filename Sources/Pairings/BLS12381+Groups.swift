import Primitives

/// Which points are in G1 and G2, and how all others are brought there.
extension BLS12381 {
  /// Whether a point of the curve over Fp is in G1.
  ///
  /// The map φ(x, y) = (βx, y) obeys φ² + φ + 1 = 0, and x⁴ - x² + 1 is the order for the
  /// family's parameter x, so that just the points of G1 have φ(P) = -x²P (Scott, 2021).
  public static func isInSubgroup(_ point: G1) -> Bool {
    if point.isInfinity { return true }
    let turned = G1(unchecked: point.x * cubeRootOfOne, point.y)
    let once = JacobianPoint(point).multiplied(by: negatedParameter)
    return once.multiplied(by: negatedParameter) == JacobianPoint(-turned)
  }

  /// Whether a point of the twist is in G2: whether ψ(Q) = xQ (Scott, 2021).
  public static func isInSubgroup(_ point: G2) -> Bool {
    if point.isInfinity { return true }
    let multiple = JacobianPoint(point).multiplied(by: negatedParameter)
    return -multiple == frobenius(JacobianPoint(point))
  }

  /// A multiple of a point that is in G1: by 1 - x (Wahby and Boneh, 2019).
  static func clearCofactor(_ point: JacobianPoint<BLS12381Curve>) -> G1 {
    (point.multiplied(by: negatedParameter) + point).affine
  }

  /// A multiple of a point that is in G2: (x² - x - 1)P + (x - 1)ψ(P) + ψ²(2P) (Budroni and
  /// Pintore, 2017).
  static func clearCofactor(_ point: JacobianPoint<BLS12381Twist>) -> G2 {
    let turned = frobenius(point)
    // With n = -x: (n² + n - 1)P - (n + 1)ψ(P) + ψ²(2P) = n(nP + P - ψ(P)) - P - ψ(P) + ψ²(2P).
    let inner = point.multiplied(by: negatedParameter) + point + -turned
    let sum = inner.multiplied(by: negatedParameter) + -point + -turned
    return (sum + frobenius(frobenius(point.doubled()))).affine
  }

  /// The Frobenius map, brought over to the twist.
  private static func frobenius(
    _ point: JacobianPoint<BLS12381Twist>
  ) -> JacobianPoint<BLS12381Twist> {
    JacobianPoint(
      point.x.conjugate * BLS12381Pairing.frobeniusX,
      point.y.conjugate * BLS12381Pairing.frobeniusY, point.z.conjugate)
  }

  /// The sum.
  public static func add(_ left: G1, _ right: G1) -> G1 { (JacobianPoint(left) + right).affine }

  /// The sum.
  public static func add(_ left: G2, _ right: G2) -> G2 { (JacobianPoint(left) + right).affine }

  /// The multiple of a point.
  public static func multiply(_ point: G1, by scalar: UInt256) -> G1 {
    JacobianPoint(point).multiplied(by: scalar).affine
  }

  /// The multiple of a point.
  public static func multiply(_ point: G2, by scalar: UInt256) -> G2 {
    JacobianPoint(point).multiplied(by: scalar).affine
  }

  /// The sum of the multiples of the points, each by its scalar.
  public static func sum(of points: [G1], times scalars: [UInt256]) -> G1 {
    JacobianPoint.sum(of: points, times: scalars).affine
  }

  /// The sum of the multiples of the points, each by its scalar.
  public static func sum(of points: [G2], times scalars: [UInt256]) -> G2 {
    JacobianPoint.sum(of: points, times: scalars).affine
  }
}
