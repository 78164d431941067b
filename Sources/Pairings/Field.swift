import Primitives

/// A field: what the formulas of curves and towers need of their coordinates.
public protocol Field: Equatable, Sendable {
  /// The neutral element of addition.
  static var zero: Self { get }
  /// The neutral element of multiplication.
  static var one: Self { get }
  /// Whether this is zero.
  var isZero: Bool { get }
  /// The sum.
  static func + (left: Self, right: Self) -> Self
  /// The difference.
  static func - (left: Self, right: Self) -> Self
  /// The product.
  static func * (left: Self, right: Self) -> Self
  /// The additive inverse.
  static prefix func - (value: Self) -> Self
  /// The square.
  func squared() -> Self
  /// The sum with itself.
  func doubled() -> Self
  /// The multiplicative inverse; zero for zero.
  func inverted() -> Self
}

extension Field {
  /// The sum with the double.
  @inline(__always)
  func tripled() -> Self { doubled() + self }

  /// The power, by windows of four bits.
  ///
  /// Takes a time that depends on the exponent.
  func power(_ exponent: UInt384) -> Self {
    var table = [16 of Self](repeating: .one)
    for index in 1..<16 { table[index] = table[index - 1] * self }
    var result = Self.one
    var hasBegun = false
    for index in stride(from: 95, through: 0, by: -1) {
      let digit = exponent.nibble(at: index)
      if hasBegun { result = result.squared().squared().squared().squared() }
      if digit != 0 {
        result = result * table[digit]
        hasBegun = true
      }
    }
    return result
  }
}

/// A field of prime order p, its elements kept in Montgomery form: as a·R mod p, where R is the
/// power of two that fills the limbs (Montgomery, *Modular multiplication without trial division*,
/// 1985).
public protocol PrimeField: Field {
  /// How many bytes an element fills.
  static var sizeInBytes: Int { get }
  /// The order p of the field.
  static var modulus: UInt384 { get }
  /// The element that is this number modulo p. The number is below R.
  init(_ number: UInt384)
  /// The number below p that this is.
  var number: UInt384 { get }
  /// The product, inlined where it stands: for the lowest level of a tower.
  static func product(_ left: Self, _ right: Self) -> Self
}

extension PrimeField {
  /// The element with this big-endian encoding of `sizeInBytes` bytes, or nil unless it is below p.
  public init?(bigEndian bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == Self.sizeInBytes, "an element has a fixed size")
    let number = UInt384(bigEndian: bytes)
    guard number < Self.modulus else { return nil }
    self.init(number)
  }

  /// The big-endian encoding, of `sizeInBytes` bytes.
  public var bigEndianBytes: Bytes { number.bigEndianBytes(count: Self.sizeInBytes) }

  /// The multiplicative inverse by Fermat's little theorem; zero for zero.
  @inline(never)
  public func inverted() -> Self { power(Self.modulus.subtracting(2)) }

  /// A square root, or nil if this is not a square.
  ///
  /// For fields with p = 3 mod 4.
  @inline(never)
  func squareRoot() -> Self? {
    let root = power(Self.modulus.shiftedRightByTwo().adding(1))
    return root.squared() == self ? root : nil
  }

  /// Whether the number is odd: the sign of RFC 9380 (`sgn0`).
  var isOdd: Bool { number.limb0 & 1 == 1 }

  /// Whether the number is above its negative, which the flag of a compressed point tells.
  var isLarger: Bool { (-self).number < number }
}
