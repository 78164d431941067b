import Primitives

/// The compressed encoding of gnark, which EigenDA uses: x, big-endian, the coefficient of u
/// first, with the two highest bits for the rest: 10 for the smaller y, 11 for the larger, 01 for
/// infinity.
extension BN254 {
  /// The point with this encoding of 32 bytes, or nil if it is of none.
  public static func decompressG1(_ bytes: ArraySlice<UInt8>) -> G1? {
    G1(compressed: bytes, .gnark)
  }

  /// The point of the twist with this encoding of 64 bytes, or nil if it is of none.
  ///
  /// It need not be in G2.
  public static func decompressG2(_ bytes: ArraySlice<UInt8>) -> G2? {
    G2(compressed: bytes, .gnark)
  }

  /// The compressed encoding of a point, of 32 bytes.
  public static func compress(_ point: G1) -> Bytes { point.compressed(.gnark) }

  /// The compressed encoding of a point, of 64 bytes.
  public static func compress(_ point: G2) -> Bytes { point.compressed(.gnark) }
}

extension BN254 {
  /// The point to which EigenDA maps a digest: the first whose x, from the digest on, has a y.
  public static func map(digest: Hash) -> G1 {
    var x = BaseField(UInt384(UInt256(digest)))
    while true {
      if let y = (x.squared() * x + BN254Curve.b).squareRoot() { return G1(unchecked: x, y) }
      x = x + .one
    }
  }

  /// The multiple of a point of the twist.
  public static func multiply(_ point: G2, by scalar: UInt256) -> G2 {
    JacobianPoint(point).multiplied(by: scalar).affine
  }

  /// The sum of points of the twist.
  public static func add(_ left: G2, _ right: G2) -> G2 { (JacobianPoint(left) + right).affine }

  /// The sum of the multiples of the points, each by its scalar.
  public static func sum(of points: [G1], times scalars: [UInt256]) -> G1 {
    JacobianPoint.sum(of: points, times: scalars).affine
  }

  /// The generator of G1, (1, 2).
  public static var generator1: G1 { G1(unchecked: .one, BaseField.one.doubled()) }

  /// The generator of G2.
  public static var generator2: G2 {
    G2(
      unchecked:
        Fp2(
          BaseField(
            montgomery: UInt256(
              0x8e83b5d102bc2026, 0xdceb1935497b0172, 0xfbb8264797811adf,
              0x19573841af96503b)),
          BaseField(
            montgomery: UInt256(
              0xafb4737da84c6140, 0x6043dd5a5802d8c4, 0x09e950fc52a02f86,
              0x14fef0833aea7b6b))),
      Fp2(
        BaseField(
          montgomery: UInt256(
            0x619dfa9d886be9f6, 0xfe7fd297f59e9b78, 0xff9e1a62231b7dfe,
            0x28fd7eebae9e4206)),
        BaseField(
          montgomery: UInt256(
            0x64095b56c71856ee, 0xdc57f922327d3cbb, 0x55f935be33351076,
            0x0da4a0e693fd6482))))
  }
}
