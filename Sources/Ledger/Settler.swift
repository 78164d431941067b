import Contracts
import EVM
import Execution
import Primitives

/// Turns reported uses into the transactions that pay for them.
///
/// A policy: what is due follows from the world alone. It signs nothing; the node that holds the
/// settler's key signs what is due and submits it like anybody else's transaction.
public struct Settler: Sendable {
  /// The gas that one settlement may use: two signature recoveries and about ten storage writes.
  public static let gasLimit: UInt64 = 600_000

  /// Makes the policy.
  public init() {}

  /// The settlement transactions that are due, unsigned, in the order of their nonces.
  public func due(_ world: World) -> [Transaction] {
    guard world.usage.openCount > 0, world.settler != .zero, let chain = world.layerTwo,
      let domain = world.usageDomain
    else { return [] }
    let waiting = world.usage.awaitingSettlement.prefix(Limits.settlementsPerBlock)
    guard !waiting.isEmpty, let account = try? chain.head.state.account(world.settler) else {
      return []
    }
    let first = chain.pool.nextNonce(sender: world.settler, from: account.nonce)
    let maximumFee = chain.baseFeeOfNextBlock &* UInt256(2)
    return waiting.enumerated().map { offset, record in
      Transaction(
        to: AttributionContract.address, chainID: domain.chainID, nonce: first + UInt64(offset),
        maxFeePerGas: maximumFee, maxPriorityFeePerGas: .zero, gasLimit: Settler.gasLimit,
        data: AttributionContract.settle(record.report.settlement))
    }
  }
}
