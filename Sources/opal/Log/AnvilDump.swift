import Execution
import JSON
import Ledger
import Primitives

/// What anvil writes by `--dump-state`.
enum AnvilDump {
  /// A genesis document under whose rules a dump is taken over: `base` without its accounts, but
  /// for the contracts without which its forks have no blocks.
  static func genesis(base: Bytes) throws(Failure) -> Bytes {
    guard var document = (try? JSON.parse(base))?.object, let usual = document["alloc"]?.object
    else { throw .failed("the genesis has no accounts") }
    var alloc = JSONObject()
    for member in usual where member.value["code"] != nil { alloc[member.key] = member.value }
    document["alloc"] = .object(alloc)
    return JSON.object(document).serialized()
  }

  /// What of a dump is taken over, and what not, in words.
  static func account(of document: StateDocument) -> [String] {
    let transactions = document.blocks.reduce(0) { $0 + $1.block.transactions.count }
    return [
      "took over \(document.accounts.count) accounts, \(document.blocks.count) blocks and "
        + "\(transactions) transactions with their receipts, as the dump has them: nothing of it "
        + "was executed here, and nothing in a dump proves it",
      "not taken over: states of earlier blocks, and blocks that do not lead to the dump's last one",
    ]
  }
}
