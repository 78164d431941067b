import Cryptography
import Execution
import JSON
import NativeCryptography
import Primitives

/// ethers' transactions: the same fields as each kind of transaction, signed by a key.
enum WalletVectors {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    guard let key = PrivateKey(try test.field("privateKey").bytes()) else {
      return .check("key", true, false)
    }
    let fields = try test.field("transaction")
    for name in ["Legacy", "Eip155", "Berlin", "London", "Cancun"] {
      // Empty where the fields do not make such a transaction.
      guard let signed = test.optional("signed" + name), signed.json.string?.isEmpty == false
      else { continue }
      let transaction = try transaction(fields, named: name)
      let verdict = try compare(
        transaction, key, name, signed: try signed.bytes(),
        unsigned: try test.field("unsigned" + name).bytes())
      if verdict != .passed { return verdict }
    }
    return .passed
  }

  private static func compare(
    _ transaction: Transaction, _ key: PrivateKey, _ name: String, signed: Bytes, unsigned: Bytes
  ) throws(FixtureError) -> Verdict {
    let hash = transaction.signingHash
    let wanted = Keccak256.hash(unsigned)
    guard hash == wanted else {
      return .compare("unsigned" + name, wanted.hexadecimal, hash.hexadecimal)
    }
    let made = transaction.signed(with: key.sign(hash))
    guard made.encoded == signed else {
      return .compare("signed" + name, signed, made.encoded)
    }
    do throws(TransactionError) {
      let decoded = try Transaction.decode(signed)
      let sender = try decoded.sender(NativeCryptographyProvider.shared)
      return .all(
        .check("decoded" + name, true, decoded == made),
        .compare("sender" + name, key.address.hexadecimal, sender.hexadecimal))
    } catch {
      return .failed(Difference("decoded" + name, expected: "decoded", got: error.message))
    }
  }

  private static func transaction(
    _ fields: Fixture, named name: String
  ) throws(FixtureError) -> Transaction {
    var transaction = Transaction(
      legacyTo: try fields.optional("to")?.optionalAddress(), chainID: nil,
      nonce: try fields.optional("nonce")?.uint64() ?? 0,
      gasPrice: try fields.optional("gasPrice")?.uint256() ?? .zero,
      gasLimit: try fields.optional("gasLimit")?.uint64() ?? 0,
      value: try fields.optional("value")?.uint256() ?? .zero,
      data: try fields.optional("data")?.bytes() ?? [])
    if name == "Legacy" { return transaction }
    transaction.chainID = try fields.optional("chainId")?.uint64() ?? 0
    if name == "Eip155" { return transaction }
    transaction.kind = .accessList
    if let list = fields.optional("accessList") {
      transaction.accessList = try StateTestTransaction.accessList(list)
    }
    if name == "Berlin" { return transaction }
    transaction.kind = .dynamicFee
    transaction.maxFeePerGas = try fields.optional("maxFeePerGas")?.uint256() ?? .zero
    transaction.maxPriorityFeePerGas =
      try fields.optional("maxPriorityFeePerGas")?.uint256() ?? .zero
    if name == "London" { return transaction }
    transaction.kind = .blob
    transaction.maxFeePerBlobGas = try fields.optional("maxFeePerBlobGas")?.uint256() ?? .zero
    for hash in try fields.optional("blobVersionedHashes")?.elements() ?? [] {
      transaction.blobHashes.append(try hash.hash())
    }
    return transaction
  }
}
