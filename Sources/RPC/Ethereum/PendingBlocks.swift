import Cryptography
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Synchronization

/// The block that would be sealed now, kept as long as neither head nor pool nor second change.
final class PendingBlocks: Sendable {
  private struct Entry {
    var head: Hash
    var pool: Hash
    var state: Hash
    var inputs: BlockInputs
    var outcome: BlockOutcome
  }

  private let last = Mutex<Entry?>(nil)

  /// The block of a chain's ready transactions.
  ///
  /// - Throws: `ExecutionStop` when state is missing.
  func block(
    on chain: Chain, inputs: BlockInputs, deposits: [Candidate] = [],
    order: TransactionOrder = .fees
  ) throws(ExecutionStop) -> BlockOutcome {
    let parent = chain.head
    let pool = chain.pool.root
    let kept = last.withLock { last in
      last.flatMap {
        $0.head == parent.hash && $0.pool == pool && $0.inputs == inputs
          && $0.state == parent.state.root
          ? $0.outcome : nil
      }
    }
    if let kept { return kept }
    let ready = chain.readyTransactions(order).map {
      Candidate(transaction: $0.transaction, sender: $0.sender)
    }
    let (outcome, _) = try chain.buildOfWhatIsAtHand(deposits + ready) {
      (candidates) throws(ExecutionStop) in
      try buildBlock(
        specification: chain.specification, parent: parent.header, state: parent.state,
        inputs: inputs, candidates: candidates, ancestorHashes: chain.ancestorHashes,
        provider: chain.provider(NativeCryptographyProvider.shared))
    }
    last.withLock { last in
      last = Entry(
        head: parent.hash, pool: pool, state: parent.state.root, inputs: inputs,
        outcome: outcome)
    }
    return outcome
  }
}
