import Cryptography
import Execution
import JSON
import Primitives
import Views

extension EthereumJSON {
  /// A transaction that stands in a block.
  ///
  /// A deposit's nonce is not in it but in its receipt, so it shows only where that is given.
  public static func transaction(
    _ stored: StoredTransaction, receipt: Receipt? = nil
  ) -> JSON {
    let price = stored.block.baseFee.map { stored.transaction.effectiveGasPrice(baseFee: $0) }
    var json = JSONObject()
    json["blockHash"] = .data(stored.block.hash)
    json["blockNumber"] = .quantity(stored.block.number)
    json["blockTimestamp"] = .quantity(stored.block.timestamp)
    append(
      stored.transaction, hash: stored.hash, sender: stored.sender, index: stored.index,
      gasPrice: price ?? stored.transaction.maxFeePerGas, to: &json)
    if stored.transaction.kind == .deposit {
      if let nonce = receipt?.depositNonce { json["nonce"] = .quantity(nonce) }
      if let version = receipt?.depositReceiptVersion {
        json["depositReceiptVersion"] = .quantity(version)
      }
    }
    return .object(json)
  }

  /// A transaction that waits for a block; its price is the most that it may become.
  public static func pendingTransaction(
    _ transaction: Transaction, hash: Hash, sender: Address
  ) -> JSON {
    var json = JSONObject()
    json["blockHash"] = .null
    json["blockNumber"] = .null
    json["blockTimestamp"] = .null
    append(
      transaction, hash: hash, sender: sender, index: nil, gasPrice: transaction.maxFeePerGas,
      to: &json)
    return .object(json)
  }

  /// A transaction of a block that a simulation has made; nobody has signed it.
  static func simulatedTransaction(
    _ transaction: Transaction, hash: Hash, sender: Address, index: Int, header: BlockHeader,
    blockHash: Hash
  ) -> JSON {
    var json = JSONObject()
    json["blockHash"] = .data(blockHash)
    json["blockNumber"] = .quantity(header.number)
    json["blockTimestamp"] = .quantity(header.timestamp)
    append(
      transaction, hash: hash, sender: sender, index: index,
      gasPrice: header.baseFee.map { transaction.effectiveGasPrice(baseFee: $0) }
        ?? transaction.maxFeePerGas, to: &json)
    return .object(json)
  }

  private static func append(
    _ transaction: Transaction, hash: Hash, sender: Address, index: Int?, gasPrice: UInt256,
    to json: inout JSONObject
  ) {
    json["from"] = .data(sender)
    json["gas"] = .quantity(transaction.gasLimit)
    json["gasPrice"] = .quantity(gasPrice)
    if transaction.hasDynamicFee {
      json["maxFeePerGas"] = .quantity(transaction.maxFeePerGas)
      json["maxPriorityFeePerGas"] = .quantity(transaction.maxPriorityFeePerGas)
    }
    if transaction.kind == .blob {
      json["maxFeePerBlobGas"] = .quantity(transaction.maxFeePerBlobGas)
    }
    json["hash"] = .data(hash)
    json["input"] = .data(transaction.data)
    json["nonce"] = .quantity(transaction.nonce)
    json["to"] = transaction.to.map { .data($0) } ?? .null
    json["transactionIndex"] = index.map(self.index) ?? .null
    json["value"] = .quantity(transaction.value)
    json["type"] = .quantity(UInt64(transaction.kind.rawValue))
    appendTyped(transaction, to: &json)
    appendSignature(of: transaction, to: &json)
    if let deposit = transaction.deposit {
      json["sourceHash"] = .data(deposit.sourceHash)
      if !deposit.mint.isZero { json["mint"] = .quantity(deposit.mint) }
      if deposit.isSystemTransaction { json["isSystemTx"] = true }
    }
  }

  /// What only some kinds have.
  private static func appendTyped(_ transaction: Transaction, to json: inout JSONObject) {
    if transaction.kind != .legacy && transaction.kind != .deposit {
      json["accessList"] = accessList(transaction.accessList)
    }
    if let chainID = transaction.chainID { json["chainId"] = .quantity(chainID) }
    if transaction.kind == .blob {
      json["blobVersionedHashes"] = .array(transaction.blobHashes.map { .data($0) })
    }
    if transaction.kind == .setCode {
      json["authorizationList"] = .array(transaction.authorizations.map(authorization))
    }
  }

  /// The signature; zeros where there is none, in a deposit and of an impersonated sender.
  private static func appendSignature(of transaction: Transaction, to json: inout JSONObject) {
    let parity = transaction.signature?.yParity ?? false
    let isLegacy = transaction.kind == .legacy
    let isSigned = transaction.signature != nil
    json["v"] =
      isLegacy && isSigned
      ? .quantity(transaction.legacyRecoveryIdentifier(parity))
      : .quantity(parity ? 1 : 0 as UInt64)
    json["r"] = .quantity(transaction.signature?.r ?? .zero)
    json["s"] = .quantity(transaction.signature?.s ?? .zero)
    let hasParity = !isLegacy && transaction.kind != .deposit
    if hasParity { json["yParity"] = .quantity(parity ? 1 : 0 as UInt64) }
  }

  /// An access list, whose keys are words and so have all their digits.
  public static func accessList(_ entries: [AccessListEntry]) -> JSON {
    .array(
      entries.map { entry in
        [
          "address": .data(entry.address),
          "storageKeys": .array(entry.storageKeys.map { .data(Hash($0)) }),
        ]
      })
  }

  private static func authorization(_ authorization: CodeAuthorization) -> JSON {
    [
      "chainId": .quantity(authorization.chainID),
      "address": .data(authorization.address),
      "nonce": .quantity(authorization.nonce),
      "yParity": .quantity(UInt64(authorization.yParity)),
      "r": .quantity(authorization.r),
      "s": .quantity(authorization.s),
    ]
  }
}
