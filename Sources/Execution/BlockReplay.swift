import Cryptography
import EVM
import Primitives

/// A block's transactions run once more, one after the other, so that somebody may watch them.
public struct BlockReplay {
  private var execution: BlockExecution

  /// The block `header` over `state`, which is the one after `parent`, with its first system calls.
  ///
  /// - Throws: `ExecutionStop` when state is missing.
  public init(
    specification: ChainSpecification, header: BlockHeader, parent: BlockHeader, state: State,
    ancestorHashes: any AncestorHashes, provider: any CryptographyProvider,
    workspace: Workspace = Workspace()
  ) throws(ExecutionStop) {
    execution = BlockExecution(
      specification: specification, header: header, parent: parent, state: state,
      ancestors: ancestorHashes, provider: provider, workspace: workspace)
    do throws(BlockFault) { try execution.begin() } catch {
      if case .stopped(let stop) = error { throw stop }
    }
  }

  /// The rules that hold.
  public var fork: Fork { execution.rules.fork }

  /// The OP Stack's rules; nil on other chains.
  public var rollup: RollupFork? { execution.rules.rollup }

  /// Runs the next transaction, and returns its receipt.
  ///
  /// - Throws: `ExecutionFailure`, and then nothing of the transaction has happened.
  public mutating func run(
    _ candidate: Candidate, tracer: (any Tracer)? = nil
  ) throws(ExecutionFailure) -> Receipt {
    try execution.execute(candidate.transaction, sender: candidate.sender, tracer: tracer)
    return execution.receipts[execution.receipts.count - 1]
  }

  /// Runs a call after the transactions so far, as `eth_call` does; nothing of it stays.
  ///
  /// - Throws: `SimulationError` when the call cannot begin, or state is missing.
  public func call(
    _ call: CallRequest, overrides: StateOverride = StateOverride(), header: BlockHeader,
    gasCap: UInt64, ancestorHashes: any AncestorHashes, provider: any CryptographyProvider,
    tracer: (any Tracer)? = nil
  ) throws(SimulationError) -> CallOutcome {
    let state: State
    do throws(ExecutionStop) { state = try self.state() } catch { throw .stopped(error) }
    return try simulate(
      specification: execution.rules.specification, header: header, state: state, call: call,
      overrides: overrides, gasCap: gasCap, ancestorHashes: ancestorHashes, provider: provider,
      tracer: tracer)
  }

  /// The state after the transactions so far.
  ///
  /// - Throws: `ExecutionStop` when state is missing.
  public func state() throws(ExecutionStop) -> State {
    do throws(StateMiss) {
      return try execution.view.state(after: execution.journal.diff())
    } catch {
      throw .miss(error)
    }
  }
}
