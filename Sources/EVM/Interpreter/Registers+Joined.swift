import Primitives

/// Instructions that follow one another so often that the loop runs them as one.
///
/// `Analysis` marks where they are. Each asks first whether all of its instructions will succeed;
/// if not, it changes nothing and throws `separately`, and the loop that runs one instruction at a
/// time finds out which of them fails. That loop is the readable reference beside this file; tests
/// run programs in both.
extension Registers {
  /// Pays for several instructions, which want so many words on the stack and room for others.
  @inline(__always)
  private mutating func pay(_ cost: Int, inputs: Int, room: Int = 0) throws(Interruption) {
    try afford(cost, inputs: inputs, room: room)
    gas &-= cost
  }

  /// Asks whether the stack and the gas suffice for several instructions.
  @inline(__always)
  private func afford(_ cost: Int, inputs: Int, room: Int = 0) throws(Interruption) {
    let bytes = unsafe Int(bitPattern: top) &- Int(bitPattern: bottom)
    // One comparison for both ends of the stack.
    let spare = UInt(bitPattern: bytes &- 32 &* inputs)
    let most = UInt(bitPattern: 32 &* (1024 &- room &- inputs))
    if room > 0 ? spare > most : bytes < 32 &* inputs { throw .separately }
    if gas < cost { throw .separately }
  }
}

// MARK: Jumps, with the JUMPDEST that they lead to

extension Registers {
  /// JUMP.
  @inline(__always)
  mutating func jumpAndLand() throws(Interruption) {
    try pay(Gas.middle &+ Gas.jumpDestination, inputs: 1)
    try jump(to: self[0])
    drop(1)
    next()
  }

  /// JUMPI.
  @inline(__always)
  mutating func jumpConditionallyAndLand() throws(Interruption) {
    try afford(Gas.high &+ Gas.jumpDestination, inputs: 2)
    gas &-= Gas.high
    if self[1].isZero {
      next()
    } else {
      try jump(to: self[0])
      gas &-= Gas.jumpDestination
      next()
    }
    drop(2)
  }

  /// PUSH1 or PUSH2 of a jump destination, and JUMP.
  @inline(__always)
  mutating func pushAndJump(_ size: Int) throws(Interruption) {
    try pay(Gas.veryLow &+ Gas.middle &+ Gas.jumpDestination, inputs: 0, room: 1)
    land(at: 1, size)
  }

  /// PUSH1 or PUSH2 of a jump destination, and JUMPI.
  @inline(__always)
  mutating func pushAndJumpConditionally(_ size: Int) throws(Interruption) {
    try afford(Gas.veryLow &+ Gas.high &+ Gas.jumpDestination, inputs: 1, room: 1)
    gas &-= Gas.veryLow &+ Gas.high
    let condition = self[0]
    drop(1)
    branch(!condition.isZero, at: 1, size)
  }

  /// ISZERO, PUSH1 or PUSH2 of a jump destination, and JUMPI.
  @inline(__always)
  mutating func jumpIfZero(_ size: Int) throws(Interruption) {
    try afford(2 &* Gas.veryLow &+ Gas.high &+ Gas.jumpDestination, inputs: 1, room: 1)
    gas &-= 2 &* Gas.veryLow &+ Gas.high
    let condition = self[0]
    drop(1)
    branch(condition.isZero, at: 2, size)
  }

  /// LT, GT or EQ, PUSH2 of a jump destination, and JUMPI.
  @inline(__always)
  mutating func jumpIf(
    _ holds: (UInt256, UInt256) -> Bool
  ) throws(Interruption) {
    try afford(2 &* Gas.veryLow &+ Gas.high &+ Gas.jumpDestination, inputs: 2)
    gas &-= 2 &* Gas.veryLow &+ Gas.high
    let isTaken = holds(self[0], self[1])
    drop(2)
    branch(isTaken, at: 2, 2)
  }

  /// LT, GT or EQ, ISZERO, PUSH2 of a jump destination, and JUMPI.
  @inline(__always)
  mutating func jumpUnless(
    _ holds: (UInt256, UInt256) -> Bool
  ) throws(Interruption) {
    try afford(3 &* Gas.veryLow &+ Gas.high &+ Gas.jumpDestination, inputs: 2)
    gas &-= 3 &* Gas.veryLow &+ Gas.high
    let isTaken = !holds(self[0], self[1])
    drop(2)
    branch(isTaken, at: 3, 2)
  }

  /// Lands, and pays for the JUMPDEST, or goes on behind the JUMPI.
  @inline(__always)
  private mutating func branch(_ isTaken: Bool, at distance: Int, _ size: Int) {
    if isTaken {
      gas &-= Gas.jumpDestination
      land(at: distance, size)
    } else {
      unsafe position += distance &+ size &+ 1
    }
  }

  /// Goes on behind the JUMPDEST that the immediate bytes at a distance name; the analysis has seen
  /// that it is one.
  @inline(__always)
  private mutating func land(at distance: Int, _ size: Int) {
    let bytes = unsafe UnsafeRawPointer(position + distance)
    let target =
      unsafe size == 1
      ? Int(bytes.load(as: UInt8.self))
      : Int(UInt16(bigEndian: bytes.loadUnaligned(as: UInt16.self)))
    unsafe position = frame.pointee.code + (target &+ 1)
  }
}

// MARK: Jumps back from a function

extension Registers {
  /// SWAP1 and JUMP.
  @inline(__always)
  mutating func swapAndJump() throws(Interruption) {
    try afford(Gas.veryLow &+ Gas.middle &+ Gas.jumpDestination, inputs: 2)
    guard let target = unsafe destination(self[1]) else { throw .separately }
    gas &-= Gas.veryLow &+ Gas.middle &+ Gas.jumpDestination
    replace(1, by: 0)
    drop(1)
    unsafe position = target + 1
  }

  /// POP and JUMP.
  @inline(__always)
  mutating func popAndJump() throws(Interruption) {
    try afford(Gas.base &+ Gas.middle &+ Gas.jumpDestination, inputs: 2)
    guard let target = unsafe destination(self[1]) else { throw .separately }
    gas &-= Gas.base &+ Gas.middle &+ Gas.jumpDestination
    drop(2)
    unsafe position = target + 1
  }
}

// MARK: Memory that need not grow by more than a word

extension Registers {
  /// DUP1 and MLOAD; DUP1 alone if the memory must grow by more.
  @inline(__always)
  mutating func duplicateAndLoad() throws(Interruption) {
    try afford(2 &* Gas.veryLow, inputs: 1, room: 1)
    guard let offset = paidOffset(self[0]) else { return try duplicate(1) }
    push(loadWord(offset))
    unsafe position += 2
  }

  /// DUP2 and MSTORE: the offset stays; DUP2 alone if the memory must grow by more.
  @inline(__always)
  mutating func duplicateAndStore() throws(Interruption) {
    try afford(2 &* Gas.veryLow, inputs: 2, room: 1)
    guard let offset = paidOffset(self[1]) else { return try duplicate(2) }
    storeWord(self[0], offset)
    drop(1)
    unsafe position += 2
  }

  /// PUSH1 and MLOAD; PUSH1 alone if the memory must grow by more.
  @inline(__always)
  mutating func pushAndLoad() throws(Interruption) {
    try afford(2 &* Gas.veryLow, inputs: 0, room: 1)
    guard let offset = unsafe paidOffset(UInt256(UInt64(position[1]))) else {
      return try pushImmediate(1)
    }
    push(loadWord(offset))
    unsafe position += 3
  }

  /// PUSH1 and MSTORE; PUSH1 alone if the memory must grow by more.
  @inline(__always)
  mutating func pushAndStore() throws(Interruption) {
    try afford(2 &* Gas.veryLow, inputs: 1, room: 1)
    guard let offset = unsafe paidOffset(UInt256(UInt64(position[1]))) else {
      return try pushImmediate(1)
    }
    storeWord(self[0], offset)
    drop(1)
    unsafe position += 3
  }

  /// Pays for two instructions of the lowest price, and makes the memory hold a word at an offset;
  /// nil, and nothing has changed, if it must grow by more than a word or the gas lacks for that.
  @inline(__always)
  private mutating func paidOffset(_ offset: UInt256) -> Int? {
    guard offset.fitsUInt64, offset.limb0 < Self.memoryLimit else { return nil }
    let start = Int(truncatingIfNeeded: offset.limb0)
    gas &-= 2 &* Gas.veryLow
    if start &+ 32 <= memorySize || growByWord(to: start &+ 32) { return start }
    gas &+= 2 &* Gas.veryLow
    return nil
  }
}

// MARK: Words

extension Registers {
  /// PUSH1 and ADD.
  @inline(__always)
  mutating func pushAndAdd() throws(Interruption) {
    try pay(2 &* Gas.veryLow, inputs: 1, room: 1)
    self[0] = unsafe self[0] &+ UInt256(UInt64(position[1]))
    unsafe position += 3
  }

  /// PUSH1 and SHL.
  @inline(__always)
  mutating func pushAndShiftLeft() throws(Interruption) {
    try pay(2 &* Gas.veryLow, inputs: 1, room: 1)
    self[0] = unsafe self[0].shiftedLeft(by: UInt64(position[1]))
    unsafe position += 3
  }

  /// PUSH1 and SHR.
  @inline(__always)
  mutating func pushAndShiftRight() throws(Interruption) {
    try pay(2 &* Gas.veryLow, inputs: 1, room: 1)
    self[0] = unsafe self[0].shiftedRight(by: UInt64(position[1]))
    unsafe position += 3
  }

  /// A SWAP and POP: the topmost word takes the other one's place.
  @inline(__always)
  mutating func swapAndPop(_ depth: Int) throws(Interruption) {
    try pay(Gas.veryLow &+ Gas.base, inputs: depth &+ 1)
    replace(depth, by: 0)
    drop(1)
    unsafe position += 2
  }

  /// DUP2 and ADD: the word below is added.
  @inline(__always)
  mutating func addSecond() throws(Interruption) {
    try pay(2 &* Gas.veryLow, inputs: 2, room: 1)
    self[0] = self[0] &+ self[1]
    unsafe position += 2
  }

  /// POP twice.
  @inline(__always)
  mutating func popTwice() throws(Interruption) {
    try pay(2 &* Gas.base, inputs: 2)
    drop(2)
    unsafe position += 2
  }
}
