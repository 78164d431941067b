/// The lower limb of `left·right + addend + carry`; the upper one is the new carry.
@inlinable
@inline(__always)
func multiplyAdd(
  _ left: UInt64, _ right: UInt64, _ addend: UInt64, _ carry: inout UInt64
) -> UInt64 {
  let result =
    UInt128(truncatingIfNeeded: left) &* UInt128(truncatingIfNeeded: right)
    &+ UInt128(truncatingIfNeeded: addend) &+ UInt128(truncatingIfNeeded: carry)
  carry = UInt64(truncatingIfNeeded: result &>> 64)
  return UInt64(truncatingIfNeeded: result)
}
