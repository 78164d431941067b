import Primitives

/// 0x10 to 0x1E: comparisons, logic, bytes and shifts.
extension Registers {
  /// Replaces the topmost word.
  @inline(__always)
  mutating func replace(
    _ cost: Int, _ operation: (UInt256) -> UInt256
  ) throws(Interruption) {
    try need(1)
    try charge(cost)
    self[0] = operation(self[0])
    next()
  }

  @inline(__always)
  mutating func less() throws(Interruption) { try combine(Gas.veryLow) { UInt256($0 < $1) } }

  @inline(__always)
  mutating func greater() throws(Interruption) { try combine(Gas.veryLow) { UInt256($1 < $0) } }

  @inline(__always)
  mutating func lessSigned() throws(Interruption) {
    try combine(Gas.veryLow) { UInt256($0.signedLess(than: $1)) }
  }

  @inline(__always)
  mutating func greaterSigned() throws(Interruption) {
    try combine(Gas.veryLow) { UInt256($1.signedLess(than: $0)) }
  }

  @inline(__always)
  mutating func equal() throws(Interruption) { try combine(Gas.veryLow) { UInt256($0 == $1) } }

  @inline(__always)
  mutating func isZero() throws(Interruption) {
    try replace(Gas.veryLow) { UInt256($0.isZero) }
  }

  @inline(__always)
  mutating func and() throws(Interruption) { try combine(Gas.veryLow) { $0 & $1 } }

  @inline(__always)
  mutating func or() throws(Interruption) { try combine(Gas.veryLow) { $0 | $1 } }

  @inline(__always)
  mutating func exclusiveOr() throws(Interruption) { try combine(Gas.veryLow) { $0 ^ $1 } }

  @inline(__always)
  mutating func not() throws(Interruption) { try replace(Gas.veryLow) { ~$0 } }

  @inline(__always)
  mutating func byte() throws(Interruption) { try combine(Gas.veryLow) { $1.byte(at: $0) } }

  @inline(__always)
  mutating func shiftLeft() throws(Interruption) {
    try combine(Gas.veryLow) { $1.shiftedLeft(by: $0) }
  }

  @inline(__always)
  mutating func shiftRight() throws(Interruption) {
    try combine(Gas.veryLow) { $1.shiftedRight(by: $0) }
  }

  @inline(__always)
  mutating func shiftArithmeticRight() throws(Interruption) {
    try combine(Gas.veryLow) { $1.shiftedArithmeticRight(by: $0) }
  }

  /// CLZ (EIP-7939).
  @inline(__always)
  mutating func countLeadingZeros() throws(Interruption) {
    try replace(Gas.low) { UInt256(UInt64(truncatingIfNeeded: $0.leadingZeroBitCount)) }
  }
}
