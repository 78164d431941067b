import Primitives

/// An element c0 + c1·w of the quadratic extension of Fp6, w² = v: what a pairing gives.
public struct Fp12<T: Tower>: Equatable, Sendable {
  /// The coefficient of 1.
  var c0: Fp6<T>
  /// The coefficient of w.
  var c1: Fp6<T>

  @inline(__always)
  init(_ c0: Fp6<T>, _ c1: Fp6<T>) {
    self.c0 = c0
    self.c1 = c1
  }

  /// The neutral element of multiplication.
  public static var one: Self { Self(.one, .zero) }

  /// Whether both are the same element.
  public static func == (left: Self, right: Self) -> Bool {
    left.c0 == right.c0 && left.c1 == right.c1
  }

  /// The product, by Karatsuba's three.
  public static func * (left: Self, right: Self) -> Self {
    let low = left.c0 * right.c0
    let high = left.c1 * right.c1
    let cross = (left.c0 + left.c1) * (right.c0 + right.c1)
    return Self(low + high.timesV, cross - low - high)
  }

  /// The square, by the complex method.
  func squared() -> Self {
    let product = c0 * c1
    let sum = (c0 + c1) * (c0 + c1.timesV)
    return Self(sum - product - product.timesV, product.doubled())
  }

  /// The multiplicative inverse; zero for zero.
  func inverted() -> Self {
    let inverse = (c0.squared() - c1.squared().timesV).inverted()
    return Self(c0 * inverse, -(c1 * inverse))
  }

  /// The conjugate c0 - c1·w: the power p⁶, and the inverse of what has norm one.
  var conjugate: Self { Self(c0, -c1) }

  /// The power p.
  func frobenius() -> Self {
    Self(
      Fp6(
        c0.c0.conjugate, c0.c1.conjugate * T.frobeniusCoefficient(2),
        c0.c2.conjugate * T.frobeniusCoefficient(4)),
      Fp6(
        c1.c0.conjugate * T.frobeniusCoefficient(1),
        c1.c1.conjugate * T.frobeniusCoefficient(3),
        c1.c2.conjugate * T.frobeniusCoefficient(5)))
  }

  /// The square of an element of the cyclotomic subgroup (Granger and Scott, 2010).
  func cyclotomicSquared() -> Self {
    let (a0, a1) = Self.pairSquared(c0.c0, c1.c1)
    let (b0, b1) = Self.pairSquared(c1.c0, c0.c2)
    let (d0, d1) = Self.pairSquared(c0.c1, c1.c2)
    let turned = T.timesNonResidue(d1)
    return Self(
      Fp6(
        (a0 - c0.c0).doubled() + a0, (b0 - c0.c1).doubled() + b0, (d0 - c0.c2).doubled() + d0),
      Fp6(
        (turned + c1.c0).doubled() + turned, (a1 + c1.c1).doubled() + a1,
        (b1 + c1.c2).doubled() + b1))
  }

  /// The square of x + y·z with z² = ξ.
  @inline(__always)
  private static func pairSquared(_ x: Fp2<T>, _ y: Fp2<T>) -> (Fp2<T>, Fp2<T>) {
    let product = x * y
    let sum = (x + y) * (T.timesNonResidue(y) + x)
    return (sum - product - T.timesNonResidue(product), product.doubled())
  }

  /// The power of an element of the cyclotomic subgroup.
  func cyclotomicPower(_ exponent: UInt64) -> Self {
    var result = self
    for index in stride(from: 62 - exponent.leadingZeroBitCount, through: 0, by: -1) {
      result = result.cyclotomicSquared()
      if exponent >> UInt64(index) & 1 == 1 { result = result * self }
    }
    return result
  }

  /// The power (p⁶ - 1)(p² + 1), which lies in the cyclotomic subgroup.
  func cyclotomicPart() -> Self {
    let first = conjugate * inverted()
    return first.frobenius().frobenius() * first
  }

  /// The product with a line a + b·v + c·v·w, of a twist by multiplication.
  func times(multiplicativeLine a: Fp2<T>, _ b: Fp2<T>, _ c: Fp2<T>) -> Self {
    let low = c0.times(a, b)
    let high = c1.timesV(c)
    let cross = (c0 + c1).times(a, b + c)
    return Self(low + high.timesV, cross - low - high)
  }

  /// The product with a line a + b·w + c·v·w, of a twist by division.
  func times(divisiveLine a: Fp2<T>, _ b: Fp2<T>, _ c: Fp2<T>) -> Self {
    let low = c0 * a
    let high = c1.times(b, c)
    let cross = (c0 + c1).times(a + b, c)
    return Self(low + high.timesV, cross - low - high)
  }

  /// The coefficients of the powers of w, the highest first, as big-endian numbers of Fp: c1.c2.c1
  /// to c0.c0.c0, as gnark writes them.
  public var bigEndianBytes: Bytes {
    var bytes = Bytes()
    for half in [c1, c0] {
      for part in [half.c2, half.c1, half.c0] {
        bytes += part.bigEndianBytes
      }
    }
    return bytes
  }
}
