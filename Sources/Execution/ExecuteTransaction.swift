import Cryptography
import EVM
import Primitives

/// One transaction by itself: what it did and the state after it.
public struct TransactionExecution: Sendable {
  /// What it did.
  public var outcome: TransactionOutcome
  /// The state after it, sealed.
  public var state: State
  /// What it changes in the state before it.
  public var diff: StateDiff
}

/// Runs one transaction in the block `header` over `state`, as if it were the block's only one.
///
/// Nothing of the block itself happens: no system calls, no rewards, no withdrawals.
///
/// - Throws: `ExecutionFailure`.
public func executeTransaction(
  specification: ChainSpecification, header: BlockHeader, state: State, candidate: Candidate,
  ancestorHashes: any AncestorHashes, provider: any CryptographyProvider,
  tracer: (any Tracer)? = nil, workspace: Workspace = Workspace()
) throws(ExecutionFailure) -> TransactionExecution {
  let rules = TransactionRules(specification, header)
  let journal = Journal(
    reader: StateView(state, ancestorHashes), fork: rules.fork, rollup: rules.rollup,
    workspace: workspace)
  let transition = Transition(
    rules: rules, journal: journal, provider: provider, tracer: tracer)
  let outcome = try transition.run(candidate.transaction, sender: candidate.sender)
  let diff = journal.diff()
  var after = state
  try reading { () throws(StateMiss) in try after.apply(diff) }
  return TransactionExecution(outcome: outcome, state: after, diff: diff)
}
