import Primitives
import Synchronization

/// What the interpreter keeps at hand for the frame that runs: where it is, what is on the stack,
/// what is in memory, and how much gas is left.
///
/// The loop holds one of these in a local variable, so its fields live in machine registers. This
/// file and its two extensions, `Code+Analysis.swift`, the two buffers' and `RecordTable.swift` with
/// `JournalTables.swift` and `LogPile.swift` are the only ones that touch pointers: each operation
/// there checks its bounds before, or says who did.
@safe
struct Registers {
  /// The instruction that runs.
  var position: UnsafePointer<UInt8>
  /// One past the top of the stack.
  var top: UnsafeMutablePointer<UInt256>
  /// What is left to spend; negative only on the way out.
  var gas: Int
  /// The bottom of the frame's stack.
  var bottom: UnsafeMutablePointer<UInt256>
  /// The frame's memory.
  var memory: UnsafeMutablePointer<UInt8>
  /// How many bytes of memory the frame has paid for, a multiple of 32.
  var memorySize: Int
  /// The frame, with what it needs less often: the machine has few registers.
  var frame: UnsafeMutablePointer<Frame>
}

extension Registers {
  /// Puts a copy where a method finds it.
  ///
  /// The loop hands its registers over in this way, and not as an argument, since the compiler
  /// keeps a variable in memory once a method may write to it.
  @inline(__always)
  func park() { unsafe frame.pointee.parked = self }

  /// Registers in memory, read word by word since they were just written so: see the words of the
  /// stack below.
  @inline(__always)
  static func read(_ address: UnsafeMutableRawPointer) -> Registers {
    let words = unsafe address.assumingMemoryBound(to: Atomic<Int>.self)
    let copy = unsafe (
      words[0].load(ordering: .relaxed), words[1].load(ordering: .relaxed),
      words[2].load(ordering: .relaxed), words[3].load(ordering: .relaxed),
      words[4].load(ordering: .relaxed), words[5].load(ordering: .relaxed),
      words[6].load(ordering: .relaxed)
    )
    return unsafe unsafeBitCast(copy, to: Registers.self)
  }

  /// Takes up what a method left, which may be another frame's.
  @inline(__always)
  mutating func unpark(_ buffers: FrameBuffers) {
    self = unsafe Self.read(UnsafeMutableRawPointer(buffers.current))
  }
}

extension Registers {
  /// The first instruction.
  @inline(__always)
  private var code: UnsafePointer<UInt8> { unsafe frame.pointee.code }

  /// How many bytes of code there are.
  @inline(__always)
  var codeSize: Int { unsafe frame.pointee.codeSize }

  /// How many bytes of call data there are.
  @inline(__always)
  var inputSize: Int { unsafe frame.pointee.inputSize }

  /// What ADDRESS answers.
  @inline(__always)
  var ownAddress: UInt256 { unsafe UInt256(frame.pointee.address) }

  /// What CALLER answers.
  @inline(__always)
  var caller: UInt256 { unsafe UInt256(frame.pointee.caller) }

  /// What CALLVALUE answers.
  @inline(__always)
  var callValue: UInt256 { unsafe frame.pointee.value }
}

// MARK: Gas and the stack's height

extension Registers {
  /// Takes gas, of which at most 2⁶² can be asked at once.
  @inline(__always)
  mutating func charge(_ cost: Int) throws(Interruption) {
    gas &-= cost
    if gas < 0 { throw .halt(.outOfGas) }
  }

  /// How many words are on the stack.
  @inline(__always)
  var height: Int { unsafe top - bottom }

  /// Asks for words on the stack.
  @inline(__always)
  func need(_ count: Int) throws(Interruption) {
    let bytes = unsafe Int(bitPattern: top) &- Int(bitPattern: bottom)
    if bytes < count &* 32 { throw .halt(.stackUnderflow) }
  }

  /// Asks for room for one more word.
  @inline(__always)
  func needRoom() throws(Interruption) {
    let bytes = unsafe Int(bitPattern: top) &- Int(bitPattern: bottom)
    if bytes >= 1024 &* 32 { throw .halt(.stackOverflow) }
  }

  /// Goes on to the next instruction.
  @inline(__always)
  mutating func next() { unsafe position += 1 }

  /// The position in the code.
  @inline(__always)
  var offset: Int { unsafe position - code }

  /// The instruction's byte, as an opcode that the fork has or `undefined`.
  @inline(__always)
  var opcode: Opcode { unsafe unsafeBitCast(position.pointee, to: Opcode.self) }

  /// The same, if no instructions are joined.
  @inline(__always)
  var separateOpcode: Opcode {
    unsafe unsafeBitCast(frame.pointee.separate[offset], to: Opcode.self)
  }
}

// MARK: Words on the stack

extension Registers {
  /// The word at an index from the top, which `need` has asked for.
  ///
  /// The four limbs are read one by one, as atomics, which compile to plain moves that cannot be
  /// merged: a 16-byte read of words just written in 8-byte pieces would wait for the cache, since
  /// the processor cannot forward such stores (up to twice the time of a loop of additions).
  @inline(__always)
  subscript(_ index: Int) -> UInt256 {
    get {
      let word = unsafe UnsafeMutableRawPointer(top - (index &+ 1))
        .assumingMemoryBound(to: Atomic<UInt64>.self)
      return unsafe UInt256(
        word[0].load(ordering: .relaxed), word[1].load(ordering: .relaxed),
        word[2].load(ordering: .relaxed), word[3].load(ordering: .relaxed))
    }
    nonmutating set { unsafe top[-1 &- index] = newValue }
  }

  /// Exchanges the topmost word and another one, which `need` has asked for: limb by limb, since two
  /// whole words would fill the machine's registers.
  @inline(__always)
  func exchange(_ index: Int) {
    let first = unsafe UnsafeMutableRawPointer(top - 1).assumingMemoryBound(to: UInt64.self)
    let second = unsafe UnsafeMutableRawPointer(top - (index &+ 1))
      .assumingMemoryBound(to: UInt64.self)
    for limb in 0..<4 {
      let moved = unsafe Self.limb(first + limb)
      unsafe first[limb] = Self.limb(second + limb)
      unsafe second[limb] = moved
    }
  }

  /// A limb, in a read that cannot be merged with the next one.
  @inline(__always)
  private static func limb(_ address: UnsafeMutablePointer<UInt64>) -> UInt64 {
    unsafe UnsafeMutableRawPointer(address).assumingMemoryBound(to: Atomic<UInt64>.self)
      .pointee.load(ordering: .relaxed)
  }

  /// Puts a copy of a word in another one's place, limb by limb; `need` has asked for both.
  @inline(__always)
  func replace(_ index: Int, by other: Int) {
    let source = unsafe UnsafeMutableRawPointer(top - (other &+ 1))
      .assumingMemoryBound(to: UInt64.self)
    let target = unsafe UnsafeMutableRawPointer(top - (index &+ 1))
      .assumingMemoryBound(to: UInt64.self)
    for limb in 0..<4 { unsafe target[limb] = Self.limb(source + limb) }
  }

  /// Takes words off the stack, which `need` has asked for.
  @inline(__always)
  mutating func drop(_ count: Int) { unsafe top -= count }

  /// Puts a word on the stack, for which `needRoom` has asked or which replaces one dropped.
  @inline(__always)
  mutating func push(_ word: UInt256) {
    unsafe top.pointee = word
    unsafe top += 1
  }

  /// Pushes a word that an instruction of this price computes, and goes on.
  @inline(__always)
  mutating func produce(_ cost: Int, _ word: UInt256) throws(Interruption) {
    try needRoom()
    try charge(cost)
    push(word)
    next()
  }

  /// Puts the big-endian number of the next bytes on the stack; the code is padded with zeros.
  @inline(__always)
  mutating func pushImmediate(_ count: Int) throws(Interruption) {
    try needRoom()
    try charge(Gas.veryLow)
    push(
      UInt256(
        immediate(count, limb: 0), immediate(count, limb: 1), immediate(count, limb: 2),
        immediate(count, limb: 3)))
    unsafe position += count &+ 1
  }

  /// A limb of the number in the bytes after the instruction; `count` is a constant once inlined.
  @inline(__always)
  private func immediate(_ count: Int, limb: Int) -> UInt64 {
    let end = count &- limb &* 8
    if end <= 0 { return 0 }
    let bytes = unsafe UnsafeRawPointer(position + 1)
    if end >= 8 {
      return unsafe UInt64(
        bigEndian: bytes.loadUnaligned(fromByteOffset: end &- 8, as: UInt64.self))
    }
    let whole = unsafe UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    return whole &>> UInt64(truncatingIfNeeded: (8 &- end) &* 8)
  }
}

// MARK: Jumps

extension Registers {
  /// Goes to a jump destination.
  @inline(__always)
  mutating func jump(to target: UInt256) throws(Interruption) {
    guard let destination = unsafe destination(target) else { throw .halt(.invalidJump) }
    unsafe position = destination
  }

  /// The jump destination that a word names, or nil if there is none.
  @inline(__always)
  func destination(_ target: UInt256) -> UnsafePointer<UInt8>? {
    let offset = Int(truncatingIfNeeded: target.limb0)
    guard target.fitsUInt64, UInt(bitPattern: offset) < UInt(bitPattern: codeSize) else {
      return nil
    }
    let bits = unsafe frame.pointee.jumpDestinations[offset &>> 3]
    guard bits &>> UInt8(truncatingIfNeeded: offset & 7) & 1 != 0 else { return nil }
    return unsafe code + offset
  }
}

/// Why the loop leaves an instruction before its end.
enum Interruption: Error {
  /// The frame halts.
  case halt(Halt)
  /// The last frame has ended.
  case finished
  /// The execution cannot go on; the interpreter has the reason.
  case stopped
  /// One of several joined instructions fails; which one, the loop finds out that runs them one by
  /// one.
  case separately
}
