import Primitives

/// 0x20, 0x51 to 0x53, 0x5E: the frame's memory.
extension Registers {
  @inline(__always)
  mutating func memoryLoad(_ interpreter: Interpreter) throws(Interruption) {
    try need(1)
    try charge(Gas.veryLow)
    let offset = try memoryOffset(self[0], count: 32, interpreter)
    self[0] = loadWord(offset)
    next()
  }

  @inline(__always)
  mutating func memoryStore(_ interpreter: Interpreter) throws(Interruption) {
    try need(2)
    try charge(Gas.veryLow)
    let offset = try memoryOffset(self[0], count: 32, interpreter)
    storeWord(self[1], offset)
    drop(2)
    next()
  }

  @inline(__always)
  mutating func memoryStoreByte(_ interpreter: Interpreter) throws(Interruption) {
    try need(2)
    try charge(Gas.veryLow)
    let offset = try memoryOffset(self[0], count: 1, interpreter)
    storeByte(UInt8(truncatingIfNeeded: self[1].limb0), offset)
    drop(2)
    next()
  }
}

extension Registers {
  /// MCOPY where the memory need not grow; false, and nothing has changed, if it must, or if
  /// something fails.
  mutating func copyPaidMemory() -> Bool {
    if unsafe Int(bitPattern: top) &- Int(bitPattern: bottom) < 3 &* 32 { return false }
    let (destination, source, count) = (self[0], self[1], self[2])
    let high =
      destination.limb1 | destination.limb2 | destination.limb3 | source.limb1 | source.limb2
      | source.limb3 | count.limb1 | count.limb2 | count.limb3
    let low = destination.limb0 | source.limb0 | count.limb0
    guard high | low &>> 32 == 0, count.limb0 > 0 else { return false }
    let (to, from) = (
      Int(truncatingIfNeeded: destination.limb0), Int(truncatingIfNeeded: source.limb0)
    )
    let size = Int(truncatingIfNeeded: count.limb0)
    let left = gas &- (Gas.veryLow &+ ((size &+ 31) &>> 5) &* Gas.copyWord)
    guard Swift.max(to, from) &+ size <= memorySize, left >= 0 else { return false }
    gas = left
    copyMemory(from: from, to: to, count: size)
    drop(3)
    next()
    return true
  }
}

extension Interpreter {
  @inline(never)
  func memoryCopy(_ r: inout Registers) throws(Interruption) {
    try r.need(3)
    try r.charge(Gas.veryLow)
    let (destination, source) = (r[0], r[1])
    let furthest = source < destination ? destination : source
    let range = try memoryRange(furthest, r[2], &r)
    try r.chargeWords(range.count, Gas.copyWord)
    if range.count > 0 {
      r.copyMemory(
        from: Int(truncatingIfNeeded: source.limb0),
        to: Int(truncatingIfNeeded: destination.limb0), count: range.count)
    }
    r.drop(3)
    r.next()
  }

  @inline(never)
  func keccak(_ r: inout Registers) throws(Interruption) {
    try r.need(2)
    try r.charge(Gas.keccak)
    let range = try memoryRange(r[0], r[1], &r)
    try r.chargeWords(range.count, Gas.keccakWord)
    r[1] = UInt256(r.keccak(range))
    r.drop(1)
    r.next()
  }
}
