import Cryptography
import Execution
import JSON
import Primitives

extension RPCValue {
  /// A transaction as anvil dumps it: by itself, behind the name of its kind, or with the account
  /// that it was impersonated for.
  func dumpedTransaction() throws(RPCError) -> Transaction {
    if let inner = try optional("transaction") {
      let transaction = try inner.dumpedTransaction()
      guard let sender = try optional("impersonated_sender")?.address() else {
        return transaction
      }
      return transaction.impersonating(sender)
    }
    let kinds: [(name: String, kind: TransactionKind)] = [
      ("Legacy", .legacy), ("EIP2930", .accessList), ("EIP1559", .dynamicFee),
      ("EIP4844", .blob), ("EIP7702", .setCode),
    ]
    for (name, kind) in kinds {
      if let inner = try optional(name) { return try inner.signedTransaction(kind) }
    }
    if let number = try optional("type")?.looseUInt64() {
      guard let byte = UInt8(exactly: number), let kind = TransactionKind(rawValue: byte),
        kind != .deposit
      else { throw error("transactions of type \(number) cannot be loaded") }
      return try signedTransaction(kind)
    }
    return try signedTransaction(optional("maxFeePerGas") == nil ? .legacy : .dynamicFee)
  }

  /// A transaction with its signature, in the words of the execution API.
  private func signedTransaction(_ kind: TransactionKind) throws(RPCError) -> Transaction {
    // Some write the fields and the signature side by side.
    let fields = try optional("tx") ?? self
    let signature = try optional("signature") ?? self
    let cap = try fields.required("maxFeePerGas", or: "gasPrice")
    let tip = try fields.optional("maxPriorityFeePerGas")?.looseQuantity()
    let fee = try cap.looseQuantity()
    let gas = try fields.required("gas", or: "gasLimit")
    var transaction = Transaction(
      to: try fields.optional("to")?.address(),
      chainID: try fields.optional("chainId")?.looseUInt64() ?? 0,
      nonce: try fields.required("nonce").looseUInt64(), maxFeePerGas: fee,
      maxPriorityFeePerGas: kind == .legacy || kind == .accessList ? fee : tip ?? .zero,
      gasLimit: try gas.looseUInt64(),
      value: try fields.optional("value")?.looseQuantity() ?? .zero,
      data: try (fields.optional("input", or: "data"))?.data() ?? [],
      accessList: try fields.optional("accessList")?.accessList() ?? [])
    transaction.kind = kind
    if try fields.optional("chainId") == nil { transaction.chainID = nil }
    transaction.maxFeePerBlobGas =
      try fields.optional("maxFeePerBlobGas")?.looseQuantity() ?? .zero
    for hash in try fields.optional("blobVersionedHashes")?.elements() ?? [] {
      transaction.blobHashes.append(try hash.hash())
    }
    for value in try fields.optional("authorizationList")?.elements() ?? [] {
      transaction.authorizations.append(try value.authorization())
    }
    let r = try signature.optional("r")?.looseQuantity() ?? .zero
    let s = try signature.optional("s")?.looseQuantity() ?? .zero
    return transaction.signed(
      with: Signature(r: r, s: s, yParity: try signature.parity()))
  }

  private func parity() throws(RPCError) -> Bool {
    guard let value = try optional("yParity", or: "v") else { return false }
    if case .bool(let isOdd) = value.json { return isOdd }
    let number = try value.looseUInt64()
    // 0 or 1; 27 or 28; or 35 and more with the chain's number (EIP-155).
    return number < 2 ? number == 1 : number % 2 == 0
  }

  /// A block's header in the words of the execution API.
  func blockHeader() throws(RPCError) -> BlockHeader {
    let recipient = try required("miner", or: "beneficiary")
    var header = BlockHeader(
      parentHash: try required("parentHash").hash(), feeRecipient: try recipient.address(),
      number: try required("number").looseUInt64(),
      gasLimit: try required("gasLimit").looseUInt64(),
      timestamp: try required("timestamp").looseUInt64())
    header.ommersHash = try (required("sha3Uncles", or: "ommersHash")).hash()
    header.stateRoot = try required("stateRoot").hash()
    header.transactionsRoot = try required("transactionsRoot").hash()
    header.receiptsRoot = try required("receiptsRoot").hash()
    header.bloom =
      Bloom(checking: try required("logsBloom").data(count: Bloom.sizeInBytes)) ?? Bloom()
    header.difficulty = try optional("difficulty")?.looseQuantity() ?? .zero
    header.gasUsed = try required("gasUsed").looseUInt64()
    header.extraData = try optional("extraData")?.data() ?? []
    header.prevRandao = try (optional("mixHash", or: "prevRandao"))?.hash() ?? .zero
    header.nonce = try optional("nonce")?.looseUInt64() ?? 0
    header.baseFee = try optional("baseFeePerGas")?.looseQuantity()
    header.withdrawalsRoot = try optional("withdrawalsRoot")?.hash()
    header.blobGasUsed = try optional("blobGasUsed")?.looseUInt64()
    header.excessBlobGas = try optional("excessBlobGas")?.looseUInt64()
    header.parentBeaconBlockRoot = try optional("parentBeaconBlockRoot")?.hash()
    header.requestsHash = try optional("requestsHash")?.hash()
    return header
  }
}
