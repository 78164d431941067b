import Cryptography
import Execution
import JSON
import Primitives

/// Transactions as JSON-RPC and the transition tool write them.
enum TransactionFields {
  /// The first member that is there under one of these names.
  static func first(
    _ names: [String], of fields: Fixture
  ) throws(FixtureError) -> Fixture {
    for name in names {
      if let found = fields.optional(name) { return found }
    }
    return try fields.field(names[0])
  }

  /// A transaction without its signature; members have the names of JSON-RPC, or those of the
  /// tests.
  static func unsigned(
    _ fields: Fixture, _ kind: TransactionKind
  ) throws(FixtureError) -> Transaction {
    let gas = try first(["gas", "gasLimit"], of: fields)
    let input = try first(["input", "data"], of: fields)
    let isLegacy = kind == .legacy
    var transaction = Transaction(
      legacyTo: try fields.optional("to")?.optionalAddress(), chainID: nil,
      nonce: try fields.field("nonce").uint64(), gasPrice: .zero, gasLimit: try gas.uint64(),
      value: try fields.field("value").uint256(), data: try input.bytes())
    transaction.kind = kind
    if !isLegacy { transaction.chainID = try fields.field("chainId").uint64() }
    if transaction.hasDynamicFee {
      transaction.maxFeePerGas = try fields.field("maxFeePerGas").uint256()
      transaction.maxPriorityFeePerGas = try fields.field("maxPriorityFeePerGas").uint256()
    } else {
      transaction.maxFeePerGas = try fields.field("gasPrice").uint256()
      transaction.maxPriorityFeePerGas = transaction.maxFeePerGas
    }
    if !isLegacy, let list = fields.optional("accessList") {
      transaction.accessList = try StateTestTransaction.accessList(list)
    }
    if kind == .blob {
      transaction.maxFeePerBlobGas = try fields.field("maxFeePerBlobGas").uint256()
      for hash in try fields.optional("blobVersionedHashes")?.elements() ?? [] {
        transaction.blobHashes.append(try hash.hash())
      }
    }
    if kind == .setCode {
      for entry in try fields.optional("authorizationList")?.elements() ?? [] {
        transaction.authorizations.append(try StateTestTransaction.authorization(entry))
      }
    }
    return transaction
  }

  /// Puts a signature on; false where `v` says neither a parity nor a chain.
  static func sign(
    _ transaction: inout Transaction, v: UInt256, r: UInt256, s: UInt256
  ) -> Bool {
    guard let v = v.asUInt64 else { return false }
    var parity = v
    if transaction.kind == .legacy {
      switch v {
      case 27, 28: parity = v - 27
      case 35...:
        parity = (v - 35) & 1
        transaction.chainID = (v - 35) / 2
      default: return false
      }
    }
    guard parity <= 1 else { return false }
    transaction.signature = Signature(r: r, s: s, yParity: parity == 1)
    return true
  }
}
