import Primitives

extension BN254 {
  /// Whether the product of the pairings is one.
  ///
  /// The points of the twist must be in G2.
  public static func pairingIsOne(_ pairs: [(G1, G2)]) -> Bool {
    pairing(pairs) == .one
  }

  /// The product of the optimal ate pairings, to the power of 2x(6x² + 3x + 1), which changes
  /// nothing about when it is one (Fuentes-Castañeda, Knapp and Rodríguez-Henríquez, 2011).
  public static func pairing(_ pairs: [(G1, G2)]) -> Fp12<BN254Tower> {
    var product = MillerProduct<BN254Pairing>(pairs)
    if product.isEmpty { return .one }
    product.run(6 * UInt128(parameter) + 2)
    product.add { frobenius($0) }
    product.add { -frobenius(frobenius($0)) }
    return finalPower(product.value)
  }

  /// Whether a point of the twist is in G2.
  ///
  /// The Frobenius map ψ obeys ψ² - tψ + p = 0, and (t - 1)² - t(t - 1) + p is the order, so that
  /// just the points of G2 have ψ(Q) = (t - 1)Q = 6x²Q.
  public static func isInSubgroup(_ point: G2) -> Bool {
    if point.isInfinity { return true }
    let square = parameter.multipliedFullWidth(by: parameter)
    let scalar = UInt256(square.low, square.high, 0, 0) * 6
    return JacobianPoint(point).multiplied(by: scalar) == JacobianPoint(frobenius(point))
  }

  /// The Frobenius map, brought over to the twist.
  static func frobenius(_ point: G2) -> G2 {
    G2(
      unchecked: point.x.conjugate * BN254Tower.frobeniusCoefficient(2),
      point.y.conjugate * BN254Tower.frobeniusCoefficient(3), isInfinity: point.isInfinity)
  }

  /// The power 2x(6x² + 3x + 1)(p¹² - 1)/r.
  private static func finalPower(_ value: Fp12<BN254Tower>) -> Fp12<BN254Tower> {
    let r = value.cyclotomicPart()
    let y0 = r.cyclotomicPower(parameter).conjugate
    let y1 = y0.cyclotomicSquared()
    let y3 = y1.cyclotomicSquared() * y1
    let y4 = y3.cyclotomicPower(parameter).conjugate
    let y6 = y4.cyclotomicSquared().cyclotomicPower(parameter)
    let y8 = y6 * y4 * y3.conjugate
    let y9 = y8 * y1
    let y13 = y9.frobenius() * (y8 * y4 * r)
    let y14 = y8.frobenius().frobenius() * y13
    return (r.conjugate * y9).frobenius().frobenius().frobenius() * y14
  }
}

/// The encodings of EIP-196 and EIP-197: coordinates of 32 bytes, big-endian, those of Fp2 with
/// the coefficient of u first; infinity is all zeros.
extension BN254 {
  /// The point with this encoding of 64 bytes, or nil if it is of none.
  public static func decodeG1(_ bytes: ArraySlice<UInt8>) -> G1? {
    guard bytes.count == 64, let x = coordinate(bytes, 0), let y = coordinate(bytes, 1) else {
      return nil
    }
    return x.isZero && y.isZero ? .infinity : G1(x: x, y: y)
  }

  /// The point of the twist with this encoding of 128 bytes, or nil if it is of none.
  public static func decodeG2(_ bytes: ArraySlice<UInt8>) -> G2? {
    guard bytes.count == 128, let x1 = coordinate(bytes, 0), let x0 = coordinate(bytes, 1),
      let y1 = coordinate(bytes, 2), let y0 = coordinate(bytes, 3)
    else { return nil }
    let (x, y) = (Fp2<BN254Tower>(x0, x1), Fp2<BN254Tower>(y0, y1))
    return x.isZero && y.isZero ? .infinity : G2(x: x, y: y)
  }

  /// The encoding of a point, of 64 bytes.
  public static func encode(_ point: G1) -> Bytes {
    point.x.bigEndianBytes + point.y.bigEndianBytes
  }

  private static func coordinate(_ bytes: ArraySlice<UInt8>, _ index: Int) -> BaseField? {
    let start = bytes.startIndex + 32 * index
    return BaseField(bigEndian: bytes[start..<start + 32])
  }

  /// The sum.
  public static func add(_ left: G1, _ right: G1) -> G1 {
    (JacobianPoint(left) + right).affine
  }

  /// The multiple.
  public static func multiply(_ point: G1, by scalar: UInt256) -> G1 {
    JacobianPoint(point).multiplied(by: ScalarField(reducing: scalar)).affine
  }
}
