import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// Tests of the machine alone: bare code runs, single instructions, precompiled contracts; and
/// whole state and blockchain tests, should they lie among the vectors.
let machineVectors: [VectorKind] = [
  VectorKind({ $0.has("exec", "pre", "env") }, eachCase: CodeRun.verdict),
  VectorKind({ $0.isStateTest }) { document, path throws(FixtureError) in
    try StateTest().run(document, path: path)
  },
  VectorKind({ $0.isBlockTest }) { document, path throws(FixtureError) in
    try BlockTest().run(document, path: path)
  },
  VectorKind({ $0.has("X", "Y", "Expected") }) { document, path throws(FixtureError) in
    try InstructionTable.run(document, path: path)
  },
  VectorKind({ $0.has("Input", "Expected") || $0.has("Input", "ExpectedError") }) {
    document, path throws(FixtureError) in
    try PrecompileVectors.run(document, path: path)
  },
  VectorKind({ $0.isDocument(of: "input", "output") }) { document, _ throws(FixtureError) in
    [CaseResult(name: "verify_kzg_proof", verdict: try PrecompileVectors.proof(document))]
  },
]

/// A machine over a state of its own.
struct BareMachine {
  /// What a message came to.
  struct Outcome {
    var result: MessageResult
    var logs: [Log]
    var state: State
  }

  var fork: Fork
  var block = BlockEnvironment()
  var transaction = TransactionEnvironment(origin: .zero)
  var state = State()
  var tracer: (any Tracer)?

  /// Runs a message; what it calls is warm.
  func run(_ message: Message) -> Result<Outcome, ExecutionStop> {
    let journal = Journal(reader: state.reader(blockHashes: TextHashes()), fork: fork)
    journal.beginTransaction()
    journal.warm(message.target)
    let machine = Machine(
      fork: fork, block: block, transaction: transaction, journal: journal,
      provider: NativeCryptographyProvider.shared, tracer: tracer)
    do throws(ExecutionStop) {
      let result = try machine.run(message)
      let logs = journal.endTransaction()
      var after = state
      do throws(StateMiss) { try after.apply(journal.diff()) } catch { throw .miss(error) }
      return .success(Outcome(result: result, logs: logs, state: after))
    } catch {
      return .failure(error)
    }
  }
}

extension Verdict {
  /// Failed because the machine could not run to the end.
  static func stopped(_ stop: ExecutionStop) -> Verdict {
    .failed(
      Difference(
        "execution", expected: "an end", got: BlockRejection.undecided(stop).message))
  }
}

/// A test of VMTests: code that runs by itself, under Frontier's prices, without a transaction.
///
/// Gas left, logs, output and storage are compared. Without `post` the run must fail.
enum CodeRun {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let exec = try test.field("exec")
    let target = try exec.field("address").address()
    var machine = BareMachine(fork: .frontier)
    machine.block = try block(try test.field("env"))
    machine.transaction = TransactionEnvironment(
      origin: try exec.field("origin").address(), gasPrice: try exec.field("gasPrice").uint256())
    machine.state = try test.field("pre").state()
    try place(try exec.field("code").bytes(), at: target, in: &machine.state)
    // A call of one's own code: the value is there, and nobody pays it.
    let message = Message(
      kind: .callCode, caller: try exec.field("caller").address(), target: target,
      codeAddress: target, value: try exec.field("value").uint256(),
      input: try exec.field("data").bytes(), gasLimit: try exec.field("gas").uint64(),
      isStatic: false)
    switch machine.run(message) {
    case .failure(let stop): return .stopped(stop)
    case .success(let outcome): return try compare(test, outcome)
    }
  }

  private static func compare(
    _ test: Fixture, _ outcome: BareMachine.Outcome
  ) throws(FixtureError) -> Verdict {
    let hasSucceeded = outcome.result.status == .success
    guard let post = test.optional("post") else {
      return .check("run", false, hasSucceeded)
    }
    guard hasSucceeded else { return .check("run", true, false) }
    let gas = try test.field("gas").uint64()
    if gas != outcome.result.gasLeft {
      return .compare("gas", String(gas), String(outcome.result.gasLeft))
    }
    let logs = Keccak256.hash(
      RLPWriter.list { list in for log in outcome.logs { log.append(to: &list) } })
    for (address, account) in try post.accounts() {
      for (slot, value) in account.storage {
        let got = (try? outcome.state.storage(address, slot)) ?? .zero
        if got != value {
          return .compare(
            "\(address.hexadecimal) storage \(slot.hexadecimal)", value.hexadecimal,
            got.hexadecimal)
        }
      }
    }
    return .all(
      .compare("logs", try test.field("logs").hash().hexadecimal, logs.hexadecimal),
      .compare("out", try test.field("out").bytes(), outcome.result.output))
  }

  private static func block(_ env: Fixture) throws(FixtureError) -> BlockEnvironment {
    BlockEnvironment(
      number: try env.field("currentNumber").uint64(),
      timestamp: try env.field("currentTimestamp").uint64(),
      feeRecipient: try env.field("currentCoinbase").address(),
      gasLimit: try env.field("currentGasLimit").uint256().clampedUInt64,
      difficulty: try env.field("currentDifficulty").uint256())
  }

  private static func place(
    _ code: Bytes, at address: Address, in state: inout State
  ) throws(FixtureError) {
    let account = (try? state.account(address)) ?? .empty
    let fields = AccountChange.Fields(
      nonce: account.nonce, balance: account.balance, codeHash: Keccak256.hash(code))
    let change = AccountChange(address: address, account: fields, newCode: code)
    try? state.apply(StateDiff(accounts: [change]))
  }
}

/// geth's tables of single instructions: two words go in, one comes out.
enum InstructionTable {
  private static let opcodes: [String: UInt8] = [
    "add": 0x01, "mul": 0x02, "sub": 0x03, "div": 0x04, "sdiv": 0x05, "mod": 0x06, "smod": 0x07,
    "exp": 0x0a, "signext": 0x0b, "lt": 0x10, "gt": 0x11, "slt": 0x12, "sgt": 0x13, "eq": 0x14,
    "and": 0x16, "or": 0x17, "xor": 0x18, "byte": 0x1a, "shl": 0x1b, "shr": 0x1c, "sar": 0x1d,
  ]

  static func run(_ document: Fixture, path: String) throws(FixtureError) -> [CaseResult] {
    let name = VectorShape(document, path: path).name
    if name.hasPrefix("testcases_"), let opcode = opcodes[String(name.dropFirst(10))] {
      return try run(document, opcode)
    }
    // A table of another name is that of the instruction that does all it says.
    for opcode in opcodes.values.sorted() {
      let results = try run(document, opcode)
      if results.allSatisfy({ $0.verdict == .passed }) { return results }
    }
    throw FixtureError(
      place: "",
      reason: "its name tells no instruction that is known here, and none does what it says")
  }

  private static func run(
    _ document: Fixture, _ opcode: UInt8
  ) throws(FixtureError) -> [CaseResult] {
    try document.cases { test throws(FixtureError) in
      let (x, y) = (try test.field("X").bytes(), try test.field("Y").bytes())
      guard x.count == 32, y.count == 32 else { throw test.fault("expected words of 32 bytes") }
      // PUSH32 x, PUSH32 y, the instruction; then its word in memory, and returned.
      let code = [0x7f] + x + [0x7f] + y + [opcode, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3]
      let message = Message.creation(
        from: .zero, at: Address(1), initCode: code, gasLimit: 10_000_000)
      // As a creation the code runs as it is; its output would become a contract of 32 bytes.
      switch BareMachine(fork: .constantinople).run(message) {
      case .failure(let stop): return .stopped(stop)
      case .success(let outcome):
        return .compare("word", try test.field("Expected").bytes(), outcome.result.output)
      }
    }
  }
}
