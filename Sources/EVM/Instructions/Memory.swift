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
