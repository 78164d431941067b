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

  /// A transaction as JSON-RPC writes it; blobs and code authorisations are not needed here.
  private static func transaction(_ fields: Fixture) throws(FixtureError) -> Transaction {
    guard let byte = UInt8(exactly: try fields.field("type").uint64()),
      let kind = TransactionKind(rawValue: byte), byte <= TransactionKind.dynamicFee.rawValue
    else { throw fields.fault("its type is not known here") }
    let recovery = try fields.field("v").uint256()
    var transaction = Transaction(
      legacyTo: try fields.optional("to")?.optionalAddress(), chainID: nil,
      nonce: try fields.field("nonce").uint64(),
      gasPrice: try fields.field("gasPrice").uint256(),
      gasLimit: try fields.field("gas").uint64(), value: try fields.field("value").uint256(),
      data: try fields.field("input").bytes())
    transaction.kind = kind
    var isOdd = recovery == 1
    if kind == .legacy {
      if recovery > 28 { transaction.chainID = ((recovery &- 35) >> 1).asUInt64 }
      isOdd = recovery > 28 ? recovery.lowUInt64 & 1 == 0 : recovery == 28
    } else {
      transaction.chainID = try fields.field("chainId").uint64()
      if let list = fields.optional("accessList") {
        transaction.accessList = try StateTestTransaction.accessList(list)
      }
    }
    if kind == .dynamicFee {
      transaction.maxFeePerGas = try fields.field("maxFeePerGas").uint256()
      transaction.maxPriorityFeePerGas = try fields.field("maxPriorityFeePerGas").uint256()
    }
    return transaction.signed(
      with: Signature(
        r: try fields.field("r").uint256(), s: try fields.field("s").uint256(), yParity: isOdd))
  }
}
