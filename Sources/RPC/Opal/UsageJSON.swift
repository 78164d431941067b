import Contracts
import JSON
import Ledger
import Primitives
import Views

/// Uses as the methods of Opal's own show them.
enum UsageJSON {
  /// A use: what was signed, whom it is owed to, and where it stands.
  static func use(_ usage: StoredUsage) -> JSON {
    use(usage.report, digest: usage.digest, sequence: usage.sequence, status: usage.status)
  }

  /// A use as it stood when something of it changed.
  static func use(_ usage: UsageRecord) -> JSON {
    use(usage.report, digest: usage.digest, sequence: usage.sequence, status: usage.status)
  }

  private static func use(
    _ report: UsageReport, digest: Hash, sequence: UInt64, status: UsageStatus
  ) -> JSON {
    var members = report.settlement.json.object ?? JSONObject()
    members["shares"] = .array(report.shares.map(\.json))
    members["digest"] = .string(digest.hexadecimal)
    members["sequence"] = .quantity(sequence)
    members["status"] = .string(status.name)
    switch status {
    case .reported: break
    case .settling(let transaction):
      members["transactionHash"] = .string(transaction.hexadecimal)
    case .settled(let transaction, let blockNumber):
      members["transactionHash"] = .string(transaction.hexadecimal)
      members["blockNumber"] = .quantity(blockNumber)
    case .failed(let reason): members["reason"] = .string(reason)
    }
    return .object(members)
  }

  /// A contributor's part of a receipt's pool, as `claim` of the attribution contract takes it.
  static func claim(_ claim: ContributorClaim) -> JSON {
    [
      "receipt": .string(claim.receipt.hexadecimal),
      "contributor": .string(claim.stretch.contributor.hexadecimal),
      "start": .quantity(claim.stretch.start), "end": .quantity(claim.stretch.end),
      "proof": .array(claim.proof.map { .string($0.hexadecimal) }),
      "amount": .quantity(claim.amount),
      "input": .string(Hexadecimal.encodePrefixed(AttributionContract.claim(claim))),
    ]
  }

  /// What a served use adds to an answer in OpenAI's format.
  static func extensions(_ digest: Hash, _ report: UsageReport, sequence: UInt64) -> JSON {
    [
      "receipt": .string(digest.hexadecimal), "fee": .string(report.receipt.fee.decimalString),
      "payer": .string(report.receipt.payer.hexadecimal),
      "engine": .string(report.authorization.engine.hexadecimal),
      "model": .string(report.receipt.model.hexadecimal),
      "requestHash": .string(report.receipt.requestHash.hexadecimal),
      "outputHash": .string(report.receipt.outputHash.hexadecimal),
      "sequence": .integer(sequence),
    ]
  }
}
