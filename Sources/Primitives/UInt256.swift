/// A sequence of bytes that owns its storage.
public typealias Bytes = [UInt8]

/// An unsigned 256-bit integer: the word of the Ethereum virtual machine.
///
/// Four 64-bit limbs, the least significant first, as stored properties: an interpreter then keeps
/// them in registers. The small functions are inlinable, which doubles the speed of an interpreter
/// in another module.
@frozen
public struct UInt256: Sendable {
  /// Bits 0 to 63.
  public var limb0: UInt64
  /// Bits 64 to 127.
  public var limb1: UInt64
  /// Bits 128 to 191.
  public var limb2: UInt64
  /// Bits 192 to 255.
  public var limb3: UInt64

  /// Zero.
  @inlinable
  @inline(__always)
  public init() { self.init(0, 0, 0, 0) }

  /// The number with these limbs, the least significant first.
  @inlinable
  @inline(__always)
  public init(_ limb0: UInt64, _ limb1: UInt64, _ limb2: UInt64, _ limb3: UInt64) {
    self.limb0 = limb0
    self.limb1 = limb1
    self.limb2 = limb2
    self.limb3 = limb3
  }

  /// The number with the same value.
  @inlinable
  @inline(__always)
  public init(_ value: UInt64) { self.init(value, 0, 0, 0) }

  /// The number with the same value, which is not negative.
  @inlinable
  @inline(__always)
  public init(_ value: Int) {
    precondition(value >= 0, "a UInt256 is not negative")
    self.init(UInt64(truncatingIfNeeded: value), 0, 0, 0)
  }

  /// One for true and zero for false, as the comparison instructions push it.
  @inlinable
  @inline(__always)
  public init(_ flag: Bool) { self.init(flag ? 1 : 0, 0, 0, 0) }

  /// The number with these halves.
  @inlinable
  @inline(__always)
  public init(low: UInt128, high: UInt128 = 0) {
    self.init(
      UInt64(truncatingIfNeeded: low), UInt64(truncatingIfNeeded: low &>> 64),
      UInt64(truncatingIfNeeded: high), UInt64(truncatingIfNeeded: high &>> 64))
  }

  /// The number 0.
  @inlinable
  @inline(__always)
  public static var zero: UInt256 { UInt256(0, 0, 0, 0) }

  /// The number 1.
  @inlinable
  @inline(__always)
  public static var one: UInt256 { UInt256(1, 0, 0, 0) }

  /// The largest number, 2²⁵⁶ - 1.
  @inlinable
  @inline(__always)
  public static var max: UInt256 { UInt256(.max, .max, .max, .max) }

  /// The lower 128 bits.
  @inlinable
  @inline(__always)
  public var low: UInt128 {
    UInt128(truncatingIfNeeded: limb0) | UInt128(truncatingIfNeeded: limb1) &<< 64
  }

  /// The upper 128 bits.
  @inlinable
  @inline(__always)
  public var high: UInt128 {
    UInt128(truncatingIfNeeded: limb2) | UInt128(truncatingIfNeeded: limb3) &<< 64
  }

  /// Whether the number is 0.
  @inlinable
  @inline(__always)
  public var isZero: Bool { (limb0 | limb1 | limb2 | limb3) == 0 }

  /// Whether bit 255 is set, which is the sign in two's complement.
  @inlinable
  @inline(__always)
  public var isNegative: Bool { limb3 >> 63 != 0 }

  /// Whether the number is below 2⁶⁴.
  @inlinable
  @inline(__always)
  public var fitsUInt64: Bool { (limb1 | limb2 | limb3) == 0 }

  /// The lower 64 bits.
  @inlinable
  @inline(__always)
  public var lowUInt64: UInt64 { limb0 }

  /// The number as 64 bits, or nil if it does not fit.
  @inlinable
  @inline(__always)
  public var asUInt64: UInt64? { fitsUInt64 ? limb0 : nil }

  /// The number as an `Int`, or nil if it does not fit.
  @inlinable
  @inline(__always)
  public var asInt: Int? { fitsUInt64 ? Int(exactly: limb0) : nil }

  /// The number as an `Int`, or `Int.max` if it does not fit.
  @inlinable
  @inline(__always)
  public var clampedInt: Int { asInt ?? .max }

  /// The number as 64 bits, or `UInt64.max` if it does not fit.
  @inlinable
  @inline(__always)
  public var clampedUInt64: UInt64 { fitsUInt64 ? limb0 : .max }

  /// How many bits the number needs: 0 for 0 and 256 for the largest.
  @inlinable
  public var bitWidth: Int {
    if limb3 != 0 { return 256 &- limb3.leadingZeroBitCount }
    if limb2 != 0 { return 192 &- limb2.leadingZeroBitCount }
    if limb1 != 0 { return 128 &- limb1.leadingZeroBitCount }
    return 64 &- limb0.leadingZeroBitCount
  }

  /// How many bytes the number needs: 0 for 0 and 32 for the largest.
  @inlinable
  public var byteWidth: Int { (bitWidth &+ 7) >> 3 }
}

extension UInt256: ExpressibleByIntegerLiteral {
  /// The number that a literal below 2⁶⁴ names.
  @inlinable
  @inline(__always)
  public init(integerLiteral value: UInt64) { self.init(value, 0, 0, 0) }
}

extension UInt256: Hashable {
  /// Whether two numbers are the same.
  @inlinable
  @inline(__always)
  public static func == (left: UInt256, right: UInt256) -> Bool {
    ((left.limb0 ^ right.limb0) | (left.limb1 ^ right.limb1) | (left.limb2 ^ right.limb2)
      | (left.limb3 ^ right.limb3)) == 0
  }

  /// Feeds all 256 bits to the hasher: whoever chooses storage slots must not choose collisions.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    hasher.combine(limb0)
    hasher.combine(limb1)
    hasher.combine(limb2)
    hasher.combine(limb3)
  }
}

extension UInt256: Comparable {
  /// Whether the left number is the smaller one, both unsigned.
  @inlinable
  @inline(__always)
  public static func < (left: UInt256, right: UInt256) -> Bool {
    // Without branches: the operands of an interpreter are as good as random.
    left.subtractingReportingOverflow(right).overflow
  }

  /// Whether this number is the smaller one, both in two's complement (SLT).
  @inlinable
  @inline(__always)
  public func signedLess(than other: UInt256) -> Bool {
    let flip: UInt64 = 1 << 63
    return UInt256(limb0, limb1, limb2, limb3 ^ flip)
      < UInt256(other.limb0, other.limb1, other.limb2, other.limb3 ^ flip)
  }
}
