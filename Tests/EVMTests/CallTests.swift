import Cryptography
import EVM
import Primitives
import Testing

@Suite struct CallTests {
  private func world(_ program: Program, callee: Program, _ fork: Fork = .osaka) -> World {
    let world = World(fork, program)
    world.state.add(World.other, nonce: 1, code: callee.bytes)
    return world
  }

  private func answer(_ world: World) throws -> UInt256 {
    let result = try world.call()
    #expect(result.status == .success)
    return UInt256(bigEndian: result.output)
  }

  @Test("a call moves value, and gives back the callee's output")
  func call() throws {
    let program = callWord(World.other, value: 3) + .pop + push(0) + .mload
    let world = world(program.returningTop, callee: Program.callvalue.returningTop)
    #expect(try answer(world) == 3)
    #expect(try world.journal.balance(World.other) == 3)
    #expect(try world.journal.balance(World.contract) == 497)
  }

  @Test("a call of more value than there is fails, and gives its gas back")
  func poorCall() throws {
    let world = world(callWord(World.other, value: 501).returningTop, callee: .invalid)
    let result = try world.call()
    #expect(UInt256(bigEndian: result.output) == 0)
    // Operands, cold account, value, memory and output; the stipend is a gift.
    let used: UInt64 = 21 + 2600 + 9000 + 3 + 12 - 2300
    #expect(1_000_000 - result.gasLeft == used)
  }

  @Test("a halt in a callee takes the gas it was given and undoes its changes")
  func haltInside() throws {
    let callee = push(1) + push(1) + .sstore + .invalid
    let world = world(callWord(World.other, gas: 50_000).returningTop, callee: callee)
    let result = try world.call()
    #expect(UInt256(bigEndian: result.output) == 0)
    #expect(1_000_000 - result.gasLeft > 50_000)
    #expect(try world.journal.storage(World.other, 1) == 0)
  }

  @Test("a revert in a callee gives its gas and its output back")
  func revertInside() throws {
    let callee = push(0xbad) + push(0) + .mstore + push(32) + push(0) + .revert
    let program = callWord(World.other) + push(0) + .mload + .add
    let world = world(program.returningTop, callee: callee)
    #expect(try answer(world) == 0xbad)
    let top = try World(.osaka, callee).call()
    #expect(top.status == .revert)
    #expect(top.output.count == 32)
    #expect(top.gasLeft > 900_000)
  }

  @Test("a delegated call keeps caller, value and storage")
  func delegateCall() throws {
    let callee = push(8) + push(1) + .sstore + .caller
    let operands = push(32) + push(0) + push(0) + push(0) + push(World.other) + .gas
    let program = operands + .delegatecall + .pop + push(0) + .mload
    let world = world(program.returningTop, callee: callee.returningTop)
    #expect(try answer(world) == UInt256(World.sender))
    #expect(try world.journal.storage(World.contract, 1) == 8)
    #expect(try world.journal.storage(World.other, 1) == 0)
  }

  @Test("CALLCODE runs on the caller's storage with the caller as its sender")
  func callCode() throws {
    let callee = push(8) + push(1) + .sstore + .caller
    let operands = push(32) + push(0) + push(0) + push(0) + push(7) + push(World.other) + .gas
    let program = operands + .callcode + .pop + push(0) + .mload
    let world = world(program.returningTop, callee: callee.returningTop)
    #expect(try answer(world) == UInt256(World.contract))
    #expect(try world.journal.storage(World.contract, 1) == 8)
    #expect(try world.journal.balance(World.contract) == 500)
  }

  @Test("a call hands on all but a 64th, and before EIP-150 all that is asked for")
  func forwardedGas() throws {
    let program = (callWord(World.other) + push(0) + .mload).returningTop
    let given = try answer(world(program, callee: Program.gas.returningTop))
    // What is left after the operands, the memory and the cold account.
    let before = 1_000_000 - 21 - 3 - 2600
    #expect(given == UInt256(before - before / 64 - 2))
    let frontier = world(program, callee: .stop, .frontier)
    #expect(try frontier.call().status == .halt(.outOfGas))
  }

  @Test("calls nest 1024 deep and no deeper, without Swift's own stack")
  func depth() throws {
    // Each frame adds one to a counter in storage and calls itself.
    let counts = push(0) + .sload + push(1) + .add + push(0) + .sstore
    let again = push(0) + push(0) + push(0) + push(0) + push(0)
    let program = counts + again + .address + .gas + .call
    let world = World(.byzantium, program)
    let result = try world.call(gas: 1 << 50)
    #expect(result.status == .success)
    #expect(try world.journal.storage(World.contract, 0) == 1025)
  }

  @Test("a call with value to nobody costs more, without value only before EIP-158")
  func newAccountPrice() throws {
    let plain = Program.stop
    for (fork, value, extra) in [
      (Fork.osaka, UInt256(0), 0), (.osaka, 1, 25_000), (.tangerineWhistle, 0, 25_000),
    ] {
      let unknown = world(callWord(World.beneficiary, value: value), callee: plain, fork)
      let known = world(callWord(World.other, value: value), callee: plain, fork)
      let difference = try Int(known.call().gasLeft) - Int(unknown.call().gasLeft)
      #expect(difference == extra, "\(fork) \(value)")
    }
  }

  @Test("an account that is called without value is there before EIP-158 and not after")
  func touching() throws {
    for (fork, exists) in [(Fork.homestead, true), (.spuriousDragon, false), (.osaka, false)] {
      let world = World(fork, callWord(World.beneficiary, gas: 1000))
      #expect(try world.call().status == .success)
      let change = world.journal.diff().accounts.first { $0.address == World.beneficiary }
      #expect((change != nil) == exists)
    }
  }

  @Test("a message whose sender owns too little does not begin")
  func insufficientBalance() throws {
    let world = World()
    let result = try world.call(value: 1_000_001)
    #expect(result.status == .halt(.insufficientBalance))
    #expect(result.gasLeft == 1_000_000)
    #expect(world.journal.diff().accounts.isEmpty)
  }

  @Test("a message of unlimited gas runs")
  func unlimitedGas() throws {
    let result = try World(.osaka, push(1)).call(gas: .max)
    #expect(result.gasLeft == UInt64.max - 3)
    let most = try World(.osaka, Program.gas.returningTop).call(gas: UInt64(Int64.max))
    #expect(UInt256(bigEndian: most.output) == UInt256(Int.max - 2))
  }
}

@Suite struct DelegationTests {
  private let delegate = Address(9, 9, 9)

  private func world(_ program: Program, to target: Address? = nil) -> World {
    let world = World(.prague, program)
    world.state.add(
      World.other, nonce: 1, code: [0xef, 0x01, 0x00] + (target ?? delegate).bytes)
    world.state.add(delegate, nonce: 1, code: Program.address.returningTop.bytes)
    return world
  }

  @Test(
    "a call of a delegating account runs the delegate's code as that account, and pays for both")
  func call() throws {
    let world = world((callWord(World.other) + push(0) + .mload).returningTop)
    let result = try world.call()
    #expect(UInt256(bigEndian: result.output) == UInt256(World.other))
    #expect(1_000_000 - result.gasLeft > 2600 + 2600)
  }

  @Test("what looks at code sees the delegation itself")
  func introspection() throws {
    let code: Bytes = [0xef, 0x01, 0x00] + delegate.bytes
    let size = try world((push(World.other) + .extcodesize).returningTop).call()
    #expect(UInt256(bigEndian: size.output) == 23)
    let hash = try world((push(World.other) + .extcodehash).returningTop).call()
    #expect(hash.output == Keccak256.hash(code).bytes)
    let copy = push(32) + push(0) + push(0) + push(World.other) + .extcodecopy
    let copied = try world((copy + push(0) + .mload).returningTop).call()
    #expect(copied.output == code + Bytes(repeating: 0, count: 9))
  }

  @Test("a delegation is followed once, and one to a precompiled contract leads to no code")
  func limits() throws {
    let chained = world(callWord(World.other).returningTop, to: World.other)
    #expect(UInt256(bigEndian: try chained.call().output) == 0)
    let precompile = world(callWord(World.other).returningTop, to: Address(0, 0, 2))
    #expect(UInt256(bigEndian: try precompile.call().output) == 1)
    let early = World(.cancun, callWord(World.other).returningTop)
    early.state.add(World.other, nonce: 1, code: [0xef, 0x01, 0x00] + delegate.bytes)
    #expect(UInt256(bigEndian: try early.call().output) == 0)
  }

  @Test("a message to a delegating account runs the delegate's code")
  func message() throws {
    let world = world(.stop)
    let result = try world.machine().run(
      .call(from: World.sender, to: World.other, gasLimit: 100_000))
    #expect(UInt256(bigEndian: result.output) == UInt256(World.other))
    #expect(try world.journal.delegate(World.other) == delegate)
  }
}
