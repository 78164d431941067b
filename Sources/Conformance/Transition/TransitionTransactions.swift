import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// The transactions that the transition tool is to run.
enum TransitionTransactions {
  /// A transaction with its sender, or why it is none.
  enum Entry {
    case candidate(Candidate)
    case rejected(String)
  }

  /// Those of an RLP list, as `--output.body` writes it.
  static func entries(rlp bytes: Bytes, fork: Fork) throws(TransitionError) -> [Entry] {
    var entries: [Entry] = []
    do throws(RLPError) {
      var reader = RLPReader(bytes)
      var items = try reader.list()
      try reader.end()
      while !items.isAtEnd {
        let encoded =
          try items.nextIsList() ? Bytes(try items.rawItem()) : Bytes(try items.bytes())
        entries.append(entry(encoded, fork))
      }
    } catch {
      throw TransitionError(
        .rlp, "txs: the transactions are no RLP list: \(TransactionError.malformed(error).message)")
    }
    return entries
  }

  private static func entry(_ encoded: Bytes, _ fork: Fork) -> Entry {
    do throws(TransactionError) {
      return try entry(try Transaction.decode(encoded), fork)
    } catch {
      guard error == .creationNotAllowed else { return .rejected(error.message) }
      let kind = encoded.first == TransactionKind.blob.rawValue ? "BlobTx" : "SetCodeTx"
      return .rejected(
        "\(error.message), decoding into (types.Transaction)(types.\(kind)).To")
    }
  }

  private static func entry(
    _ transaction: Transaction, _ fork: Fork
  ) throws(TransactionError) -> Entry {
    if transaction.kind == .deposit { return .rejected("transaction type not supported") }
    let sender = try transaction.sender(
      NativeCryptographyProvider.shared, allowsHighS: fork < .homestead)
    return .candidate(Candidate(transaction: transaction, sender: sender))
  }

  /// Those of a JSON array of objects; unsigned ones are signed with their `secretKey`.
  static func entries(
    json list: Fixture, fork: Fork, chainID: UInt64
  ) throws(FixtureError) -> [Entry] {
    if list.json.isNull { return [] }
    var entries: [Entry] = []
    for fields in try list.elements() {
      try checkShape(fields)
      do throws(FixtureError) {
        entries.append(try entry(fields, fork, chainID))
      } catch {
        // Numbers and kinds that no transaction can have: the filler asks what becomes of them.
        entries.append(.rejected(error.description))
      }
    }
    return entries
  }

  /// What every transaction must have, whatever it holds.
  private static func checkShape(_ fields: Fixture) throws(FixtureError) {
    for names in [["nonce"], ["gas", "gasLimit"], ["value"], ["input", "data"]] {
      _ = try TransactionFields.first(names, of: fields).text()
    }
  }

  private static func entry(
    _ fields: Fixture, _ fork: Fork, _ chainID: UInt64
  ) throws(FixtureError) -> Entry {
    guard let type = UInt8(exactly: try fields.optional("type")?.uint64() ?? 0),
      let kind = TransactionKind(rawValue: type), kind != .deposit
    else { return .rejected("transaction type not supported") }
    var transaction = try TransactionFields.unsigned(fields, kind)
    let v = try fields.optional("v")?.uint256() ?? .zero
    let r = try fields.optional("r")?.uint256() ?? .zero
    let s = try fields.optional("s")?.uint256() ?? .zero
    if let secret = fields.optional("secretKey"), v.isZero, r.isZero, s.isZero {
      guard let key = PrivateKey(try secret.hash().bytes) else {
        throw secret.fault("is no secret key")
      }
      let isProtected = fields.json["protected"]?.bool ?? true
      if kind == .legacy, isProtected, fork >= .spuriousDragon { transaction.chainID = chainID }
      transaction = transaction.signed(with: key.sign(transaction.signingHash))
    } else {
      let parity = try fields.optional("yParity")?.uint256() ?? v
      guard TransactionFields.sign(&transaction, v: kind == .legacy ? v : parity, r: r, s: s) else {
        return .rejected(TransactionError.invalidSignature.message)
      }
    }
    do throws(TransactionError) { return try entry(transaction, fork) } catch {
      return .rejected(error.message)
    }
  }
}
