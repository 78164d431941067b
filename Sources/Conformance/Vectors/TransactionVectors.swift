import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives

/// TransactionTests: bytes that are a transaction, or are none, under each fork.
///
/// Beside what a decoder refuses, the tests ask for geth's limits on what could ever be paid.
enum TransactionVectors {
  static func run(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for (name, test) in try document.members() {
      let bytes = try test.field("txbytes").bytes()
      for (forkName, expected) in try test.field("result").members() {
        var verdict: Verdict
        do throws(FixtureError) {
          guard let fork = Network.fork(forkName) else {
            throw expected.fault("\"\(forkName)\" is no fork that is known here")
          }
          verdict = try judge(bytes, fork, expected)
        } catch {
          verdict = .malformed(error)
        }
        results.append(CaseResult(name: name, fork: forkName, verdict: verdict))
      }
    }
    return results
  }

  /// What a valid transaction has.
  private struct Accepted {
    let transaction: Transaction
    let sender: Address
    let intrinsicGas: UInt64
  }

  /// Why a transaction is refused.
  private struct Refused: Error {
    let reason: String
  }

  private static func judge(
    _ bytes: Bytes, _ fork: Fork, _ expected: Fixture
  ) throws(FixtureError) -> Verdict {
    let exception = expected.optional("exception")
    let accepted: Accepted
    do throws(Refused) {
      accepted = try accept(bytes, fork)
    } catch {
      if exception != nil { return .passed }
      return .failed(
        Difference("transaction", expected: "valid", got: "invalid: \(error.reason)"))
    }
    if let exception {
      return .failed(
        Difference("transaction", expected: "invalid: \(try exception.text())", got: "valid"))
    }
    return .all(
      .compare(
        "sender", try expected.field("sender").address().hexadecimal,
        accepted.sender.hexadecimal),
      .compare(
        "hash", try expected.field("hash").hash().hexadecimal,
        accepted.transaction.hash.hexadecimal),
      .compare(
        "intrinsicGas", String(try expected.field("intrinsicGas").uint64()),
        String(accepted.intrinsicGas)))
  }

  private static func accept(_ bytes: Bytes, _ fork: Fork) throws(Refused) -> Accepted {
    let transaction: Transaction
    let sender: Address
    do throws(TransactionError) {
      transaction = try Transaction.decode(bytes)
      sender = try transaction.sender(
        NativeCryptographyProvider.shared, allowsHighS: fork < .homestead)
    } catch {
      throw Refused(reason: error.message)
    }
    // A block so large, so cheap and so full of blob gas that only the transaction itself counts.
    let specification = ChainSpecification(chainID: 1, forks: .all(upTo: fork))
    var header = BlockHeader(
      parentHash: .zero, feeRecipient: .zero, number: 1, gasLimit: .max, timestamp: 1)
    if fork < .paris { header.difficulty = .one }
    if fork >= .cancun { header.excessBlobGas = 0 }
    do throws(TransactionRefusal) {
      var account = Account.empty
      account.balance = .max
      account.nonce = transaction.nonce
      try validate(
        transaction, sender: sender, account: account, head: header,
        specification: specification)
    } catch {
      // No account is rich enough for every value, and the tests know no accounts.
      guard case .insufficientFunds = error else { throw Refused(reason: error.message) }
    }
    let fees = UInt256(transaction.gasLimit).multipliedReportingOverflow(
      by: transaction.maxFeePerGas)
    if fees.overflow { throw Refused(reason: "the gas limit times the price has over 256 bits") }
    return Accepted(
      transaction: transaction, sender: sender,
      intrinsicGas: transaction.intrinsicGas(fork).gas)
  }
}
