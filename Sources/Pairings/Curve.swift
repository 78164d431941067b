/// A curve y² = x³ + b over a field, or a twist of one.
public protocol Curve: Sendable {
  /// The field of the coordinates.
  associatedtype Coordinate: Field
  /// The constant b.
  static var b: Coordinate { get }
}

/// A point of a curve by its coordinates, or the point at infinity.
public struct AffinePoint<C: Curve>: Equatable, Sendable {
  /// The first coordinate; zero at infinity.
  public let x: C.Coordinate
  /// The second coordinate; zero at infinity.
  public let y: C.Coordinate
  /// Whether this is the neutral element.
  public let isInfinity: Bool

  /// The neutral element.
  public static var infinity: Self { Self(unchecked: .zero, .zero, isInfinity: true) }

  /// The point with these coordinates, which are those of one.
  @inline(__always)
  init(unchecked x: C.Coordinate, _ y: C.Coordinate, isInfinity: Bool = false) {
    self.x = x
    self.y = y
    self.isInfinity = isInfinity
  }

  /// The point with these coordinates, or nil if the curve has none.
  public init?(x: C.Coordinate, y: C.Coordinate) {
    guard y.squared() == x.squared() * x + C.b else { return nil }
    self.init(unchecked: x, y)
  }

  /// Whether both are the same point.
  public static func == (left: Self, right: Self) -> Bool {
    left.isInfinity == right.isInfinity && left.x == right.x && left.y == right.y
  }

  /// The inverse point.
  public static prefix func - (point: Self) -> Self {
    Self(unchecked: point.x, -point.y, isInfinity: point.isInfinity)
  }
}

/// A point (X/Z², Y/Z³) of a curve; Z is zero at infinity.
///
/// Formulas of the Explicit-Formulas
/// Database for a = 0, with all exceptional cases.
public struct JacobianPoint<C: Curve>: Equatable, Sendable {
  var x: C.Coordinate
  var y: C.Coordinate
  var z: C.Coordinate

  @inline(__always)
  init(_ x: C.Coordinate, _ y: C.Coordinate, _ z: C.Coordinate) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// The neutral element.
  public static var infinity: Self { Self(.one, .one, .zero) }

  /// The same point.
  public init(_ point: AffinePoint<C>) {
    self = point.isInfinity ? .infinity : Self(point.x, point.y, .one)
  }

  /// Whether this is the neutral element.
  public var isInfinity: Bool { z.isZero }

  /// The point by its coordinates, at the price of an inversion.
  public var affine: AffinePoint<C> {
    if isInfinity { return .infinity }
    let inverse = z.inverted()
    let square = inverse.squared()
    return AffinePoint(unchecked: x * square, y * square * inverse)
  }

  /// Whether both are the same point.
  public static func == (left: Self, right: Self) -> Bool {
    if left.isInfinity || right.isInfinity { return left.isInfinity == right.isInfinity }
    let (leftSquare, rightSquare) = (left.z.squared(), right.z.squared())
    return left.x * rightSquare == right.x * leftSquare
      && left.y * rightSquare * right.z == right.y * leftSquare * left.z
  }

  /// The inverse point.
  public static prefix func - (point: Self) -> Self { Self(point.x, -point.y, point.z) }

  /// The double (dbl-2009-l).
  @inline(never)
  public func doubled() -> Self {
    let a = x.squared()
    let b = y.squared()
    let c = b.squared()
    let d = ((x + b).squared() - a - c).doubled()
    let e = a.tripled()
    let newX = e.squared() - d.doubled()
    let newY = e * (d - newX) - c.doubled().doubled().doubled()
    return Self(newX, newY, (y * z).doubled())
  }

  /// The sum (add-2007-bl).
  @inline(never)
  public static func + (left: Self, right: Self) -> Self {
    if left.isInfinity { return right }
    if right.isInfinity { return left }
    let z1 = left.z.squared()
    let z2 = right.z.squared()
    let u1 = left.x * z2
    let u2 = right.x * z1
    let s1 = left.y * right.z * z2
    let s2 = right.y * left.z * z1
    let h = u2 - u1
    let r = (s2 - s1).doubled()
    if h.isZero { return r.isZero ? left.doubled() : .infinity }
    let i = h.doubled().squared()
    let j = h * i
    let v = u1 * i
    let newX = r.squared() - j - v.doubled()
    let newY = r * (v - newX) - (s1 * j).doubled()
    return Self(newX, newY, ((left.z + right.z).squared() - z1 - z2) * h)
  }

  /// The sum with a point in affine coordinates (madd-2007-bl).
  @inline(never)
  public static func + (left: Self, right: AffinePoint<C>) -> Self {
    if right.isInfinity { return left }
    if left.isInfinity { return Self(right) }
    let z1 = left.z.squared()
    let u2 = right.x * z1
    let s2 = right.y * left.z * z1
    let h = u2 - left.x
    let r = (s2 - left.y).doubled()
    if h.isZero { return r.isZero ? left.doubled() : .infinity }
    let square = h.squared()
    let i = square.doubled().doubled()
    let j = h * i
    let v = left.x * i
    let newX = r.squared() - j - v.doubled()
    let newY = r * (v - newX) - (left.y * j).doubled()
    return Self(newX, newY, (left.z + h).squared() - z1 - square)
  }
}
