import Execution
import JSON
import Primitives
import Views

extension EthereumJSON {
  /// A block with the hashes of its transactions or, when these are given, their contents.
  public static func block(
    _ block: StoredBlock, transactions: [StoredTransaction]? = nil
  ) -> JSON {
    var json = fields(of: block.header, hash: block.hash)
    json["size"] = index(block.sizeInBytes)
    json["transactions"] = .array(
      transactions?.map { transaction($0) } ?? block.transactionHashes.map { .data($0) })
    json["uncles"] = .array(block.ommers.map { .data($0.hash) })
    if let withdrawals = block.withdrawals {
      json["withdrawals"] = .array(withdrawals.map(withdrawal))
    }
    return sorted(json)
  }

  /// A block that nobody has sealed: what would be next.
  ///
  /// It has no hash, nonce and fee recipient, as in geth.
  public static func pendingBlock(_ block: Block, transactions: [JSON]) -> JSON {
    var json = pendingFields(of: block.header)
    json["size"] = index(block.encoded.count)
    json["transactions"] = .array(transactions)
    json["uncles"] = []
    if let withdrawals = block.withdrawals {
      json["withdrawals"] = .array(withdrawals.map(withdrawal))
    }
    return sorted(json)
  }

  /// A block that a simulation has made, with what its calls did.
  static func simulatedBlock(
    _ block: Block, hash: Hash, transactions: [JSON], calls: [JSON]
  ) -> JSON {
    var json = fields(of: block.header, hash: hash)
    json["size"] = index(block.encoded.count)
    json["transactions"] = .array(transactions)
    json["uncles"] = []
    json["calls"] = .array(calls)
    if let withdrawals = block.withdrawals {
      json["withdrawals"] = .array(withdrawals.map(withdrawal))
    }
    return sorted(json)
  }

  /// A header by itself, as `newHeads` tells of it.
  public static func header(_ header: BlockHeader, hash: Hash) -> JSON {
    sorted(fields(of: header, hash: hash))
  }

  /// The header of a block that nobody has sealed.
  public static func pendingHeader(_ header: BlockHeader) -> JSON {
    sorted(pendingFields(of: header))
  }

  private static func pendingFields(of header: BlockHeader) -> JSONObject {
    var json = fields(of: header, hash: .zero)
    for name in ["hash", "nonce", "miner"] { json[name] = .null }
    return json
  }

  /// A withdrawal; its amount is in gwei.
  public static func withdrawal(_ withdrawal: Withdrawal) -> JSON {
    [
      "index": .quantity(withdrawal.index),
      "validatorIndex": .quantity(withdrawal.validatorIndex),
      "address": .data(withdrawal.address),
      "amount": .quantity(withdrawal.amountInGwei),
    ]
  }

  private static func fields(of header: BlockHeader, hash: Hash) -> JSONObject {
    var json = JSONObject()
    json["difficulty"] = .quantity(header.difficulty)
    json["extraData"] = .data(header.extraData)
    json["gasLimit"] = .quantity(header.gasLimit)
    json["gasUsed"] = .quantity(header.gasUsed)
    json["hash"] = .data(hash)
    json["logsBloom"] = .data(header.bloom.bytes)
    json["miner"] = .data(header.feeRecipient)
    json["mixHash"] = .data(header.prevRandao)
    json["nonce"] = .data(Bytes(UInt256(header.nonce).bigEndianBytes[24...]))
    json["number"] = .quantity(header.number)
    json["parentHash"] = .data(header.parentHash)
    json["receiptsRoot"] = .data(header.receiptsRoot)
    json["sha3Uncles"] = .data(header.ommersHash)
    json["stateRoot"] = .data(header.stateRoot)
    json["timestamp"] = .quantity(header.timestamp)
    json["transactionsRoot"] = .data(header.transactionsRoot)
    if let baseFee = header.baseFee { json["baseFeePerGas"] = .quantity(baseFee) }
    if let root = header.withdrawalsRoot { json["withdrawalsRoot"] = .data(root) }
    if let used = header.blobGasUsed { json["blobGasUsed"] = .quantity(used) }
    if let excess = header.excessBlobGas { json["excessBlobGas"] = .quantity(excess) }
    if let root = header.parentBeaconBlockRoot {
      json["parentBeaconBlockRoot"] = .data(root)
    }
    if let requests = header.requestsHash { json["requestsHash"] = .data(requests) }
    return json
  }

  /// The members by name, which is how geth's maps come out.
  private static func sorted(_ json: JSONObject) -> JSON {
    var sorted = JSONObject()
    for (key, value) in json.sorted(by: { $0.key < $1.key }) { sorted[key] = value }
    return .object(sorted)
  }
}
