import Primitives

/// 0x56 to 0x5B, 0xF3, 0xFD: where the code goes on, and where it ends.
extension Registers {
  @inline(__always)
  mutating func jump() throws(Interruption) {
    try need(1)
    try charge(Gas.middle)
    try jump(to: self[0])
    drop(1)
  }

  @inline(__always)
  mutating func jumpConditionally() throws(Interruption) {
    try need(2)
    try charge(Gas.high)
    if self[1].isZero {
      next()
    } else {
      try jump(to: self[0])
    }
    drop(2)
  }

  @inline(__always)
  mutating func jumpDestination() throws(Interruption) {
    try charge(Gas.jumpDestination)
    next()
  }

  /// GAS answers what is left after its own price.
  @inline(__always)
  mutating func remainingGas() throws(Interruption) {
    try needRoom()
    try charge(Gas.base)
    push(UInt256(UInt64(truncatingIfNeeded: gas)))
    next()
  }
}

extension Interpreter {
  /// RETURN and REVERT: ends the frame with a range of its memory.
  @inline(never)
  func end(_ r: inout Registers, _ status: CallStatus) throws(Interruption) {
    try r.need(2)
    let range = try memoryRange(r[0], r[1], &r)
    try end(&r, status, range)
  }

  /// Ends the frame with an output.
  @inline(never)
  func end(
    _ r: inout Registers, _ status: CallStatus, _ range: MemoryRange
  ) throws(Interruption) {
    output.set(range, of: r)
    try conclude(status, gas: r.gas)
  }
}
