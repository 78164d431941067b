import Contracts
import EVM
import Execution
import Ledger
import Primitives

extension Views {
  /// Adds up what the attribution contract did in a block of the second layer.
  ///
  /// Its own events are taken, not the reports, so the sums are what was really paid.
  func bill(_ outcome: BlockOutcome) throws(ViewsError) {
    for receipt in outcome.receipts {
      for log in receipt.logs where log.address == AttributionContract.address {
        let event = ContractEvent(address: log.address, topics: log.topics, data: log.data)
        switch event {
        case .usageSettled(let settled): try bill(settled)
        case .modelOwnerCredited(let credited):
          try addToSums(of: .owner(credited.owner)) { sums in
            sums.settledCount += 1
            sums.settledAmount = sums.settledAmount &+ credited.amount
          }
        case .contributorCredited(let credited):
          try addToSums(of: .contributor(credited.contributor)) { sums in
            sums.claimedAmount = sums.claimedAmount &+ credited.amount
          }
        default: break
        }
      }
    }
  }

  private func bill(_ settled: UsageSettled) throws(ViewsError) {
    let amounts: [(UsageSubject, UInt256)] = [
      (.payer(settled.payer), settled.charged), (.engine(settled.engine), settled.engineAmount),
      (.model(settled.model), settled.charged),
    ]
    for (subject, amount) in amounts {
      try addToSums(of: subject) { sums in
        sums.settledCount += 1
        sums.settledAmount = sums.settledAmount &+ amount
      }
    }
    // A receipt that was settled without being reported here names no contributors to us.
    guard let usage = try connection.usage(digest: settled.receipt),
      let tree = try? AttributionTree(usage.report.shares), tree.root == settled.attributionRoot
    else { return }
    for stretch in tree.stretches {
      let amount = stretch.amount(ofPool: settled.contributorAmount)
      try addToSums(of: .contributor(stretch.contributor)) { sums in
        sums.settledCount += 1
        sums.settledAmount = sums.settledAmount &+ amount
      }
    }
  }
}
