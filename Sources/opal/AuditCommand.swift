import Node
import Primitives

/// `opal audit`: goes through a data directory with nobody's word taken.
let auditCommand = Command(
  name: "audit", summary: "check the log's tree, signatures, replay and payments",
  operands: "[BUNDLE]",
  details: """
    Checks that the rows have the Merkle root that the signed checkpoints name, that a replay
    arrives at every commitment, that both signatures of each usage report are right, and that
    each receipt was paid once. A rollup's safe chain is derived again from L1's data and executed
    without its state, by the program of 'opal prove', and must come to the same output. Without
    --key the checkpoints' signer is only what the data directory says it is. Exit code 1 at the
    first thing that is not in order.
    A BUNDLE, the file that 'opal export' writes, is audited where there is nothing else; one of a
    range that does not begin with event 1 is not replayed. Its --key is a log's (name+id+base64).
    """,
  example: "opal audit --datadir .opal/demo",
  options: [
    .init("--datadir", value: "PATH", help: "where the log is (.opal/demo)"),
    .init("--key", value: "PUBLIC", help: "the signer's public key: 64 or 33 bytes in hex"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...1)
  if let bundle = arguments.operands.first { return try BundleAudit.run(bundle, arguments) }
  let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/demo")
  var key: Bytes?
  if let text = try arguments.value("--key") {
    guard let bytes = Hexadecimal.decode(text), let point = PublicKey.uncompressed(bytes) else {
      throw .usage("--key is not a public key of 64, 65 or 33 bytes in hexadecimal")
    }
    key = point
  }
  try audit(directory, key: key)
  return 0
}

/// Audits a data directory, and tells what was found.
func audit(_ directory: DataDirectory, key: Bytes?) throws(Failure) {
  var audit = Audit(directory: directory, key: key)
  let report: AuditReport
  do throws(NodeError) {
    report = try audit.run { progress in
      Terminal.progress("auditing: event \(progress.events) of \(progress.lastSequence)")
    }
  } catch {
    throw .failed(error.message)
  }
  Terminal.endProgress()
  tell(report, isPinned: key != nil)
}

private func tell(_ report: AuditReport, isPinned: Bool) {
  Terminal.say("events          \(report.events), each with the commitment that a replay gives")
  Terminal.say("Merkle root     \(report.root.hexadecimal)")
  if report.checkpoints == 0 {
    Terminal.say("checkpoints     none: nothing is signed yet")
  } else {
    let unsigned = report.events - report.checkpointSize
    Terminal.say(
      "checkpoints     \(report.checkpoints), the last over \(report.checkpointSize) events"
        + (unsigned > 0 ? "; \(unsigned) after it are not signed yet" : ""))
    Terminal.say("signed by       \(Hexadecimal.encodePrefixed(report.checkpointKey))")
    Terminal.say(
      isPinned
        ? "                which is the key that you named"
        : "                a key that comes from the data directory; name one you trust with --key")
  }
  Terminal.say(
    "usage           \(report.usageReports) reports, signed by payer and engine; "
      + "\(report.receiptsPaid) receipts paid, each once, \(report.charged.decimalString) wei"
      + (report.receiptsPaidUnreported > 0
        ? "; \(report.receiptsPaidUnreported) of them without a report" : ""))
  if let derivation = report.derivation {
    if let reason = derivation.undecided {
      Terminal.say("derivation      not repeated from L1: \(reason)")
    } else {
      Terminal.say(
        "derivation      \(derivation.safeBlock) L2 blocks follow from \(derivation.l1Blocks) L1 "
          + "blocks; output \(derivation.output.hexadecimal)")
    }
  }
  Terminal.say("all in order")
}
