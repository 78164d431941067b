/// Logic, shifts, bytes and sign extension, all as the virtual machine defines them.
extension UInt256 {
  /// The bits set in both.
  @inlinable
  @inline(__always)
  public static func & (left: UInt256, right: UInt256) -> UInt256 {
    UInt256(
      left.limb0 & right.limb0, left.limb1 & right.limb1, left.limb2 & right.limb2,
      left.limb3 & right.limb3)
  }

  /// The bits set in either.
  @inlinable
  @inline(__always)
  public static func | (left: UInt256, right: UInt256) -> UInt256 {
    UInt256(
      left.limb0 | right.limb0, left.limb1 | right.limb1, left.limb2 | right.limb2,
      left.limb3 | right.limb3)
  }

  /// The bits set in one but not the other.
  @inlinable
  @inline(__always)
  public static func ^ (left: UInt256, right: UInt256) -> UInt256 {
    UInt256(
      left.limb0 ^ right.limb0, left.limb1 ^ right.limb1, left.limb2 ^ right.limb2,
      left.limb3 ^ right.limb3)
  }

  /// The bits that are not set.
  @inlinable
  @inline(__always)
  public static prefix func ~ (value: UInt256) -> UInt256 {
    UInt256(~value.limb0, ~value.limb1, ~value.limb2, ~value.limb3)
  }

  /// The number shifted towards its most significant bit; 0 from a shift of 256 on (SHL).
  @inlinable
  @inline(__always)
  public func shiftedLeft(by amount: UInt256) -> UInt256 {
    amount.fitsUInt64 ? shiftedLeft(by: amount.limb0) : .zero
  }

  /// The number shifted towards its most significant bit; 0 from a shift of 256 on.
  @inlinable
  @inline(__always)
  public func shiftedLeft(by amount: UInt64) -> UInt256 {
    if amount >= 256 { return .zero }
    var value = self
    if amount & 128 != 0 { value = UInt256(0, 0, value.limb0, value.limb1) }
    if amount & 64 != 0 { value = UInt256(0, value.limb0, value.limb1, value.limb2) }
    let shift = amount & 63
    if shift == 0 { return value }
    let rest = 64 &- shift
    return UInt256(
      value.limb0 &<< shift,
      (value.limb1 &<< shift) | (value.limb0 &>> rest),
      (value.limb2 &<< shift) | (value.limb1 &>> rest),
      (value.limb3 &<< shift) | (value.limb2 &>> rest))
  }

  /// The number shifted towards its least significant bit; 0 from a shift of 256 on (SHR).
  @inlinable
  @inline(__always)
  public func shiftedRight(by amount: UInt256) -> UInt256 {
    amount.fitsUInt64 ? shiftedRight(by: amount.limb0) : .zero
  }

  /// The number shifted towards its least significant bit; 0 from a shift of 256 on.
  @inlinable
  @inline(__always)
  public func shiftedRight(by amount: UInt64) -> UInt256 {
    if amount >= 256 { return .zero }
    var value = self
    if amount & 128 != 0 { value = UInt256(value.limb2, value.limb3, 0, 0) }
    if amount & 64 != 0 { value = UInt256(value.limb1, value.limb2, value.limb3, 0) }
    let shift = amount & 63
    if shift == 0 { return value }
    let rest = 64 &- shift
    return UInt256(
      (value.limb0 &>> shift) | (value.limb1 &<< rest),
      (value.limb1 &>> shift) | (value.limb2 &<< rest),
      (value.limb2 &>> shift) | (value.limb3 &<< rest),
      value.limb3 &>> shift)
  }

  /// The number shifted right with copies of its sign; all sign from a shift of 256 on (SAR).
  @inlinable
  @inline(__always)
  public func shiftedArithmeticRight(by amount: UInt256) -> UInt256 {
    shiftedArithmeticRight(by: amount.clampedUInt64)
  }

  /// The number shifted right with copies of its sign; all sign from a shift of 256 on.
  @inlinable
  public func shiftedArithmeticRight(by amount: UInt64) -> UInt256 {
    if !isNegative { return shiftedRight(by: amount) }
    return ~(~self).shiftedRight(by: amount)
  }

  /// The bits shifted towards the most significant one.
  @inlinable
  @inline(__always)
  public static func << (value: UInt256, amount: Int) -> UInt256 {
    precondition(amount >= 0, "a shift is not negative")
    return value.shiftedLeft(by: UInt64(truncatingIfNeeded: amount))
  }

  /// The bits shifted towards the least significant one.
  @inlinable
  @inline(__always)
  public static func >> (value: UInt256, amount: Int) -> UInt256 {
    precondition(amount >= 0, "a shift is not negative")
    return value.shiftedRight(by: UInt64(truncatingIfNeeded: amount))
  }

  /// The byte at an index from the most significant one, 0 from index 32 on (BYTE).
  @inlinable
  @inline(__always)
  public func byte(at index: UInt256) -> UInt256 {
    guard index.fitsUInt64, index.limb0 < 32 else { return .zero }
    let place = index.limb0
    let upper = place < 8 ? limb3 : limb2
    let lower = place < 24 ? limb1 : limb0
    let limb = place < 16 ? upper : lower
    return UInt256(limb &>> (56 &- 8 &* (place & 7)) & 0xff)
  }

  /// Whether the bit at an index below 256, counted from the least significant one, is set.
  @inlinable
  @inline(__always)
  public func bit(at index: Int) -> Bool {
    precondition(0 <= index && index < 256, "a UInt256 has 256 bits")
    return shiftedRight(by: UInt64(truncatingIfNeeded: index)).limb0 & 1 == 1
  }

  /// The number read as two's complement of `index + 1` bytes, widened to 32 (SIGNEXTEND).
  ///
  /// Byte 0 is the least significant one. From index 31 on the number is unchanged.
  @inlinable
  @inline(__always)
  public func signExtended(fromByte index: UInt256) -> UInt256 {
    guard index.fitsUInt64, index.limb0 < 31 else { return self }
    let place = index.limb0
    // The limb with the sign, widened to all its bits, and the sign in all the limbs above.
    let lower = place < 8 ? limb0 : limb1
    let upper = place < 24 ? limb2 : limb3
    let unused = 56 &- 8 &* (place & 7)
    let limb = (Int64(bitPattern: place < 16 ? lower : upper) &<< Int64(unused)) &>> Int64(unused)
    let (widened, sign) = (UInt64(bitPattern: limb), UInt64(bitPattern: limb &>> 63))
    return UInt256(
      place < 8 ? widened : limb0,
      place < 8 ? sign : place < 16 ? widened : limb1,
      place < 16 ? sign : place < 24 ? widened : limb2,
      place < 24 ? sign : widened)
  }

  /// How many zero bits come before the first set one: 256 for 0 (CLZ).
  @inlinable
  public var leadingZeroBitCount: Int { 256 &- bitWidth }
}
