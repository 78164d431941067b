import EVM
import Primitives
import Testing

@Suite struct HostileTests {
  /// What a run leaves behind, to compare two runs.
  private struct Trace: Equatable {
    var outcome: String
    var gasLeft: UInt64
    var output: Bytes
    var diff: [AccountChange]
  }

  private func run(_ code: Bytes, _ fork: Fork, input: Bytes, gas: UInt64) throws -> Trace {
    let world = World(fork, Program(code))
    world.state.add(World.other, nonce: 1, balance: 9, code: code, storage: [1: 2])
    do {
      let result = try world.call(value: 1, input: input, gas: gas)
      #expect(result.gasLeft <= gas)
      if case .halt = result.status { #expect(result.gasLeft == 0) }
      return Trace(
        outcome: "\(result.status)", gasLeft: result.gasLeft, output: result.output,
        diff: world.journal.diff().accounts)
    } catch {
      return Trace(outcome: "\(error)", gasLeft: 0, output: [], diff: [])
    }
  }

  @Test("random bytes never trap, never give gas, and do the same twice", arguments: 0..<16)
  func randomBytes(seed: Int) throws {
    var random = Chance(UInt64(seed) &+ 7)
    for _ in 0..<150 {
      let code = random.bytes(random.below(200))
      let input = random.bytes(random.below(70))
      let fork = Fork.allCases[random.below(Fork.allCases.count)]
      let gas = UInt64(random.below(200_000))
      let first = try run(code, fork, input: input, gas: gas)
      #expect(first == (try run(code, fork, input: input, gas: gas)))
    }
  }

  @Test("random instructions with plausible operands never trap", arguments: 0..<16)
  func randomInstructions(seed: Int) throws {
    var random = Chance(UInt64(seed) &+ 1000)
    let interesting: [UInt256] = [
      0, 1, 2, 31, 32, 33, 255, 256, 1 << 32, UInt256(1) << 64, UInt256(1) << 255, .max,
      UInt256(World.other), UInt256(World.contract), 4, 5, 9, UInt256(Int.max),
    ]
    for _ in 0..<150 {
      let fork = Fork.allCases[random.below(Fork.allCases.count)]
      let table = OpcodeTable(fork)
      var program = Program([])
      for _ in 0..<random.below(60) {
        let byte = UInt8(random.next() & 255)
        guard let entry = table.entry(byte) else { continue }
        for _ in 0..<min(Int(entry.inputs), 7) {
          program = program + push(interesting[random.below(interesting.count)])
        }
        program = program + Program([byte])
      }
      let gas = UInt64(random.below(3_000_000))
      let first = try run(program.bytes, fork, input: [1, 2, 3], gas: gas)
      #expect(first == (try run(program.bytes, fork, input: [1, 2, 3], gas: gas)))
    }
  }

  @Test("code that calls and creates itself without end comes to an end")
  func endless() throws {
    let again = push(0) + push(0) + push(0) + push(0) + push(0)
    let calls = Program.jumpdest + again + .address + .gas + .call + .pop + push(0) + .jump
    for fork in Fork.allCases {
      let result = try World(fork, calls).call(gas: 400_000)
      #expect(result.status == .halt(.outOfGas))
    }
    // Init code that copies itself and creates it again.
    let copy = Program([0x38]) + push(0) + push(0) + .codecopy
    let creates = copy + Program([0x38]) + push(0) + push(0) + .create + .stop
    #expect(try World(.osaka, creates).call(gas: 10_000_000).status == .success)
  }

  @Test("a large output and a deep stack do not outlive their frame")
  func buffersAreClean() throws {
    let world = World(.osaka, callWord(World.other) + push(0) + .mload + .msize)
    let fill = push(.max) + push(40_000) + .mstore + push(1).repeated(1000)
    world.state.add(World.other, nonce: 1, code: fill.bytes)
    _ = try world.call()
    let fresh = World(.osaka, (push(40_000) + .mload).returningTop)
    let shared = Workspace()
    for program in [fill, (push(40_000) + .mload).returningTop] {
      fresh.state.add(World.contract, nonce: 1, code: program.bytes)
      let journal = Journal(reader: fresh.state, fork: .osaka, workspace: shared)
      let machine = Machine(
        fork: .osaka, block: fresh.block,
        transaction: TransactionEnvironment(origin: World.sender), journal: journal,
        provider: TestProvider.shared)
      let result = try machine.run(
        .call(from: World.sender, to: World.contract, gasLimit: 1_000_000))
      #expect(result.output.allSatisfy { $0 == 0 })
    }
  }
}
