import EVM
import Primitives

/// Writes programs that mostly run: operands are there before they are taken, jumps land where
/// they may, and what comes out is mostly kept where it can be seen.
struct ProgramGenerator {
  var random: SplitMix
  let world: FuzzWorld
  var assembler = Assembler()
  /// How many words are on the stack.
  var depth = 0
  /// Words below belong to the code around.
  var floor = 0
  /// How many loops, branches and creations are open.
  var nesting = 0

  /// Which of the contracts this is; those that are created count as the last.
  let position: Int

  init(_ random: SplitMix, world: FuzzWorld, position: Int = .max, nesting: Int = 0) {
    self.position = min(position, world.contracts.count)
    self.random = random
    self.world = world
    self.nesting = nesting
  }

  /// A program of about so many steps.
  mutating func program(steps: Int) -> Bytes {
    for _ in 0..<steps { step() }
    finish()
    return assembler.assembled()
  }

  private static let steps: [(weight: Int, element: @Sendable (inout ProgramGenerator) -> Void)] = [
    (16, { $0.calculation() }), (8, { $0.memory() }), (8, { $0.environment() }),
    (5, { $0.account() }), (9, { $0.storage() }), (5, { $0.flow() }), (4, { $0.copy() }),
    (5, { $0.shuffle() }), (3, { $0.log() }), (9, { $0.call() }), (4, { $0.precompile() }),
    (4, { $0.create() }), (4, { $0.returnData() }), (2, { $0.oddity() }),
  ]

  /// One step: a few instructions that belong together.
  mutating func step() {
    random.pick(weighted: Self.steps)(&self)
    while depth > floor + 12 { sink() }
  }

  // MARK: Operands

  /// Appends an instruction that takes and leaves so many words.
  mutating func emit(_ opcode: UInt8, takes inputs: Int, leaves outputs: Int) {
    assembler.append(opcode)
    depth += outputs - inputs
  }

  /// Appends an instruction of the fork with fresh operands; one of another fork halts.
  mutating func emit(_ opcode: UInt8) {
    let entry = world.table.entry(opcode)
    for _ in 0..<Int(entry?.inputs ?? 0) { operand() }
    emit(opcode, takes: Int(entry?.inputs ?? 0), leaves: Int(entry?.outputs ?? 0))
  }

  /// Whether the fork has an instruction.
  func has(_ opcode: UInt8) -> Bool { world.table.entry(opcode) != nil }

  /// Pushes a number, mostly in as few bytes as it takes.
  mutating func push(_ value: UInt256) {
    let least = max(value.byteWidth, value.isZero && has(0x5f) && random.oneIn(2) ? 0 : 1)
    let width = random.oneIn(12) ? random.number(max(least, 1)...32) : least
    assembler.push(value, width: width)
    depth += 1
  }

  mutating func push(_ value: Int) { push(UInt256(UInt64(value))) }

  /// Pushes an address, rarely with bits above it.
  mutating func push(_ address: Address) {
    var word = UInt256(address)
    if random.oneIn(25) { word = word | (UInt256(random.next()) << 160) }
    push(word)
  }

  /// Leaves one more word on the stack: one that is there, or one that is interesting.
  mutating func operand() {
    if depth > 0, random.oneIn(3) {
      emit(0x80 + UInt8(random.below(min(depth, 16))), takes: 0, leaves: 1)
    } else {
      push(interestingWord())
    }
  }

  /// A word at which arithmetic has its edges.
  mutating func interestingWord() -> UInt256 {
    let small: [UInt64] = [
      0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 257, 1023, 1024,
      0x5fff, 0x6000, 0x6001, 0xffff, 0xffff_ffff, 0x1_0000_0000, .max,
    ]
    switch random.below(10) {
    case 0..<4: return UInt256(random.pick(small))
    case 4:
      let power = UInt256(1 as UInt64) << random.below(256)
      return random.oneIn(3) ? power : random.oneIn(2) ? power &- .one : power.negated
    case 5: return UInt256(UInt64(random.below(5))).negated
    case 6: return random.word() >> (8 * random.below(32))
    case 7: return UInt256(world.address(&random))
    case 8: return UInt256(UInt64(random.below(300)))
    default: return random.word()
    }
  }

  // MARK: Places

  /// Pushes a place in memory: near the beginning, and rarely somewhere absurd.
  mutating func pushPlace() {
    switch random.below(400) {
    case 0: push(interestingWord())
    case 1..<4: push(random.number(1000...70_000))
    case 4..<30: push(random.below(1024))
    default: push(32 * random.below(8) + (random.oneIn(4) ? random.below(32) : 0))
    }
  }

  /// Pushes a size of a piece of memory.
  mutating func pushSize() {
    switch random.below(400) {
    case 0: push(interestingWord())
    case 1..<4: push(random.number(500...25_000))
    case 4..<60: push(0)
    default: push(random.oneIn(2) ? 32 : random.below(130))
    }
  }

  /// Pushes the number of a slot, so that programs meet in few of them.
  mutating func pushSlot() {
    if random.oneIn(12) { push(interestingWord()) } else { push(random.below(5)) }
  }

  // MARK: Ends

  /// Puts the word on top where it can be seen, or drops it.
  mutating func sink() {
    guard depth > floor else { return }
    switch random.below(8) {
    case 0..<3:
      pushSlot()
      emit(0x55, takes: 2, leaves: 0)
    case 3..<6:
      push(32 * random.below(8))
      emit(0x52, takes: 2, leaves: 0)
    default: emit(0x50, takes: 1, leaves: 0)
    }
  }

  /// Ends the program.
  private mutating func finish() {
    if depth > floor, random.oneIn(2) { sink() }
    switch random.below(24) {
    case 0..<12:
      pushSize()
      pushPlace()
      emit(0xf3, takes: 2, leaves: 0)
    case 12..<15:
      pushSize()
      pushPlace()
      emit(0xfd, takes: 2, leaves: 0)
    case 15..<17: selfDestruct()
    case 17: assembler.append(0xfe)
    case 18..<21: assembler.append(0x00)
    default: break
    }
  }

  mutating func selfDestruct() {
    push(world.address(&random))
    emit(0xff, takes: 1, leaves: 0)
  }
}
