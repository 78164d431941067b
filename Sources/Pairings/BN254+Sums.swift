import Primitives

/// The generic functions over many points, for the groups of BN254: other modules cannot specialise
/// those, and without that they take three times as long.
extension JacobianPoint<BN254Curve> {
  /// The sum of the multiples of the points, each by its scalar.
  public static func sum(
    of points: ArraySlice<AffinePoint<BN254Curve>>, times scalars: ArraySlice<UInt256>
  ) -> Self {
    buckets(of: points, times: scalars)
  }

  /// The sum of the multiples of the points, each by its scalar.
  public static func sum(
    of points: [AffinePoint<BN254Curve>], times scalars: [UInt256]
  ) -> Self {
    buckets(of: points[...], times: scalars[...])
  }

  /// The points by their coordinates, with one inversion for all of them.
  public static func affine(_ points: [Self]) -> [AffinePoint<BN254Curve>] {
    normalized(points)
  }
}

extension JacobianPoint<BN254Twist> {
  /// The sum of the multiples of the points, each by its scalar.
  public static func sum(
    of points: ArraySlice<AffinePoint<BN254Twist>>, times scalars: ArraySlice<UInt256>
  ) -> Self {
    buckets(of: points, times: scalars)
  }
}

extension BN254 {
  /// The generator of G1 times each scalar.
  public static func multiplesOfGenerator1(_ scalars: [ScalarField]) -> [G1] {
    FixedBase(generator1).multiples(scalars)
  }

  /// The generator of G2 times each scalar.
  public static func multiplesOfGenerator2(_ scalars: [ScalarField]) -> [G2] {
    FixedBase(generator2).multiples(scalars)
  }
}
