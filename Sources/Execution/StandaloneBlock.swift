import Cryptography
import EVM
import Primitives

/// A block of which only the surroundings are known: nobody has its parent.
public struct StandaloneBlock: Sendable {
  /// The header; what follows from the transactions is not looked at.
  public var header: BlockHeader
  /// Whether the header's parent hash is one, for the contract that keeps them (EIP-2935).
  public var knowsParent = true
  /// What is to be run, in order.
  public var candidates: [Candidate] = []
  /// Ether that comes from the beacon chain.
  public var withdrawals: [Withdrawal]?
  /// What proof of work earns.
  public var rewards: [BlockReward] = []

  /// A block in these surroundings, with nothing in it.
  public init(header: BlockHeader) { self.header = header }
}

/// Why a standalone block could be on no chain, whatever its transactions.
public enum StandaloneBlockFault: Error, Hashable, Sendable {
  /// A contract that the protocol calls is not there, or failed.
  case systemCallFailed(Address)
  /// A log of the deposit contract has not its shape.
  case malformedDeposit
}

/// Runs a block whose parent nobody has, as geth's transition tool does.
///
/// A candidate that is not valid is skipped with its refusal, and leaves no trace. `tracer` is
/// asked for each candidate's index; `ended` is told when the candidate is done, in or out. A block
/// that could be on no chain has an outcome all the same, without requests, and a fault.
///
/// - Throws: `ExecutionStop` when state is missing, or the tracer asked to stop.
public func executeBlock(
  specification: ChainSpecification, standalone: StandaloneBlock, state: State,
  ancestorHashes: any AncestorHashes, provider: any CryptographyProvider,
  workspace: Workspace = Workspace(), tracer: (_ index: Int) -> (any Tracer)? = { _ in nil },
  ended: (_ index: Int, _ receipt: Receipt?) -> Void = { _, _ in }
) throws(ExecutionStop) -> (outcome: BlockOutcome, fault: StandaloneBlockFault?) {
  var execution = BlockExecution(
    specification: specification, header: standalone.header, parent: standalone.header,
    state: state, ancestors: ancestorHashes, provider: provider, workspace: workspace)
  var included: [Candidate] = []
  var skipped: [SkippedCandidate] = []
  do throws(BlockFault) { try execution.begin(knowsParent: standalone.knowsParent) } catch {
    if case .stopped(let stop) = error { throw stop }
  }
  for (index, candidate) in standalone.candidates.enumerated() {
    let count = execution.receipts.count
    defer { ended(index, execution.receipts.count > count ? execution.receipts.last : nil) }
    do throws(ExecutionFailure) {
      try execution.execute(
        candidate.transaction, sender: candidate.sender, tracer: tracer(index))
      included.append(candidate)
    } catch {
      switch error {
      case .refused(let refusal):
        skipped.append(SkippedCandidate(index: index, refusal: refusal))
      case .stopped(let stop): throw stop
      }
    }
  }
  var requests: [Bytes] = []
  var fault: StandaloneBlockFault?
  do throws(BlockFault) {
    requests = try execution.finish(
      withdrawals: standalone.withdrawals ?? [], rewards: standalone.rewards, isStrict: true)
  } catch {
    switch error {
    case .stopped(let stop): throw stop
    case .systemCallFailed(let contract): fault = .systemCallFailed(contract)
    case .malformedDeposit: fault = .malformedDeposit
    }
  }
  let block = Block(
    header: standalone.header, transactions: included.map { $0.transaction },
    withdrawals: standalone.withdrawals)
  var outcome = try execution.outcome(of: block, requests: requests)
  outcome.senders = included.map { $0.sender }
  outcome.skipped = skipped
  return (outcome, fault)
}
