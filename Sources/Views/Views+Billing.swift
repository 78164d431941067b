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
    for receipt in outcome.receipts { try bill(receipt.logs, .added) }
  }

  /// Whether a block's sums are added, or taken off again because it was abandoned.
  enum Billing {
    case added
    case undone

    func apply(_ count: inout UInt64) { count = self == .added ? count &+ 1 : count &- 1 }

    func apply(_ sum: inout UInt256, _ amount: UInt256) {
      sum = self == .added ? sum &+ amount : sum &- amount
    }
  }

  /// Adds up what the logs of one receipt say, or takes it off again.
  func bill(_ logs: [Log], _ billing: Billing) throws(ViewsError) {
    for log in logs where log.address == AttributionContract.address {
      let event = ContractEvent(address: log.address, topics: log.topics, data: log.data)
      switch event {
      case .usageSettled(let settled): try bill(settled, billing)
      case .modelOwnerCredited(let credited):
        try addToSums(of: .owner(credited.owner)) { sums in
          billing.apply(&sums.settledCount)
          billing.apply(&sums.settledAmount, credited.amount)
        }
      case .contributorCredited(let credited):
        try addToSums(of: .contributor(credited.contributor)) { sums in
          billing.apply(&sums.claimedAmount, credited.amount)
        }
      default: break
      }
    }
  }

  private func bill(_ settled: UsageSettled, _ billing: Billing) throws(ViewsError) {
    let amounts: [(UsageSubject, UInt256)] = [
      (.payer(settled.payer), settled.charged), (.engine(settled.engine), settled.engineAmount),
      (.model(settled.model), settled.charged),
    ]
    for (subject, amount) in amounts {
      try addToSums(of: subject) { sums in
        billing.apply(&sums.settledCount)
        billing.apply(&sums.settledAmount, amount)
      }
    }
    // A receipt that was settled without being reported here names no contributors to us.
    guard let usage = try connection.usage(digest: settled.receipt),
      let tree = try? AttributionTree(usage.report.shares), tree.root == settled.attributionRoot
    else { return }
    for stretch in tree.stretches {
      let amount = stretch.amount(ofPool: settled.contributorAmount)
      try addToSums(of: .contributor(stretch.contributor)) { sums in
        billing.apply(&sums.settledCount)
        billing.apply(&sums.settledAmount, amount)
      }
    }
  }
}
