import Primitives

/// What a prime below 2³⁸³ tells the arithmetic modulo it; R is 2³⁸⁴.
public protocol Modulus384: Sendable {
  /// The prime p.
  static var modulus: UInt384 { get }
  /// R mod p, which is one in Montgomery form.
  static var one: UInt384 { get }
  /// R² mod p, which brings a number into Montgomery form.
  static var square: UInt384 { get }
  /// -p⁻¹ mod 2⁶⁴.
  static var negatedInverse: UInt64 { get }
}

/// A field of prime order with six limbs.
public struct PrimeField384<Modulus: Modulus384>: PrimeField {
  /// The element times R, below p.
  let limbs: UInt384

  /// The element that these limbs, below p, are in Montgomery form.
  @inline(__always)
  init(montgomery limbs: UInt384) { self.limbs = limbs }

  /// The element that is this number modulo p.
  public init(_ number: UInt384) {
    self = Self(montgomery: Modulus.square) * Self(montgomery: number)
  }

  /// The number below p that this is.
  public var number: UInt384 { (self * Self(montgomery: UInt384(1, 0, 0, 0, 0, 0))).limbs }

  /// How many bytes an element fills.
  public static var sizeInBytes: Int { 48 }
  /// The order p of the field.
  public static var modulus: UInt384 { Modulus.modulus }
  /// The neutral element of addition.
  @inline(__always)
  public static var zero: Self { Self(montgomery: UInt384(0, 0, 0, 0, 0, 0)) }
  /// The neutral element of multiplication.
  @inline(__always)
  public static var one: Self { Self(montgomery: Modulus.one) }

  /// Whether this is zero.
  @inline(__always)
  public var isZero: Bool {
    limbs.limb0 | limbs.limb1 | limbs.limb2 | limbs.limb3 | limbs.limb4 | limbs.limb5 == 0
  }

  /// Whether both are the same element.
  @inline(__always)
  public static func == (left: Self, right: Self) -> Bool { left.limbs == right.limbs }

  /// The sum.
  @inline(__always)
  public static func + (left: Self, right: Self) -> Self { reduced(left.limbs &+ right.limbs) }

  /// The difference.
  @inline(__always)
  public static func - (left: Self, right: Self) -> Self {
    let (difference, borrow) = left.limbs.subtractingReportingOverflow(right.limbs)
    return Self(montgomery: difference &+ Modulus.modulus.masked(borrow ? .max : 0))
  }

  /// The additive inverse.
  @inline(__always)
  public static prefix func - (value: Self) -> Self { zero - value }

  /// The sum with itself.
  @inline(__always)
  public func doubled() -> Self { self + self }

  /// The square.
  @inline(__always)
  public func squared() -> Self { self * self }

  /// The product.
  @inline(never)
  public static func * (left: Self, right: Self) -> Self { product(left, right) }

  /// The limbs, less p if they are not below it.
  @inline(__always)
  private static func reduced(_ limbs: UInt384) -> Self {
    let (difference, borrow) = limbs.subtractingReportingOverflow(Modulus.modulus)
    let mask: UInt64 = borrow ? .max : 0
    return Self(
      montgomery: UInt384(
        limbs.limb0 & mask | difference.limb0 & ~mask,
        limbs.limb1 & mask | difference.limb1 & ~mask,
        limbs.limb2 & mask | difference.limb2 & ~mask,
        limbs.limb3 & mask | difference.limb3 & ~mask,
        limbs.limb4 & mask | difference.limb4 & ~mask,
        limbs.limb5 & mask | difference.limb5 & ~mask))
  }

  /// The product, inlined; `PrimeField256.product` says how it goes.
  @inline(__always)
  public static func product(_ left: Self, _ right: Self) -> Self {
    var sum = UInt384(0, 0, 0, 0, 0, 0)
    addRow(&sum, left.limbs, right.limbs.limb0)
    addRow(&sum, left.limbs, right.limbs.limb1)
    addRow(&sum, left.limbs, right.limbs.limb2)
    addRow(&sum, left.limbs, right.limbs.limb3)
    addRow(&sum, left.limbs, right.limbs.limb4)
    addRow(&sum, left.limbs, right.limbs.limb5)
    return reduced(sum)
  }

  /// One row: `sum = (sum + left·right + m·p) / 2⁶⁴`, with the m that makes it divisible.
  @inline(__always)
  private static func addRow(_ sum: inout UInt384, _ left: UInt384, _ right: UInt64) {
    let p = Modulus.modulus
    var (upper, lower): (UInt64, UInt64) = (0, 0)
    let term0 = multiplyAdd(left.limb0, right, sum.limb0, &upper)
    let m = term0 &* Modulus.negatedInverse
    _ = multiplyAdd(m, p.limb0, term0, &lower)
    let term1 = multiplyAdd(left.limb1, right, sum.limb1, &upper)
    let limb0 = multiplyAdd(m, p.limb1, term1, &lower)
    let term2 = multiplyAdd(left.limb2, right, sum.limb2, &upper)
    let limb1 = multiplyAdd(m, p.limb2, term2, &lower)
    let term3 = multiplyAdd(left.limb3, right, sum.limb3, &upper)
    let limb2 = multiplyAdd(m, p.limb3, term3, &lower)
    let term4 = multiplyAdd(left.limb4, right, sum.limb4, &upper)
    let limb3 = multiplyAdd(m, p.limb4, term4, &lower)
    let term5 = multiplyAdd(left.limb5, right, sum.limb5, &upper)
    let limb4 = multiplyAdd(m, p.limb5, term5, &lower)
    sum = UInt384(limb0, limb1, limb2, limb3, limb4, lower &+ upper)
  }
}

/// Addition and subtraction, in halves of 128 bits, which compile to add-with-carry chains.
extension UInt384 {
  /// Bits 0 to 127.
  @inline(__always)
  private var low: UInt128 {
    UInt128(truncatingIfNeeded: limb0) | UInt128(truncatingIfNeeded: limb1) &<< 64
  }
  /// Bits 128 to 255.
  @inline(__always)
  private var middle: UInt128 {
    UInt128(truncatingIfNeeded: limb2) | UInt128(truncatingIfNeeded: limb3) &<< 64
  }
  /// Bits 256 to 383.
  @inline(__always)
  private var high: UInt128 {
    UInt128(truncatingIfNeeded: limb4) | UInt128(truncatingIfNeeded: limb5) &<< 64
  }

  @inline(__always)
  private init(low: UInt128, middle: UInt128, high: UInt128) {
    self.init(
      UInt64(truncatingIfNeeded: low), UInt64(truncatingIfNeeded: low &>> 64),
      UInt64(truncatingIfNeeded: middle), UInt64(truncatingIfNeeded: middle &>> 64),
      UInt64(truncatingIfNeeded: high), UInt64(truncatingIfNeeded: high &>> 64))
  }

  /// The sum modulo 2³⁸⁴.
  @inline(__always)
  static func &+ (left: UInt384, right: UInt384) -> UInt384 {
    let (low, carry) = left.low.addingReportingOverflow(right.low)
    let (sum, first) = left.middle.addingReportingOverflow(right.middle)
    let (middle, second) = sum.addingReportingOverflow(carry ? 1 : 0)
    let high = left.high &+ right.high &+ (first != second ? 1 : 0)
    return UInt384(low: low, middle: middle, high: high)
  }

  /// The difference modulo 2³⁸⁴, and whether it was below zero.
  @inline(__always)
  func subtractingReportingOverflow(
    _ other: UInt384
  ) -> (partialValue: UInt384, overflow: Bool) {
    let (lowPart, borrow) = low.subtractingReportingOverflow(other.low)
    let (difference, first) = middle.subtractingReportingOverflow(other.middle)
    let (middlePart, second) = difference.subtractingReportingOverflow(borrow ? 1 : 0)
    let (upper, third) = high.subtractingReportingOverflow(other.high)
    let (highPart, fourth) = upper.subtractingReportingOverflow(first != second ? 1 : 0)
    return (UInt384(low: lowPart, middle: middlePart, high: highPart), third != fourth)
  }

  /// The number with each limb masked.
  @inline(__always)
  func masked(_ mask: UInt64) -> UInt384 {
    UInt384(
      limb0 & mask, limb1 & mask, limb2 & mask, limb3 & mask, limb4 & mask, limb5 & mask)
  }
}
