import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// Blocks as L1 nodes answer them, whose hash, transactions and withdrawals must agree.
enum BlockAnswerVectors {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let isExpected = test.json["ok"]?.bool ?? true
    let fields = try test.field("rpcBlock")
    do throws(FixtureError) {
      return .check("block", isExpected, try isConsistent(fields))
    } catch {
      // What is not even a block is no consistent one.
      return isExpected ? .malformed(error) : .passed
    }
  }

  private static func isConsistent(_ fields: Fixture) throws(FixtureError) -> Bool {
    let header = try BlockHeader(rpc: fields)
    guard try fields.field("hash").hash() == header.hash else { return false }
    var transactions: [Transaction] = []
    for element in try fields.field("transactions").elements() {
      let transaction = try transaction(element)
      guard try element.field("hash").hash() == transaction.hash else { return false }
      transactions.append(transaction)
    }
    guard Block.transactionsRoot(transactions) == header.transactionsRoot else { return false }
    guard let list = fields.optional("withdrawals") else {
      return header.withdrawalsRoot == nil
    }
    var withdrawals: [Withdrawal] = []
    for element in try list.elements() { withdrawals.append(try withdrawal(element)) }
    return header.withdrawalsRoot == Block.withdrawalsRoot(withdrawals)
  }

  private static func withdrawal(_ fields: Fixture) throws(FixtureError) -> Withdrawal {
    Withdrawal(
      index: try fields.field("index").uint64(),
      validatorIndex: try fields.field("validatorIndex").uint64(),
      address: try fields.field("address").address(),
      amountInGwei: try fields.field("amount").uint64())
  }

  /// A transaction as JSON-RPC writes it.
  private static func transaction(_ fields: Fixture) throws(FixtureError) -> Transaction {
    guard let byte = UInt8(exactly: try fields.optional("type")?.uint64() ?? 0),
      let kind = TransactionKind(rawValue: byte), kind != .deposit
    else { throw fields.fault("its type is not known here") }
    var transaction = try TransactionFields.unsigned(fields, kind)
    let parity = kind == .legacy ? nil : fields.optional("yParity")
    let recovery = try TransactionFields.first(parity == nil ? ["v"] : ["yParity"], of: fields)
    let isSigned = TransactionFields.sign(
      &transaction, v: try recovery.uint256(), r: try fields.field("r").uint256(),
      s: try fields.field("s").uint256())
    guard isSigned else { throw fields.fault("its v says neither a parity nor a chain") }
    return transaction
  }
}
