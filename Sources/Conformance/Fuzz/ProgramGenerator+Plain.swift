import EVM
import Primitives

/// Steps that concern the program alone.
extension ProgramGenerator {
  mutating func calculation() {
    var opcodes: [UInt8] = Array(0x01...0x0b) + Array(0x10...0x1a)
    opcodes += (0x1b...0x1e).filter { has($0) }
    for _ in 0..<random.number(1...3) { emit(random.pick(opcodes)) }
    if random.oneIn(4) { sink() }
  }

  mutating func memory() {
    switch random.below(7) {
    case 0..<2:
      pushPlace()
      emit(0x51, takes: 1, leaves: 1)
    case 2..<4:
      operand()
      pushPlace()
      emit(0x52, takes: 2, leaves: 0)
    case 4:
      operand()
      pushPlace()
      emit(0x53, takes: 2, leaves: 0)
    case 5 where has(0x5e):
      pushSize()
      pushPlace()
      pushPlace()
      emit(0x5e, takes: 3, leaves: 0)
    default:
      pushSize()
      pushPlace()
      emit(0x20, takes: 2, leaves: 1)
      if random.oneIn(2) { sink() }
    }
  }

  mutating func environment() {
    let opcodes: [UInt8] =
      [
        0x30, 0x32, 0x33, 0x34, 0x35, 0x36, 0x38, 0x3a, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x58,
        0x59, 0x5a,
      ]
      + [0x46, 0x47, 0x48, 0x49, 0x4a].filter { has($0) }
    let opcode = random.pick(opcodes)
    if opcode == 0x40 || opcode == 0x35, random.oneIn(2) {
      push(random.below(300))
      emit(opcode, takes: 1, leaves: 1)
    } else {
      emit(opcode)
    }
    if random.oneIn(2) { sink() }
  }

  /// Looks at another account.
  mutating func account() {
    let opcodes: [UInt8] = [0x31, 0x3b, 0x3c] + [0x3f].filter { has($0) }
    let opcode = random.pick(opcodes)
    if opcode == 0x3c {
      pushSize()
      pushPlace()
      pushPlace()
    }
    push(world.address(&random))
    if opcode == 0x3c {
      emit(opcode, takes: 4, leaves: 0)
    } else {
      emit(opcode, takes: 1, leaves: 1)
      if random.oneIn(2) { sink() }
    }
  }

  mutating func storage() {
    let isTransient = has(0x5c) && random.oneIn(3)
    if random.oneIn(3) {
      pushSlot()
      emit(isTransient ? 0x5c : 0x54, takes: 1, leaves: 1)
      if random.oneIn(2) { sink() }
    } else {
      if random.oneIn(2) { push(random.below(3)) } else { operand() }
      pushSlot()
      emit(isTransient ? 0x5d : 0x55, takes: 2, leaves: 0)
    }
  }

  mutating func copy() {
    let opcode = random.pick([0x37, 0x39] as [UInt8])
    pushSize()
    if random.oneIn(5) { operand() } else { pushPlace() }
    pushPlace()
    emit(opcode, takes: 3, leaves: 0)
  }

  mutating func returnData() {
    guard has(0x3d) else { return memory() }
    emit(0x3d)
    guard random.oneIn(2) else { return }
    emit(0x50, takes: 1, leaves: 0)
    // Mostly within the data: all of it, none of it, or its beginning.
    switch random.below(24) {
    case 0..<12:
      emit(0x3d)
      push(0)
    case 12..<21:
      push(0)
      if random.oneIn(2) { push(0) } else { emit(0x3d) }
    case 21:
      push(1)
      emit(0x3d)
    default:
      push(random.below(33))
      push(random.oneIn(4) ? 1 : 0)
    }
    pushPlace()
    emit(0x3e, takes: 3, leaves: 0)
  }

  mutating func shuffle() {
    let height = depth - floor
    switch random.below(4) {
    case 0 where height > 0: emit(0x50, takes: 1, leaves: 0)
    case 1 where height > 1:
      emit(0x90 + UInt8(random.below(min(height - 1, 16))), takes: 0, leaves: 0)
    case 2 where depth > 0: emit(0x80 + UInt8(random.below(min(depth, 16))), takes: 0, leaves: 1)
    default: push(interestingWord())
    }
  }

  mutating func log() {
    let topics = random.below(5)
    for _ in 0..<topics { operand() }
    pushSize()
    pushPlace()
    emit(0xa0 + UInt8(topics), takes: topics + 2, leaves: 0)
  }

  // MARK: Flow

  mutating func flow() {
    guard nesting < 3 else { return calculation() }
    switch random.below(6) {
    case 0: jump()
    case 1..<4: branch()
    default: loop()
    }
  }

  /// Jumps over what is no code.
  private mutating func jump() {
    let end = assembler.label()
    assembler.push(end)
    assembler.append(0x56)
    assembler.append(raw: random.bytes(random.below(6)))
    // A PUSH in that rubbish must not swallow the label.
    assembler.append(raw: Bytes(repeating: 0x00, count: 33))
    assembler.place(end)
  }

  private mutating func branch() {
    let end = assembler.label()
    operand()
    assembler.push(end)
    emit(0x57, takes: 1, leaves: 0)
    body(random.number(1...3))
    assembler.place(end)
  }

  private mutating func loop() {
    let start = assembler.label()
    push(random.number(1...5))
    assembler.place(start)
    body(random.number(1...3))
    // The counter is on top again: one less, and again unless it is zero.
    assembler.append(raw: [0x60, 0x01, 0x90, 0x03, 0x80])
    assembler.push(start)
    assembler.append(0x57)
    emit(0x50, takes: 1, leaves: 0)
  }

  /// Steps that leave as many words as they found, and in their places what they found.
  private mutating func body(_ steps: Int) {
    let outer = (floor: floor, depth: depth)
    nesting += 1
    floor = depth
    let counter = depth
    for _ in 0..<steps {
      // DUP reaches below the floor, SWAP does not.
      if random.oneIn(6) { calculation() } else { step() }
    }
    while depth > counter { emit(0x50, takes: 1, leaves: 0) }
    nesting -= 1
    floor = outer.floor
    depth = outer.depth
  }

  // MARK: Oddities

  /// What a careful program would not do.
  mutating func oddity() {
    switch random.below(48) {
    case 0: assembler.append(UInt8(random.below(256)))
    case 1:
      operand()
      emit(0x56, takes: 1, leaves: 0)
    case 2: assembler.append(raw: Bytes(repeating: 0x50, count: depth + 1))
    case 3: assembler.append(raw: Bytes(repeating: 0x30, count: 1025))
    case 4:
      // Nearly too high: the last word has just room.
      let count = 1024 - depth
      assembler.append(raw: Bytes(repeating: 0x30, count: count))
      assembler.append(raw: Bytes(repeating: 0x50, count: count))
    case 5: selfDestruct()
    case 6:
      push(interestingWord())
      emit(0x51, takes: 1, leaves: 1)
    case 7..<20: emit(0x5b, takes: 0, leaves: 0)
    default: emit(random.pick([0x59, 0x5a, 0x58]))
    }
  }
}
