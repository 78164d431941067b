import Cryptography
import EVM
import Execution
import Primitives

/// Why attributes make no valid block.
public enum InvalidPayload: Hashable, Sendable {
  /// The transaction at `index` is none.
  case malformedTransaction(index: Int, TransactionError)
  /// The transaction at `index` has no sender.
  case noSender(index: Int, TransactionError)
  /// The transaction at `index` is not valid there.
  case refused(index: Int, TransactionRefusal)

  /// What is wrong, in words.
  public var message: String {
    switch self {
    case .malformedTransaction(let index, let error):
      "transaction " + String(index) + " is malformed: " + error.message
    case .noSender(let index, let error):
      "transaction " + String(index) + " has no sender: " + error.message
    case .refused(let index, let refusal):
      "transaction " + String(index) + " is refused: " + refusal.message
    }
  }
}

/// What executing attributes came to.
public enum PayloadResult: Sendable {
  /// The block, with the state after it.
  case valid(BlockOutcome)
  /// There is no such block.
  case invalid(InvalidPayload)
}

/// Makes the block that attributes ask for on top of `parent`, all its transactions or none.
///
/// It is what an execution engine does between a forkchoice update with attributes and a new
/// payload.
///
/// - Throws: `ExecutionStop` when state is missing; then fetch it and execute again.
public func executePayload(
  _ attributes: PayloadAttributes, specification: ChainSpecification, parent: BlockHeader,
  state: State, ancestorHashes: any AncestorHashes, provider: any CryptographyProvider,
  workspace: Workspace = Workspace()
) throws(ExecutionStop) -> PayloadResult {
  var candidates: [Candidate] = []
  candidates.reserveCapacity(attributes.transactions.count)
  for (index, encoded) in attributes.transactions.enumerated() {
    let transaction: Transaction
    do throws(TransactionError) {
      transaction = try Transaction.decode(encoded)
    } catch {
      return .invalid(.malformedTransaction(index: index, error))
    }
    do throws(TransactionError) {
      candidates.append(
        Candidate(transaction: transaction, sender: try transaction.sender(provider)))
    } catch {
      return .invalid(.noSender(index: index, error))
    }
  }
  let outcome = try buildBlock(
    specification: specification, parent: parent, state: state, inputs: attributes.inputs,
    candidates: candidates, ancestorHashes: ancestorHashes, provider: provider,
    workspace: workspace)
  if let skipped = outcome.skipped.first {
    return .invalid(.refused(index: skipped.index, skipped.refusal))
  }
  return .valid(outcome)
}
