import Cryptography
import EVM
import Primitives

/// A block of calls that nobody signed, on its way: what `eth_simulateV1` makes.
public struct BlockSimulation {
  private var execution: BlockExecution
  private var included: [Candidate] = []

  /// Begins the block `header`, whose fields that execution decides do not matter yet.
  ///
  /// `overrides` are made before anything runs; `blobBaseFee` is what code sees, in wei, if that
  /// is not to follow from the header.
  ///
  /// - Throws: `ExecutionStop` when state is missing.
  public init(
    specification: ChainSpecification, header: BlockHeader, parent: BlockHeader, state: State,
    overrides: StateOverride, blobBaseFee: UInt256?, ancestorHashes: any AncestorHashes,
    provider: any CryptographyProvider, workspace: Workspace = Workspace()
  ) throws(ExecutionStop) {
    execution = BlockExecution(
      specification: specification, header: header, parent: parent, state: state,
      ancestors: ancestorHashes, provider: provider, workspace: workspace)
    if let blobBaseFee { execution.override(blobBaseFee: blobBaseFee) }
    do throws(StateMiss) {
      try overrides.apply(to: execution.journal)
    } catch {
      throw .miss(error)
    }
    do throws(BlockFault) { try execution.begin() } catch {
      if case .stopped(let stop) = error { throw stop }
    }
  }

  /// The gas that the block has left.
  public var gasLeft: UInt64 {
    let limit = execution.header.gasLimit
    return limit - min(limit, execution.gasUsed)
  }

  /// The nonce of an account now.
  ///
  /// - Throws: `StateMiss`.
  public func nonce(of address: Address) throws(StateMiss) -> UInt64 {
    try execution.journal.nonce(address)
  }

  /// Runs a call; with `validates` its nonce and fees count as in a real block.
  ///
  /// - Throws: `ExecutionFailure`.
  public mutating func run(
    _ transaction: Transaction, sender: Address, validates: Bool, tracer: (any Tracer)? = nil
  ) throws(ExecutionFailure) -> TransactionOutcome {
    let outcome = try execution.simulate(
      transaction, sender: sender, validates: validates, tracer: tracer)
    included.append(Candidate(transaction: transaction, sender: sender))
    return outcome
  }

  /// The block with what it did.
  ///
  /// - Throws: `ExecutionStop` when state is missing.
  public mutating func finish(withdrawals: [Withdrawal]) throws(ExecutionStop) -> BlockOutcome {
    let hasWithdrawals = execution.rules.fork >= .shanghai
    var requests: [Bytes] = []
    do throws(BlockFault) {
      requests = try execution.finish(
        withdrawals: hasWithdrawals ? withdrawals : [], rewards: execution.rewards(for: []),
        isStrict: false)
    } catch {
      if case .stopped(let stop) = error { throw stop }
    }
    var header = execution.header
    if hasWithdrawals { header.withdrawalsRoot = Block.withdrawalsRoot(withdrawals) }
    let block = Block(
      header: header, transactions: included.map { $0.transaction },
      withdrawals: hasWithdrawals ? withdrawals : nil)
    var outcome = try execution.outcome(of: block, requests: requests)
    outcome.senders = included.map { $0.sender }
    return outcome
  }
}
