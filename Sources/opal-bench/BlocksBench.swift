import Cryptography
import Execution
import Primitives

/// Blocks of a thousand signed transactions, from their bytes to the sealed block, beside the bare
/// cost of what cannot be left out: recovering the signers and hashing.
///
/// The bare cost is libsecp256k1 called for each signature, and our own Keccak-256 of the same
/// inputs: signed and whole transactions, keys, addresses, changed trie nodes, the tries of
/// transactions and receipts, and the header.
struct BlocksBench {
  private static let count = 1_000
  private static let rounds = 7

  func run(_ report: inout Report) {
    for kind in BlockOfTransactions.Kind.allCases where report.wants(kind.name) {
      guard let bench = BlockOfTransactions(kind, count: Self.count) else {
        report.remark("\(kind.name): a contract cannot be deployed")
        continue
      }
      measure(bench, kind, &report)
    }
  }

  private func measure(
    _ bench: BlockOfTransactions, _ kind: BlockOfTransactions.Kind, _ report: inout Report
  ) {
    var (ours, both, recovery, hashing) = ([Double](), [Double](), [Double](), [Double]())
    var gas: UInt64 = 0
    guard let bare = BareSecp256k1() else { return report.remark("libsecp256k1 is not there") }
    for round in 0..<Self.rounds {
      let encoded = bench.signed(round: 2 * round)
      var outcome: BlockOutcome?
      ours.append(Report.seconds(runs: 1) { outcome = bench.block(of: encoded, threads: 1) })
      // Others, whose keys nobody has recovered yet.
      let others = bench.signed(round: 2 * round + 1)
      both.append(
        Report.seconds(runs: 1, threads: 2) { _ = bench.block(of: others, threads: 2) })
      guard let outcome, outcome.block.transactions.count == Self.count,
        outcome.receipts.allSatisfy(\.succeeded)
      else { return report.fail("\(kind.name): not all transactions succeed") }
      gas = outcome.block.header.gasUsed
      let signatures = BlockOfTransactions.signatures(encoded)
      recovery.append(
        Report.seconds(runs: 1) {
          for (hash, compact, parity) in signatures {
            _ = bare.recover(hash, compact: compact, recovery: parity)
          }
        })
      let inputs = BlockOfTransactions.mustHash(encoded, outcome)
      hashing.append(
        Report.seconds(runs: 1) { for input in inputs { _ = Keccak256.hash(input) } })
    }
    let bareSeconds = Report.median(recovery) + Report.median(hashing)
    let (one, two) = (Report.median(ours), Report.median(both))
    let peer: Peer.Figure = ("recovery and Keccak", bareSeconds * 1e3)
    report.add(
      "\(kind.name), 1 thread", ours: one * 1e3, peer: peer, unit: "ms",
      note: "recovery \(Report.text(Report.median(recovery) * 1e3)), "
        + "Keccak \(Report.text(Report.median(hashing) * 1e3)), "
        + "\(Report.text(Double(gas) / one / 1e6)) Mgas/s")
    report.add(
      "\(kind.name), senders recovered by two", ours: two * 1e3, peer: peer, unit: "ms",
      note: "\(Report.text(Double(Self.count) / two)) transactions/s, "
        + "\(Report.text(Double(gas) / two / 1e6)) Mgas/s, the time that passes")
  }
}
