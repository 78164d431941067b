import EVM
import Primitives
import Testing

/// The loop that runs joined instructions against the one that runs one at a time, as it does for a
/// tracer.
@Suite struct JoinedInstructionTests {
  @Test("random programs end the same with joined instructions and one by one", arguments: 0..<60)
  func randomPrograms(seed: Int) throws {
    var random = Chance(UInt64(seed) &+ 100)
    let program = randomProgram(&random)
    for _ in 0..<40 { try compare(program, gas: UInt64(random.below(1500))) }
    try compare(program, gas: 5000)
  }

  @Test("what begins with joined instructions runs out of gas where each of them does")
  func gas() throws {
    for program in Self.joined {
      for gas in 0..<60 { try compare(push(2) + push(3) + program, gas: UInt64(gas)) }
    }
  }

  @Test("joined instructions find the stack too low or too high where each of them does")
  func heights() throws {
    for program in Self.joined {
      for height in [0, 1, 2, 3, 4, 5, 6, 1021, 1022, 1023, 1024] {
        try compare(push(1).repeated(height) + program, gas: 10_000)
      }
    }
  }

  @Test("a jump into joined instructions runs the rest of them")
  func jumpInside() throws {
    // The byte behind PUSH1 is a JUMPDEST to nobody; that behind the pair is one.
    let program = push(4) + push(6) + .jump + push(0x5b) + .jumpdest + push(3) + .add
    try compare(program, gas: 1000)
    let tail = push(9) + push(7) + push(8) + .jump + .pop + .jumpdest + .pop + .jumpdest + .pop
    try compare(tail, gas: 1000)
  }

  @Test("a tracer that watches no steps is told of none, also before a halt")
  func unwatchedSteps() throws {
    for gas in 0..<40 {
      var world = World(.osaka, push(2) + push(3) + .add + push(1) + .add + .pop + .pop)
      let watcher = Watcher(watchesSteps: false)
      world.tracer = watcher
      _ = try world.call(gas: UInt64(gas))
      #expect(watcher.steps == 0)
    }
  }

  @Test("a callee that ends with its last gas leaves its caller to go on as before")
  func lastGas() throws {
    // The callee's jump is not taken, and it has just the gas for that.
    let callee = push(0) + push(9) + .jumpi + .stop + Program.jumpdest.repeated(8)
    for gas in 10..<40 {
      for isTraced in [false, true] {
        let caller =
          push(0) + push(0) + push(0) + push(0) + push(0) + push(World.other)
          + push(UInt256(gas)) + .call + push(3) + .add + push(5) + .add
        var world = World(.osaka, caller.returningTop)
        world.state.add(World.other, nonce: 1, code: callee.bytes)
        if isTraced { world.tracer = Watcher(watchesSteps: true) }
        let result = try world.call()
        #expect(result.output == UInt256(gas >= 16 ? 9 : 8).bigEndianBytes)
      }
    }
  }

  /// Programs that begin with joined instructions; the jumps among them lead to 240 or 4000.
  private static let joined: [Program] = {
    let short = push(0xf0)
    let long = push(0x0fa0)
    let comparisons: [Program] = [Program([0x10]), Program([0x11]), Program([0x14])]
    var programs = [Program.add, .shl, Program([0x1c])].map { push(5) + $0 }
    programs += (0x90...0x94).map { Program([UInt8($0)]) + .pop }
    programs.append(.pop + .pop)
    for target in [short, long] {
      programs += [target + .jump, target + .jumpi, .iszero + target + .jumpi]
    }
    for comparison in comparisons {
      programs += [comparison + long + .jumpi, comparison + .iszero + long + .jumpi]
    }
    return programs
  }()

  /// Runs a program, with destinations where those of `joined` lead, in both ways.
  private func compare(_ program: Program, gas: UInt64) throws {
    var bytes = program.bytes
    if bytes.count < 0x0fa0 { bytes += Bytes(repeating: 0x5b, count: 0x0fa1 - bytes.count) }
    bytes += (push(0) + .mstore + push(64) + push(0) + .return).bytes
    let joined = World(.osaka, Program(bytes))
    var separate = World(.osaka, Program(bytes))
    let watcher = Watcher(watchesSteps: true)
    separate.tracer = watcher
    let (ours, theirs) = (try joined.call(gas: gas), try separate.call(gas: gas))
    #expect(ours.status == theirs.status)
    #expect(ours.gasLeft == theirs.gasLeft)
    #expect(ours.output == theirs.output)
    #expect(ours.haltDetail == theirs.haltDetail)
  }

  /// Blocks of instructions that jump to one another, until the gas is gone or a block ends them.
  private func randomProgram(_ random: inout Chance) -> Program {
    let blocks = 8
    // Each block has the same place whatever is in it: 64 bytes, filled up with JUMPDESTs.
    let begin = 64
    var program = Bytes()
    for _ in 0..<8 { program += push(random.word(300)).bytes }
    program += Bytes(repeating: 0x5b, count: begin - program.count)
    for block in 0..<blocks {
      var bytes: Bytes = [0x5b]
      while bytes.count < 48 { bytes += instruction(&random) }
      // Sometimes what must not be joined: a target that is none.
      let target = begin + 64 * random.below(blocks) + (random.below(9) == 0 ? 1 : 0)
      let jump: Bytes =
        target < 256 && random.below(2) == 0
        ? [0x60, UInt8(target)] : [0x61, UInt8(target >> 8), UInt8(target & 255)]
      let heads: [Bytes] = [
        [], [0x15], [0x10], [0x11], [0x14], [0x10, 0x15], [0x11, 0x15], [0x14, 0x15],
      ]
      bytes += heads[random.below(heads.count)] + jump + [random.below(4) == 0 ? 0x56 : 0x57]
      if block == blocks - 1 { bytes.append(0x00) }
      program += bytes + Bytes(repeating: 0x5b, count: 64 - bytes.count)
    }
    return Program(program)
  }

  private func instruction(_ random: inout Chance) -> Bytes {
    switch random.below(12) {
    case 0, 1: [0x60, UInt8(random.below(40)), [0x01, 0x1b, 0x1c][random.below(3)]]
    case 2: [UInt8(0x90 + random.below(6)), 0x50]
    case 3: [0x50, 0x50]
    case 4, 5, 6: [UInt8(0x80 + random.below(8))]
    case 7: [0x60, UInt8(random.below(100))]
    case 8: [[0x10, 0x11, 0x14, 0x01, 0x03, 0x16][random.below(6)]]
    case 9: [0x60, UInt8(random.below(250)), 0x52]
    case 10: [0x60, UInt8(random.below(250)), 0x51]
    default: [0x60, UInt8(random.below(99)), 0x60, UInt8(random.below(99)), 0x60, 40, 0x5e]
    }
  }
}

/// A tracer that counts the steps that it is told of.
private final class Watcher: Tracer {
  let watchesSteps: Bool
  var wantsAbort: Bool { false }
  private(set) var steps = 0

  init(watchesSteps: Bool) { self.watchesSteps = watchesSteps }

  func enter(_ message: Message, depth: Int) {}
  func exit(_ result: MessageResult, depth: Int) {}
  func step(_ step: TraceStep) { steps += 1 }
  func stepDone(cost: UInt64) {}
  func log(_ log: Log, depth: Int) {}
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {}
}
