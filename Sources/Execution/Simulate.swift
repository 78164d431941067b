import Cryptography
import EVM
import Primitives

/// What a simulated call did.
public typealias CallOutcome = TransactionOutcome

/// Where a call runs: a block's environment over a state.
public struct CallContext: Sendable {
  /// The most gas that a call gets when its sender names none or more.
  public static let usualGasCap: UInt64 = 50_000_000

  /// The chain's rules.
  public var specification: ChainSpecification
  /// The block that the code sees; its own header for calls on an existing block.
  public var header: BlockHeader
  /// The state that the call starts from.
  public var state: State
  /// What the call may suppose of it.
  public var overrides: StateOverride
  /// The most gas that any call gets.
  public var gasCap: UInt64

  /// Calls in `header` over `state`.
  public init(
    specification: ChainSpecification, header: BlockHeader, state: State,
    overrides: StateOverride = StateOverride(), gasCap: UInt64 = CallContext.usualGasCap
  ) {
    self.specification = specification
    self.header = header
    self.state = state
    self.overrides = overrides
    self.gasCap = gasCap
  }
}

/// Runs `call` without keeping what it changes, as `eth_call` does.
///
/// The nonce and who the sender is do not matter; fees only when the call names some.
///
/// - Throws: `ExecutionFailure` when the call cannot begin, or state is missing. A revert or a halt
///   is an outcome.
public func simulate(
  _ call: CallRequest, in context: CallContext, ancestorHashes: any AncestorHashes,
  provider: any CryptographyProvider, tracer: (any Tracer)? = nil,
  workspace: Workspace = Workspace()
) throws(ExecutionFailure) -> CallOutcome {
  let rules = TransactionRules(context.specification, context.header)
  let journal = Journal(
    reader: StateView(context.state, ancestorHashes), fork: rules.fork, workspace: workspace)
  try reading { () throws(StateMiss) in try context.overrides.apply(to: journal) }
  let transition = Transition(
    rules: rules, journal: journal, provider: provider, tracer: tracer)
  let gasLimit = min(call.gasLimit ?? context.gasCap, context.gasCap)
  let transaction = call.transaction(
    gasLimit: gasLimit, chainID: context.specification.chainID)
  return try transition.run(transaction, sender: call.from, mode: .call)
}
