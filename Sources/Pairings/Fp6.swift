/// An element c0 + c1·v + c2·v² of the cubic extension of Fp2, v³ = ξ.
public struct Fp6<T: Tower>: Field {
  /// The coefficient of 1.
  var c0: Fp2<T>
  /// The coefficient of v.
  var c1: Fp2<T>
  /// The coefficient of v².
  var c2: Fp2<T>

  @inline(__always)
  init(_ c0: Fp2<T>, _ c1: Fp2<T>, _ c2: Fp2<T>) {
    self.c0 = c0
    self.c1 = c1
    self.c2 = c2
  }

  /// The neutral element of addition.
  public static var zero: Self { Self(.zero, .zero, .zero) }
  /// The neutral element of multiplication.
  public static var one: Self { Self(.one, .zero, .zero) }
  /// Whether this is zero.
  public var isZero: Bool { c0.isZero && c1.isZero && c2.isZero }

  /// Whether both are the same element.
  public static func == (left: Self, right: Self) -> Bool {
    left.c0 == right.c0 && left.c1 == right.c1 && left.c2 == right.c2
  }

  /// The sum.
  @inline(__always)
  public static func + (left: Self, right: Self) -> Self {
    Self(left.c0 + right.c0, left.c1 + right.c1, left.c2 + right.c2)
  }

  /// The difference.
  @inline(__always)
  public static func - (left: Self, right: Self) -> Self {
    Self(left.c0 - right.c0, left.c1 - right.c1, left.c2 - right.c2)
  }

  /// The additive inverse.
  @inline(__always)
  public static prefix func - (value: Self) -> Self { Self(-value.c0, -value.c1, -value.c2) }

  /// The product, by Karatsuba's six (Devegili et al., 2006).
  @inline(never)
  public static func * (left: Self, right: Self) -> Self {
    let low = left.c0 * right.c0
    let middle = left.c1 * right.c1
    let high = left.c2 * right.c2
    let upper = (left.c1 + left.c2) * (right.c1 + right.c2) - middle - high
    let lower = (left.c0 + left.c1) * (right.c0 + right.c1) - low - middle
    let outer = (left.c0 + left.c2) * (right.c0 + right.c2) - low - high
    return Self(
      T.timesNonResidue(upper) + low, lower + T.timesNonResidue(high), outer + middle)
  }

  /// The square (Chung and Hasan's second method, 2007).
  @inline(never)
  public func squared() -> Self {
    let s0 = c0.squared()
    let s1 = (c0 * c1).doubled()
    let s2 = (c0 - c1 + c2).squared()
    let s3 = (c1 * c2).doubled()
    let s4 = c2.squared()
    return Self(
      T.timesNonResidue(s3) + s0, T.timesNonResidue(s4) + s1, s1 + s2 + s3 - s0 - s4)
  }

  /// The sum with itself.
  @inline(__always)
  public func doubled() -> Self { self + self }

  /// The multiplicative inverse; zero for zero.
  public func inverted() -> Self {
    let t0 = c0.squared() - T.timesNonResidue(c1 * c2)
    let t1 = T.timesNonResidue(c2.squared()) - c0 * c1
    let t2 = c1.squared() - c0 * c2
    let norm = c0 * t0 + T.timesNonResidue(c2 * t1 + c1 * t2)
    let inverse = norm.inverted()
    return Self(t0 * inverse, t1 * inverse, t2 * inverse)
  }

  /// The product with v.
  @inline(__always)
  var timesV: Self { Self(T.timesNonResidue(c2), c0, c1) }

  /// The product with an element of Fp2.
  @inline(__always)
  static func * (left: Self, right: Fp2<T>) -> Self {
    Self(left.c0 * right, left.c1 * right, left.c2 * right)
  }

  /// The product with low + high·v.
  @inline(never)
  func times(_ low: Fp2<T>, _ high: Fp2<T>) -> Self {
    let first = c0 * low
    let second = c1 * high
    let t0 = T.timesNonResidue(high * (c1 + c2) - second) + first
    let t1 = (low + high) * (c0 + c1) - first - second
    let t2 = low * (c0 + c2) - first + second
    return Self(t0, t1, t2)
  }

  /// The product with high·v.
  @inline(never)
  func timesV(_ high: Fp2<T>) -> Self {
    Self(T.timesNonResidue(c2 * high), c0 * high, c1 * high)
  }
}
