import Primitives

/// What a prime below 2²⁵⁵ tells the arithmetic modulo it; R is 2²⁵⁶.
///
/// The top limb is below 2⁶³ - 1, so that the accumulator of a product needs no extra limb.
public protocol Modulus256: Sendable {
  /// The prime p.
  static var modulus: UInt256 { get }
  /// R mod p, which is one in Montgomery form.
  static var one: UInt256 { get }
  /// R² mod p, which brings a number into Montgomery form.
  static var square: UInt256 { get }
  /// -p⁻¹ mod 2⁶⁴.
  static var negatedInverse: UInt64 { get }
}

/// A field of prime order with four limbs.
///
/// Its operations are inlinable: generic code that another module cannot specialise would be ten
/// times as slow.
@frozen
public struct PrimeField256<Modulus: Modulus256>: PrimeField {
  /// The element times R, below p.
  @usableFromInline let limbs: UInt256

  /// The element that these limbs, below p, are in Montgomery form.
  @inlinable
  @inline(__always)
  init(montgomery limbs: UInt256) { self.limbs = limbs }

  /// The element that is this number modulo p.
  public init(_ number: UInt384) {
    let raw = Self(montgomery: number.lowUInt256)
    self = Self(montgomery: Modulus.square) * raw
  }

  /// The number below p that this is.
  public var number: UInt384 {
    UInt384((self * Self(montgomery: UInt256(1, 0, 0, 0))).limbs)
  }

  /// How many bytes an element fills.
  public static var sizeInBytes: Int { 32 }
  /// The order p of the field.
  public static var modulus: UInt384 { UInt384(Modulus.modulus) }
  /// The neutral element of addition.
  @inlinable
  @inline(__always)
  public static var zero: Self { Self(montgomery: UInt256(0, 0, 0, 0)) }
  /// The neutral element of multiplication.
  @inlinable
  @inline(__always)
  public static var one: Self { Self(montgomery: Modulus.one) }
  /// Whether this is zero.
  @inlinable
  @inline(__always)
  public var isZero: Bool { limbs.isZero }

  /// Whether both are the same element.
  @inlinable
  @inline(__always)
  public static func == (left: Self, right: Self) -> Bool { left.limbs == right.limbs }

  /// The sum.
  @inlinable
  @inline(__always)
  public static func + (left: Self, right: Self) -> Self { reduced(left.limbs &+ right.limbs) }

  /// The difference.
  @inlinable
  @inline(__always)
  public static func - (left: Self, right: Self) -> Self {
    let (difference, borrow) = left.limbs.subtractingReportingOverflow(right.limbs)
    let mask: UInt64 = borrow ? .max : 0
    let p = Modulus.modulus
    return Self(
      montgomery: difference
        &+ UInt256(p.limb0 & mask, p.limb1 & mask, p.limb2 & mask, p.limb3 & mask))
  }

  /// The additive inverse.
  @inlinable
  @inline(__always)
  public static prefix func - (value: Self) -> Self { zero - value }

  /// The sum with itself.
  @inlinable
  @inline(__always)
  public func doubled() -> Self { self + self }

  /// The square.
  @inlinable
  @inline(__always)
  public func squared() -> Self { self * self }

  /// The product.
  @inlinable
  @inline(never)
  public static func * (left: Self, right: Self) -> Self { product(left, right) }

  /// The limbs, less p if they are not below it.
  @inlinable
  @inline(__always)
  static func reduced(_ limbs: UInt256) -> Self {
    let (difference, borrow) = limbs.subtractingReportingOverflow(Modulus.modulus)
    let mask: UInt64 = borrow ? .max : 0
    return Self(
      montgomery: UInt256(
        limbs.limb0 & mask | difference.limb0 & ~mask,
        limbs.limb1 & mask | difference.limb1 & ~mask,
        limbs.limb2 & mask | difference.limb2 & ~mask,
        limbs.limb3 & mask | difference.limb3 & ~mask))
  }

  /// The product, inlined: operands scanned limb by limb, each row reduced at once (Koç, Acar and
  /// Kaliski's CIOS, 1996, without the carry limb that such primes do not need).
  @inlinable
  @inline(__always)
  public static func product(_ left: Self, _ right: Self) -> Self {
    var sum = UInt256(0, 0, 0, 0)
    addRow(&sum, left.limbs, right.limbs.limb0)
    addRow(&sum, left.limbs, right.limbs.limb1)
    addRow(&sum, left.limbs, right.limbs.limb2)
    addRow(&sum, left.limbs, right.limbs.limb3)
    return reduced(sum)
  }

  /// One row: `sum = (sum + left·right + m·p) / 2⁶⁴`, with the m that makes it divisible.
  @inlinable
  @inline(__always)
  static func addRow(_ sum: inout UInt256, _ left: UInt256, _ right: UInt64) {
    let p = Modulus.modulus
    var (upper, lower): (UInt64, UInt64) = (0, 0)
    let first = multiplyAdd(left.limb0, right, sum.limb0, &upper)
    let m = first &* Modulus.negatedInverse
    _ = multiplyAdd(m, p.limb0, first, &lower)
    let second = multiplyAdd(left.limb1, right, sum.limb1, &upper)
    let limb0 = multiplyAdd(m, p.limb1, second, &lower)
    let third = multiplyAdd(left.limb2, right, sum.limb2, &upper)
    let limb1 = multiplyAdd(m, p.limb2, third, &lower)
    let fourth = multiplyAdd(left.limb3, right, sum.limb3, &upper)
    let limb2 = multiplyAdd(m, p.limb3, fourth, &lower)
    sum = UInt256(limb0, limb1, limb2, lower &+ upper)
  }
}
