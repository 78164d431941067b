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
    try need(depth)
    try needRoom()
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
