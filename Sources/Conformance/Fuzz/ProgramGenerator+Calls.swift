import EVM
import NativeCryptography
import Primitives

/// Steps that concern other accounts.
extension ProgramGenerator {
  /// Calls an account; once in a while itself, again and again, as deep as the gas carries.
  mutating func call() {
    if random.oneIn(25) { emit(0x30) } else { push(callee()) }
    callAccountOnTop()
  }

  /// Whom to call: mostly contracts behind this one, since calls in circles end without gas.
  private mutating func callee() -> Address {
    let behind = world.contracts.dropFirst(position + 1)
    if !behind.isEmpty, !random.oneIn(3) { return random.pick(Array(behind)) }
    let address = world.address(&random)
    let isInCircle = world.contracts.contains(address) && !random.oneIn(6)
    return isInCircle ? random.pick(world.wallets).address : address
  }

  /// The kinds of call that the fork has.
  private mutating func callKind() -> UInt8 {
    let kinds: [UInt8] = [0xf1, 0xf1, 0xf1, 0xf2] + [0xf4, 0xf4, 0xfa, 0xfa].filter { has($0) }
    return random.pick(kinds)
  }

  /// Calls whom the word on top names; input and output are somewhere in memory.
  private mutating func callAccountOnTop() {
    let kind = callKind()
    let takesValue = kind == 0xf1 || kind == 0xf2
    // The target goes to memory and back, so that the operands can be pushed in order.
    push(0x1e0)
    emit(0x52, takes: 2, leaves: 0)
    pushSize()
    pushPlace()
    pushSize()
    pushPlace()
    if takesValue { pushValue() }
    push(0x1e0)
    emit(0x51, takes: 1, leaves: 1)
    pushGas()
    emit(kind, takes: takesValue ? 7 : 6, leaves: 1)
    if random.oneIn(2) { sink() }
  }

  private mutating func pushValue() {
    switch random.below(16) {
    case 0..<11: push(0)
    case 11..<14: push(random.number(1...100))
    case 14: emit(has(0x47) ? 0x47 : 0x34)
    default: push(interestingWord())
    }
  }

  private mutating func pushGas() {
    // Before Tangerine Whistle a call of more than there is halts the caller: nearly all, then.
    let isExact = world.fork < .tangerineWhistle
    switch random.below(12) {
    case 0..<5 where isExact:
      push(random.number(100...3000))
      emit(0x5a)
      emit(0x03, takes: 2, leaves: 1)
    case 0..<5: emit(0x5a)
    case 5: push(0)
    case 6: push(random.oneIn(2) ? 2300 : random.number(100...3000))
    case 7 where !isExact || random.oneIn(8): push(interestingWord())
    default: push(random.number(1000...60_000))
    }
  }

  /// Calls a precompiled contract with input that it should like.
  mutating func precompile() {
    let address = random.pick(world.precompiles)
    var input = PrecompileInputs(world).input(UInt256(address).lowUInt64, &random)
    if random.oneIn(14), !input.isEmpty {
      input[random.below(input.count)] ^= UInt8(1 << random.below(8))
    }
    if random.oneIn(30) { input.removeLast(min(input.count, random.number(1...40))) }
    assembler.copy(input, toMemory: 0)
    let hasStatic = has(0xfa)
    push(random.oneIn(4) ? random.below(100) : 64)
    push(0x100)
    push(input.count)
    push(0)
    if !hasStatic { push(0) }
    push(address)
    // What a contract refuses costs all that the call carries.
    switch random.below(8) {
    case 0: push(random.below(10_000))
    case 1 where world.fork >= .tangerineWhistle: emit(0x5a)
    case 2..<4: push(250_000)
    default: push(60_000)
    }
    emit(hasStatic ? 0xfa : 0xf1, takes: hasStatic ? 6 : 7, leaves: 1)
    sink()
    push(0x100)
    emit(0x51, takes: 1, leaves: 1)
    sink()
    if has(0x3d) {
      emit(0x3d)
      sink()
    }
  }

  // MARK: Creations

  /// Creates a contract, and calls it now and then.
  mutating func create() {
    guard nesting < 3 else { return storage() }
    let isSalted = has(0xf5) && random.oneIn(2)
    let initCode = initCode()
    assembler.copy(initCode, toMemory: 0)
    if isSalted { push(random.below(3)) }
    if random.oneIn(30) {
      push(random.pick([0xbfff, 0xc000, 0xc001, 0x10000]))
    } else {
      push(initCode.count)
    }
    push(0)
    pushValue()
    emit(isSalted ? 0xf5 : 0xf0, takes: isSalted ? 4 : 3, leaves: 1)
    switch random.below(6) {
    case 0..<2: sink()
    case 2:
      emit(0x80, takes: 0, leaves: 1)
      emit(has(0x3f) ? 0x3f : 0x3b, takes: 1, leaves: 1)
      sink()
    case 3..<5: callAccountOnTop()
    default: break
    }
  }

  /// Init code: mostly some that gives short code back.
  mutating func initCode() -> Bytes {
    switch random.below(40) {
    case 0: return []
    case 1:
      // Code of a size at the limit, all zeros.
      let size = random.pick([0x5fff, 0x6000, 0x6001])
      return [0x61, UInt8(size >> 8), UInt8(size & 0xff), 0x60, 0x00, 0xf3]
    case 2:
      // Code that begins as none may since London.
      return [0x60, 0xef, 0x60, 0x00, 0x53, 0x60, UInt8(random.number(1...3)), 0x60, 0x00, 0xf3]
    case 3..<6:
      var inner = ProgramGenerator(inherited(), world: world, nesting: nesting + 1)
      return inner.program(steps: random.number(1...6))
    default:
      var runtime = ProgramGenerator(inherited(), world: world, nesting: nesting + 2)
      let code = runtime.program(steps: random.number(1...5))
      var constructor = ProgramGenerator(inherited(), world: world, nesting: nesting + 2)
      for _ in 0..<random.below(3) { constructor.step() }
      constructor.assembler.copy(code, toMemory: 0)
      constructor.push(code.count)
      constructor.push(0)
      constructor.assembler.append(0xf3)
      return constructor.assembler.assembled()
    }
  }

  /// Chance for a program within this one.
  private mutating func inherited() -> SplitMix { SplitMix(seed: random.next()) }
}
