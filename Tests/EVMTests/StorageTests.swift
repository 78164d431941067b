import EVM
import Primitives
import Testing

@Suite struct StorageTests {
  /// Writes to slot 0, one after the other.
  private func writes(_ values: [UInt256]) -> Program {
    values.reduce(Program([])) { $0 + push($1) + push(0) + .sstore }
  }

  private func run(
    _ values: [UInt256], original: UInt256, _ fork: Fork
  ) throws -> (used: Int, refund: Int64) {
    let world = World(fork)
    let program = writes(values)
    world.state.add(
      World.contract, nonce: 1, code: program.bytes, storage: original.isZero ? [:] : [0: original])
    let result = try world.call()
    #expect(result.status == .success)
    return (1_000_000 - Int(result.gasLeft) - 6 * values.count, result.refund)
  }

  @Test("two writes cost and refund what EIP-2200 lists, at Istanbul's prices")
  func netMetering() throws {
    let table: [(UInt256, UInt256, UInt256, Int, Int64)] = [
      (0, 0, 0, 1600, 0), (0, 0, 1, 20_800, 0), (0, 1, 0, 20_800, 19_200),
      (0, 1, 2, 20_800, 0), (0, 1, 1, 20_800, 0), (1, 0, 0, 5800, 15_000),
      (1, 0, 1, 5800, 4200), (1, 0, 2, 5800, 0), (1, 2, 0, 5800, 15_000), (1, 2, 3, 5800, 0),
      (1, 2, 1, 5800, 4200), (1, 2, 2, 5800, 0), (1, 1, 0, 5800, 15_000), (1, 1, 2, 5800, 0),
      (1, 1, 1, 1600, 0),
    ]
    for (original, first, second, used, refund) in table {
      let outcome = try run([first, second], original: original, .istanbul)
      #expect(outcome.used == used, "\(original) \(first) \(second)")
      #expect(outcome.refund == refund, "\(original) \(first) \(second)")
    }
  }

  @Test("the same writes before net metering, and with cold slots")
  func otherForks() throws {
    #expect(try run([1, 0], original: 0, .byzantium) == (25_000, 15_000))
    #expect(try run([1, 0], original: 0, .constantinople) == (20_200, 19_800))
    #expect(try run([1, 0], original: 0, .constantinopleFix) == (25_000, 15_000))
    #expect(try run([1, 0], original: 0, .berlin) == (2100 + 20_100, 19_900))
    #expect(try run([0, 1], original: 1, .berlin) == (2100 + 3000, 2800))
    #expect(try run([0], original: 1, .berlin) == (5000, 15_000))
    #expect(try run([0], original: 1, .london) == (5000, 4800))
  }

  @Test("SSTORE halts with 2300 gas or less from Istanbul on")
  func sentry() throws {
    let program = push(0) + push(0) + .sstore
    #expect(try outcome(program, .istanbul, gas: 2306).status == .halt(.outOfGas))
    #expect(try outcome(program, .istanbul, gas: 2307).status == .success)
    #expect(try outcome(program, .byzantium, gas: 5006).status == .success)
  }

  @Test("the first read of a slot is dear and the second cheap, unless it was reverted")
  func warmth() throws {
    let read = push(0) + .sload + .pop
    #expect(try outcome(read + read).used == 2105 + 105)
    #expect(try outcome(read, .istanbul).used == 805)
    let world = World(.osaka, read)
    world.journal.warm(World.contract, 0)
    #expect(try world.call().gasLeft == 1_000_000 - 105)
    let checkpoint = world.journal.checkpoint()
    world.journal.warm(World.other)
    world.journal.revert(to: checkpoint)
    #expect(try outcome(push(World.other) + .balance).used == 2603)
  }

  @Test("transient storage lasts for the transaction, and is undone with its frame")
  func transient() throws {
    let world = World(.cancun, push(5) + push(1) + .tstore + push(1) + .tload)
    #expect(try world.call().gasLeft == 1_000_000 - 9 - 200)
    // With call data the contract writes and reverts; without, it calls itself, then reads.
    let inner = Program.jumpdest + push(7) + push(1) + .tstore + push(0) + push(0) + .revert
    let inputs = push(0) + push(0) + push(1) + push(0) + push(0)
    let outer = (inputs + .address + .gas + .call + push(1) + .tload).returningTop
    let start = Program.calldatasize + push(UInt256(4 + outer.bytes.count)) + .jumpi
    let result = try World(.cancun, start + outer + inner).call()
    #expect(result.status == .success)
    #expect(UInt256(bigEndian: result.output) == 0)
    // In the next transaction it is gone.
    _ = world.journal.endTransaction()
    world.journal.beginTransaction()
    world.state.add(World.other, code: (push(1) + .tload).returningTop.bytes)
    let reads = callWord(World.other) + push(0) + .mload
    #expect(try word(reads, .cancun) == 0)
  }

  @Test("nothing may be changed in a static call")
  func writeProtection() throws {
    let forbidden: [Program] = [
      push(1) + push(1) + .sstore, push(1) + push(1) + .tstore,
      push(0) + push(0) + push(0) + .log1, push(0) + push(0) + push(0) + .create,
      push(0) + push(0) + push(0) + push(0) + .create2, push(1) + .selfdestruct,
      callWord(World.sender, value: 1),
    ]
    for program in forbidden {
      let world = World(.osaka, program)
      let message = Message(
        kind: .staticCall, caller: World.sender, target: World.contract,
        codeAddress: World.contract, value: 0, input: [], gasLimit: 100_000, isStatic: true)
      #expect(try world.machine().run(message).status == .halt(.writeProtection))
    }
  }

  @Test("what the state lacks stops the execution and is named")
  func misses() throws {
    let world = World(.osaka, push(3) + .sload)
    world.state.add(
      World.contract, code: (push(3) + .sload).bytes, storage: [9: 9])
    world.state.missing = .storage(World.contract, 3)
    #expect(throws: ExecutionStop.miss(.storage(World.contract, 3))) { try world.call() }
    let hashes = World(.osaka, push(999) + .blockhash)
    hashes.state.missing = .blockHash(999)
    #expect(throws: ExecutionStop.miss(.blockHash(999))) { try hashes.call() }
  }
}
