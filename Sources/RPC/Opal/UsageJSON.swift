import Contracts
import JSON
import Ledger
import Primitives
import Views

/// Uses as the methods of Opal's own show them.
enum UsageJSON {
  /// A use: what was signed, whom it is owed to, and where it stands.
  static func use(_ usage: StoredUsage) -> JSON {
    var members = usage.report.settlement.json.object ?? JSONObject()
    members["shares"] = .array(usage.report.shares.map(\.json))
    members["digest"] = .string(usage.digest.hexadecimal)
    members["sequence"] = .quantity(usage.sequence)
    members["status"] = .string(usage.status.name)
    switch usage.status {
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
