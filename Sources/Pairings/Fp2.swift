import Primitives

/// What tells the towers of two pairing-friendly curves apart.
///
/// Both are Fp2 = Fp[u]/(u² + 1), Fp6 = Fp2[v]/(v³ - ξ), Fp12 = Fp6[w]/(w² - v).
public protocol Tower: Sendable {
  /// The field Fp that the tower stands on, with p = 3 mod 4.
  associatedtype Base: PrimeField
  /// The product with ξ.
  static func timesNonResidue(_ value: Fp2<Self>) -> Fp2<Self>
  /// ξ to the power of k·(p - 1)/6, for k from 1 to 5: how the Frobenius map turns wᵏ.
  static func frobeniusCoefficient(_ k: Int) -> Fp2<Self>
}

/// An element c0 + c1·u of the quadratic extension, u² = -1.
public struct Fp2<T: Tower>: Field {
  /// The coefficient of 1.
  public var c0: T.Base
  /// The coefficient of u.
  public var c1: T.Base

  /// The element with these coefficients.
  @inline(__always)
  public init(_ c0: T.Base, _ c1: T.Base) {
    self.c0 = c0
    self.c1 = c1
  }

  /// The neutral element of addition.
  @inline(__always)
  public static var zero: Self { Self(.zero, .zero) }
  /// The neutral element of multiplication.
  @inline(__always)
  public static var one: Self { Self(.one, .zero) }
  /// Whether this is zero.
  @inline(__always)
  public var isZero: Bool { c0.isZero && c1.isZero }

  /// Whether both are the same element.
  @inline(__always)
  public static func == (left: Self, right: Self) -> Bool {
    left.c0 == right.c0 && left.c1 == right.c1
  }

  /// The sum.
  @inline(__always)
  public static func + (left: Self, right: Self) -> Self {
    Self(left.c0 + right.c0, left.c1 + right.c1)
  }

  /// The difference.
  @inline(__always)
  public static func - (left: Self, right: Self) -> Self {
    Self(left.c0 - right.c0, left.c1 - right.c1)
  }

  /// The additive inverse.
  @inline(__always)
  public static prefix func - (value: Self) -> Self { Self(-value.c0, -value.c1) }

  /// The product, by Karatsuba's three.
  @inline(never)
  public static func * (left: Self, right: Self) -> Self {
    let low = T.Base.product(left.c0, right.c0)
    let high = T.Base.product(left.c1, right.c1)
    let cross = T.Base.product(left.c0 + left.c1, right.c0 + right.c1)
    return Self(low - high, cross - low - high)
  }

  /// The product with an element of Fp.
  @inline(never)
  static func * (left: Self, right: T.Base) -> Self {
    Self(T.Base.product(left.c0, right), T.Base.product(left.c1, right))
  }

  /// The square, as (c0 + c1)(c0 - c1) + 2·c0·c1·u.
  @inline(never)
  public func squared() -> Self {
    Self(T.Base.product(c0 + c1, c0 - c1), T.Base.product(c0, c1).doubled())
  }

  /// The sum with itself.
  @inline(__always)
  public func doubled() -> Self { Self(c0.doubled(), c1.doubled()) }

  /// The conjugate c0 - c1·u, which is also the power p.
  @inline(__always)
  var conjugate: Self { Self(c0, -c1) }

  /// The multiplicative inverse; zero for zero.
  @inline(never)
  public func inverted() -> Self {
    let inverse = (c0.squared() + c1.squared()).inverted()
    return Self(c0 * inverse, -(c1 * inverse))
  }

  /// A square root, or nil if this is not a square.
  ///
  /// By the complex method: with n² = c0² + c1², one of (c0 ± n)/2 is the square of the root's
  /// first coefficient.
  func squareRoot() -> Self? {
    guard let norm = (c0.squared() + c1.squared()).squareRoot() else { return nil }
    if c1.isZero {
      if let root = c0.squareRoot() { return Self(root, .zero) }
      return (-c0).squareRoot().map { Self(.zero, $0) }
    }
    let half = T.Base.one.doubled().inverted()
    guard
      let first = ((c0 + norm) * half).squareRoot() ?? ((c0 - norm) * half).squareRoot()
    else { return nil }
    let root = Self(first, c1 * half * first.inverted())
    return root.squared() == self ? root : nil
  }

  /// The sign of RFC 9380 (`sgn0`): the parity of the first coefficient that is not zero.
  var isOdd: Bool { c0.isZero ? c1.isOdd : c0.isOdd }

  /// Whether this is above its negative, the coefficient of u counting first.
  var isLarger: Bool { c1.isZero ? c0.isLarger : c1.isLarger }
}
