import Primitives

/// 0x50 and 0x80 to 0x9F: words taken off, copied, exchanged. Pushes are in `Registers`.
extension Registers {
  @inline(__always)
  mutating func pop() throws(Interruption) {
    try need(1)
    try charge(Gas.base)
    drop(1)
    next()
  }

  /// DUP1 copies the topmost word.
  @inline(__always)
  mutating func duplicate(_ depth: Int) throws(Interruption) {
    // One comparison for both ends of the stack.
    let above = unsafe UInt(bitPattern: top) &- UInt(bitPattern: bottom) &- UInt(32 &* depth)
    if above >= UInt(32 &* (1024 &- depth)) {
      throw .halt(height < depth ? .stackUnderflow : .stackOverflow)
    }
    try charge(Gas.veryLow)
    push(self[depth &- 1])
    next()
  }

  /// SWAP1 exchanges the topmost word and the one below.
  @inline(__always)
  mutating func swap(_ depth: Int) throws(Interruption) {
    try need(depth &+ 1)
    try charge(Gas.veryLow)
    exchange(depth)
    next()
  }
}
