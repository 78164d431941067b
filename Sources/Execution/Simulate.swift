import Cryptography
import EVM
import Primitives

/// What a simulated call did.
public typealias CallOutcome = TransactionOutcome

/// Why a simulated call gives nothing, or no gas limit makes it succeed.
public enum SimulationError: Error, Hashable, Sendable {
  /// The call cannot begin with this gas limit.
  case refused(TransactionRefusal, gasLimit: UInt64)
  /// The same, in a search for the least gas limit.
  case attemptRefused(TransactionRefusal, gasLimit: UInt64)
  /// State is missing, or the tracer asked to stop.
  case stopped(ExecutionStop)
  /// In a search for the least gas limit: the call reverts with this data.
  case reverted(Bytes)
  /// In a search for the least gas limit: the call halts.
  case halted(Halt, HaltDetail)
  /// All the gas that the call may have, or that its sender can pay for, is not enough.
  case allowanceExceeded(gasLimit: UInt64)

  /// What is wrong, in geth's words; a revert's reason is for the caller to decode.
  public var message: String {
    switch self {
    case .refused(let refusal, let gasLimit):
      "err: " + refusal.callMessage + " (supplied gas " + String(gasLimit) + ")"
    case .attemptRefused(.insufficientFundsForTransfer, _): "insufficient funds for transfer"
    case .attemptRefused(let refusal, let gasLimit):
      "failed with " + String(gasLimit) + " gas: " + refusal.callMessage
    case .stopped(let stop): BlockRejection.undecided(stop).message
    case .reverted: "execution reverted"
    case .halted(let halt, let detail): halt.message(detail)
    case .allowanceExceeded(let gasLimit):
      "gas required exceeds allowance (" + String(gasLimit) + ")"
    }
  }
}

/// The most gas that a simulated call gets when its sender names none or more, as with geth.
public let usualCallGasCap: UInt64 = 50_000_000

/// Runs `call` without keeping what it changes, as `eth_call` does.
///
/// The code sees the block `header` and starts from `state` with `overrides`. The nonce and who the
/// sender is do not matter; fees only when the call names some. `blobBaseFee` is the price of blobs
/// that code sees, in wei, if it is not to follow from the header.
///
/// - Throws: `SimulationError` when the call cannot begin, or state is missing. A revert or a halt
///   is an outcome.
public func simulate(
  specification: ChainSpecification, header: BlockHeader, state: State, call: CallRequest,
  overrides: StateOverride = StateOverride(), blobBaseFee: UInt256? = nil,
  gasCap: UInt64 = usualCallGasCap,
  ancestorHashes: any AncestorHashes, provider: any CryptographyProvider,
  tracer: (any Tracer)? = nil, workspace: Workspace = Workspace()
) throws(SimulationError) -> CallOutcome {
  var rules = TransactionRules(specification, header)
  if let blobBaseFee { rules.block.blobBaseFee = blobBaseFee }
  let journal = Journal(
    reader: StateView(state, ancestorHashes), fork: rules.fork, rollup: rules.rollup,
    workspace: workspace)
  let transition = Transition(
    rules: rules, journal: journal, provider: provider, tracer: tracer)
  let gasLimit = min(call.gasLimit ?? gasCap, gasCap)
  let transaction = call.transaction(gasLimit: gasLimit, chainID: specification.chainID)
  do throws(ExecutionFailure) {
    try reading { () throws(StateMiss) in try overrides.apply(to: journal) }
    return try transition.run(transaction, sender: call.from, mode: .call)
  } catch {
    switch error {
    case .refused(let refusal): throw .refused(refusal, gasLimit: gasLimit)
    case .stopped(let stop): throw .stopped(stop)
    }
  }
}
