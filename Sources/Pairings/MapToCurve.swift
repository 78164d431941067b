import Primitives

/// A curve y² = x³ + Ax + B with an isogeny to one on which A is zero, and what the simplified map
/// of Shallue, van de Woestijne and Ulas needs to reach it (RFC 9380, 6.6.2 and 6.6.3).
struct IsogenousCurve<C: Curve> {
  typealias Element = C.Coordinate
  let a: Element
  let b: Element
  /// The non-square Z.
  let z: Element
  /// The polynomials of the isogeny, the coefficient of the lowest power first.
  let xNumerator: [Element]
  let xDenominator: [Element]
  let yNumerator: [Element]
  let yDenominator: [Element]

  /// The point to which the isogeny takes a point of this curve; infinity where it has a pole.
  func image(x: Element, y: Element) -> JacobianPoint<C> {
    let bottom = value(xDenominator, x)
    let other = value(yDenominator, x)
    let inverse = (bottom * other).inverted()
    if inverse.isZero { return .infinity }
    return JacobianPoint(
      value(xNumerator, x) * inverse * other, y * value(yNumerator, x) * inverse * bottom, .one)
  }

  private func value(_ coefficients: [Element], _ x: Element) -> Element {
    var sum = Element.zero
    for coefficient in coefficients.reversed() { sum = sum * x + coefficient }
    return sum
  }

  /// The two candidates for x that belong to a field element; one is on the curve.
  func candidates(_ u: Element) -> (Element, Element) {
    let turned = z * u.squared()
    let sum = turned.squared() + turned
    let first =
      sum.isZero
      ? b * (z * a).inverted()
      : -b * a.inverted() * (sum.inverted() + .one)
    return (first, turned * first)
  }

  /// The right side of the curve's equation.
  func right(_ x: Element) -> Element { (x.squared() + a) * x + b }
}

extension BLS12381 {
  /// The point of G1 to which EIP-2537 and RFC 9380 map an element of Fp.
  public static func map(_ element: BaseField) -> G1 {
    let curve = IsogenousCurve<BLS12381Curve>(
      elements(IsogenyG1.curve), z: BaseField(UInt384(11, 0, 0, 0)),
      elements(IsogenyG1.xNumerator), elements(IsogenyG1.xDenominator),
      elements(IsogenyG1.yNumerator), elements(IsogenyG1.yDenominator))
    let (first, second) = curve.candidates(element)
    let root = curve.right(first).squareRoot()
    let x = root == nil ? second : first
    let y = root ?? curve.right(second).squareRoot() ?? .zero
    return clearCofactor(curve.image(x: x, y: y.isOdd == element.isOdd ? y : -y))
  }

  /// The point of G2 to which EIP-2537 and RFC 9380 map an element of Fp2.
  public static func map(_ element: QuadraticField) -> G2 {
    let curve = IsogenousCurve<BLS12381Twist>(
      quadratic(IsogenyG2.curve),
      z: -QuadraticField(BaseField.one.doubled(), .one),
      quadratic(IsogenyG2.xNumerator), quadratic(IsogenyG2.xDenominator),
      quadratic(IsogenyG2.yNumerator), quadratic(IsogenyG2.yDenominator))
    let (first, second) = curve.candidates(element)
    let root = curve.right(first).squareRoot()
    let x = root == nil ? second : first
    let y = root ?? curve.right(second).squareRoot() ?? .zero
    return clearCofactor(curve.image(x: x, y: y.isOdd == element.isOdd ? y : -y))
  }

  /// The elements that hexadecimal lines give.
  private static func elements(_ text: StaticString) -> [BaseField] {
    text.withUTF8Buffer { buffer in
      var elements: [BaseField] = []
      var limbs = [6 of UInt64](repeating: 0)
      var count = 0
      for index in 0..<buffer.count {
        let byte = unsafe buffer[index]
        guard byte != UInt8(ascii: "\n") else { continue }
        let digit = UInt64(byte < 0x3a ? byte &- 0x30 : byte &- 0x57)
        let limb = 5 - count / 16
        limbs[limb] = limbs[limb] << 4 | digit
        count += 1
        if count == 96 {
          elements.append(
            BaseField(UInt384(limbs[0], limbs[1], limbs[2], limbs[3], limbs[4], limbs[5])))
          (limbs, count) = ([6 of UInt64](repeating: 0), 0)
        }
      }
      return elements
    }
  }

  /// The elements of Fp2 that pairs of hexadecimal lines give.
  private static func quadratic(_ text: StaticString) -> [QuadraticField] {
    let parts = elements(text)
    return stride(from: 0, to: parts.count, by: 2).map { QuadraticField(parts[$0], parts[$0 + 1]) }
  }
}

extension IsogenousCurve {
  /// The curve with the constants A and B, and its isogeny.
  fileprivate init(
    _ curve: [Element], z: Element, _ xNumerator: [Element], _ xDenominator: [Element],
    _ yNumerator: [Element], _ yDenominator: [Element]
  ) {
    a = curve[0]
    b = curve[1]
    self.z = z
    self.xNumerator = xNumerator
    self.xDenominator = xDenominator
    self.yNumerator = yNumerator
    self.yDenominator = yDenominator
  }
}
