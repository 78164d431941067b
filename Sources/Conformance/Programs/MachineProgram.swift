import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// A program of `evm-bench`: bytecode with its call data, and what it must answer for how much gas.
///
/// The format is in the README beside the third-party programs: JSON, one object a file.
public struct MachineProgram: Sendable {
  /// The name of the file without its ending.
  public var name: String
  /// How many instructions run, at all depths.
  public var instructions: Int
  /// The accounts, the program's own and the caller's among them.
  public var accounts: [(address: Address, account: GenesisAccount)]
  /// Who calls.
  public var caller: Address
  /// Whom the caller calls.
  public var target: Address
  /// The call data.
  public var input: Bytes
  /// What the top frame must use, without what a transaction pays before.
  public var gasUsed: UInt64
  /// What the refund counter must be at the end.
  public var refund: Int64
  /// The output, or the SHA-256 hash of it where it is long.
  public var output: ExpectedOutput

  /// An output that is known as a whole or by its hash.
  public enum ExpectedOutput: Sendable, Hashable {
    /// The bytes.
    case bytes(Bytes)
    /// Their SHA-256 hash.
    case hash(Hash)
  }

  /// The gas that every program is given.
  public static let gasLimit: UInt64 = 1 << 50

  /// Reads a file's document.
  ///
  /// - Throws: `FixtureError` for what is no program.
  public init(_ document: Fixture) throws(FixtureError) {
    name = try document.field("name").text()
    instructions = try document.field("instructions").index()
    caller = try document.field("caller").address()
    target = try document.field("to").address()
    input = try document.field("calldata").bytes()
    gasUsed = try document.field("gas_used").uint64()
    refund = document.json["gas_refund"]?.int64 ?? 0
    if let bytes = document.optional("expected_output") {
      output = .bytes(try bytes.bytes())
    } else {
      output = .hash(try document.field("expected_output_sha256").hash())
    }
    var own = GenesisAccount(nonce: 1, code: try document.field("code").bytes())
    if let storage = document.optional("storage") { own.storage = try storage.storage() }
    accounts = [
      (target, own), (caller, GenesisAccount(balance: UInt256(1) << 128, nonce: 1)),
    ]
    for (address, account) in try document.optional("pre")?.accounts() ?? [] {
      var account = account
      account.nonce = 1
      accounts.append((address, account))
    }
  }

  /// The rules that `gasUsed` is counted by.
  public static let fork = Fork.cancun

  /// The block in which every program runs.
  public static let block = BlockEnvironment(
    number: 1, timestamp: 1, feeRecipient: Address(0, 0, 0xc01b0), gasLimit: 1 << 60,
    prevRandao: Hash(UInt256(1) << 248))

  /// The state before the program, which its runs only read.
  public func state() -> ProgramState { ProgramState(accounts) }

  /// Runs the program once on that state.
  ///
  /// - Throws: `ExecutionStop` if the tracer asks to stop.
  public func run(
    on state: ProgramState, workspace: Workspace = Workspace(), tracer: (any Tracer)? = nil
  ) throws(ExecutionStop) -> MessageResult {
    let journal = Journal(reader: state, fork: Self.fork, workspace: workspace)
    journal.beginTransaction()
    for warm in [target, caller, Self.block.feeRecipient] { journal.warm(warm) }
    let machine = Machine(
      fork: Self.fork, block: Self.block, transaction: TransactionEnvironment(origin: caller),
      journal: journal, provider: NativeCryptographyProvider.shared, tracer: tracer)
    return try machine.run(
      .call(from: caller, to: target, input: input, gasLimit: Self.gasLimit))
  }

  /// What is wrong with a result, or nil.
  public func fault(_ result: MessageResult) -> String? {
    if result.status != .success { return "it ended by \(result.status)" }
    let used = Self.gasLimit - result.gasLeft
    if used != gasUsed { return "it used \(used) gas in place of \(gasUsed)" }
    if result.refund != refund { return "its refund is \(result.refund) in place of \(refund)" }
    let isRight =
      switch output {
      case .bytes(let bytes): result.output == bytes
      case .hash(let hash): SHA256.hash(result.output) == hash
      }
    return isRight ? nil : "its output is another"
  }
}

// MARK: Many calls in one message

extension MachineProgram {
  /// The same program, called so often by a contract in the caller's place.
  ///
  /// The message comes from a caller of its own, so the program sees the same CALLER. What it must
  /// answer is not known: the driver gives no output, and its gas depends on what gets warm.
  public func driven(count: Int) -> MachineProgram {
    var driven = self
    driven.caller = Address(0, 0, 0xca11e4)
    driven.target = caller
    driven.accounts = accounts.filter { $0.address != caller }
    driven.accounts.append(
      (caller, GenesisAccount(balance: UInt256(1) << 128, nonce: 1, code: driver(count))))
    driven.accounts.append((driven.caller, GenesisAccount(balance: UInt256(1) << 128, nonce: 1)))
    return driven
  }

  private func driver(_ count: Int) -> Bytes {
    var code: Bytes = [0x36, 0x5f, 0x5f, 0x37]  // CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY
    code.append(0x63)  // PUSH4 count
    for shift in [24, 16, 8, 0] { code.append(UInt8(truncatingIfNeeded: count >> shift)) }
    let loop = UInt8(code.count)
    // JUMPDEST PUSH0 PUSH0 CALLDATASIZE PUSH0 PUSH0 PUSH20 target GAS CALL
    code += [0x5b, 0x5f, 0x5f, 0x36, 0x5f, 0x5f, 0x73] + target.bytes + [0x5a, 0xf1]
    let failure = UInt8(code.count + 13)
    code += [0x15, 0x60, failure, 0x57]  // ISZERO PUSH1 failure JUMPI
    code += [0x60, 0x01, 0x90, 0x03, 0x80, 0x60, loop, 0x57]  // count -= 1, DUP1 PUSH1 loop JUMPI
    code += [0x00, 0x5b, 0xfe]  // STOP JUMPDEST INVALID
    return code
  }
}
