import Primitives

/// 0x01 to 0x0B: numbers modulo 2²⁵⁶, and their signed readings in two's complement.
extension Registers {
  /// Replaces the two topmost words, the first of them on top, by one.
  @inline(__always)
  mutating func combine(
    _ cost: Int, _ operation: (UInt256, UInt256) -> UInt256
  ) throws(Interruption) {
    try need(2)
    try charge(cost)
    self[1] = operation(self[0], self[1])
    drop(1)
    next()
  }

  @inline(__always)
  mutating func add() throws(Interruption) { try combine(Gas.veryLow) { $0 &+ $1 } }

  @inline(__always)
  mutating func multiply() throws(Interruption) { try combine(Gas.low) { $0 &* $1 } }

  @inline(__always)
  mutating func subtract() throws(Interruption) { try combine(Gas.veryLow) { $0 &- $1 } }

  @inline(__always)
  mutating func divide() throws(Interruption) {
    try combine(Gas.low) { $0.evmDivide(by: $1) }
  }

  @inline(__always)
  mutating func divideSigned() throws(Interruption) {
    try combine(Gas.low) { $0.evmSignedDivide(by: $1) }
  }

  @inline(__always)
  mutating func modulo() throws(Interruption) { try combine(Gas.low) { $0.evmModulo($1) } }

  @inline(__always)
  mutating func moduloSigned() throws(Interruption) {
    try combine(Gas.low) { $0.evmSignedModulo($1) }
  }

  @inline(__always)
  mutating func addModulo() throws(Interruption) {
    try need(3)
    try charge(Gas.middle)
    self[2] = self[0].addModulo(self[1], self[2])
    drop(2)
    next()
  }

  @inline(__always)
  mutating func multiplyModulo() throws(Interruption) {
    try need(3)
    try charge(Gas.middle)
    self[2] = self[0].multiplyModulo(self[1], self[2])
    drop(2)
    next()
  }

  /// EXP costs more for each byte that the exponent needs.
  @inline(__always)
  mutating func exponentiate(_ pricePerByte: Int) throws(Interruption) {
    try need(2)
    let exponent = self[1]
    try charge(Gas.exponent &+ exponent.byteWidth &* pricePerByte)
    self[1] = self[0].power(exponent)
    drop(1)
    next()
  }

  @inline(__always)
  mutating func extendSign() throws(Interruption) {
    try combine(Gas.low) { $1.signExtended(fromByte: $0) }
  }
}
