import EVM
import Execution
import JSON
import Primitives

/// Bytecode by itself: run once, in a state that holds nothing else.
public struct CodeExecution: Sendable {
  /// The bytecode.
  public var code: Bytes
  /// The call data.
  public var input: Bytes = []
  /// The gas that the code may use.
  public var gasLimit: UInt64 = 10_000_000_000
  /// The value that CALLVALUE answers, in wei.
  public var value: UInt256 = .zero
  /// The rules.
  public var fork: Fork = .osaka

  /// A run of `code` with the rules of the latest fork.
  public init(code: Bytes) { self.code = code }

  /// The fork that tests call by this name, or nil; letters may be of either case.
  public static func fork(named name: String) -> Fork? {
    let names = [
      "Frontier", "Homestead", "TangerineWhistle", "EIP150", "SpuriousDragon", "EIP158",
      "Byzantium", "Constantinople", "ConstantinopleFix", "Petersburg", "Istanbul", "Berlin",
      "London", "Paris", "Merge", "Shanghai", "Cancun", "Prague", "Osaka",
    ]
    let match = names.first { $0.lowercased() == name.lowercased() }
    return match.flatMap { Network.fork($0) }
  }

  /// How a run ended.
  public struct Outcome: Sendable {
    /// Whether the code ended by itself.
    public var hasSucceeded: Bool
    /// Why it did not, in geth's words.
    public var error: String?
    /// The gas that it used; no refund is taken off.
    public var gasUsed: UInt64
    /// What it returned, or why it reverted.
    public var output: Bytes
    /// The root of the state after it.
    public var stateRoot: Hash

    /// The last line of a trace (EIP-3155).
    public var line: String {
      var line = JSONObject()
      line["stateRoot"] = .data(stateRoot)
      line["output"] = .data(output)
      line["gasUsed"] = .quantity(gasUsed)
      line["pass"] = .bool(hasSucceeded)
      if let error { line["error"] = .string(error) }
      return String(decoding: JSON.object(line).serialized(), as: UTF8.self)
    }
  }

  /// Runs the code, and hands each instruction to `trace` as a line of JSON (EIP-3155).
  ///
  /// - Throws: `FixtureError` where a precompiled contract is called that is not built in.
  public func run(trace: ((String) -> Void)? = nil) throws(FixtureError) -> Outcome {
    let target = Address(UInt256(0x1000 as UInt64))
    let sender = Address(UInt256(0xcafe as UInt64))
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 1, forks: .all(upTo: .frontier)))
    genesis.alloc = [
      (target, GenesisAccount(nonce: 1, code: code)), (sender, GenesisAccount(balance: .max)),
    ]
    var machine = BareMachine(fork: fork)
    machine.state = genesis.state()
    machine.block.number = 1
    machine.transaction = TransactionEnvironment(origin: sender)
    if let trace { machine.tracer = StepTrace(fork: fork, write: trace) }
    let message = Message.call(
      from: sender, to: target, value: value, input: input, gasLimit: gasLimit)
    switch machine.run(message) {
    case .failure(let stop):
      throw FixtureError(place: "code", reason: BlockRejection.undecided(stop).message)
    case .success(let outcome):
      let error = StepTrace.error(of: outcome.result)
      return Outcome(
        hasSucceeded: error == nil, error: error, gasUsed: gasLimit - outcome.result.gasLeft,
        output: outcome.result.output, stateRoot: outcome.state.root)
    }
  }
}
