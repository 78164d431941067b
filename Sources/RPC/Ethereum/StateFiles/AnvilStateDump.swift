import EVM
import Execution
import JSON
import Ledger
import Node
import Primitives
import Views

/// A chain's state in the form that anvil dumps and loads.
///
/// One JSON object: `block`, `accounts`, `best_block_number`, `blocks`, `transactions`. Accounts
/// and slots stand under their addresses and numbers, which the views know by the hashes that the
/// tries have.
public struct AnvilStateDump: Sendable {
  private let node: Node
  private let layer: Layer
  private let chain: Chain

  /// A dump of how a layer of a node stands now.
  ///
  /// - Throws: `RPCError` where the layer has no chain.
  public init(_ node: Node, layer: Layer = .two) throws(RPCError) {
    guard let chain = node.world[layer] else {
      throw .refused(Refusal.layerNotStarted(layer).message)
    }
    self.node = node
    self.layer = layer
    self.chain = chain
  }

  /// Writes the dump piece by piece, so that it never stands in memory as a whole.
  ///
  /// - Throws: `RPCError` where a part is not at hand, and what `write` throws.
  public func write(_ write: (Bytes) throws(RPCError) -> Void) throws(RPCError) {
    try write(Bytes("{\"block\":".utf8) + environment.serialized())
    try write(Bytes(",\"accounts\":{".utf8))
    var isFirst = true
    for account in try readingState({ () throws(StateMiss) in
      try chain.head.state.accountsByHash(skipsMissing: chain.isForked)
    }) {
      guard let (address, json) = try self.json(account) else { continue }
      let name = JSON.string(address.hexadecimal).serialized() + Bytes(":".utf8)
      try write((isFirst ? [] : Bytes(",".utf8)) + name + json.serialized())
      isFirst = false
    }
    try write(Bytes("},\"best_block_number\":\(chain.number),\"blocks\":[".utf8))
    isFirst = true
    for number in 0...chain.number {
      guard let block = try self.block(number) else { continue }
      try write((isFirst ? [] : Bytes(",".utf8)) + block.serialized())
      isFirst = false
    }
    try write(Bytes("],\"transactions\":[".utf8))
    isFirst = true
    for number in 0...chain.number {
      for transaction in try transactions(number) {
        try write((isFirst ? [] : Bytes(",".utf8)) + transaction.serialized())
        isFirst = false
      }
    }
    try write(Bytes("]}".utf8))
  }

  /// The whole dump.
  ///
  /// - Throws: `RPCError` where a part is not at hand.
  public func bytes() throws(RPCError) -> Bytes {
    var whole: Bytes = []
    try write { (piece) throws(RPCError) in whole += piece }
    return whole
  }

  /// What code saw of the head.
  private var environment: JSON {
    let header = chain.head.header
    return [
      "number": .quantity(header.number), "beneficiary": .data(header.feeRecipient),
      "timestamp": .quantity(header.timestamp), "gas_limit": .integer(header.gasLimit),
      "basefee": .integer((header.baseFee ?? .zero).clampedUInt64),
      "difficulty": .quantity(header.difficulty), "prevrandao": .data(header.prevRandao),
      "blob_excess_gas_and_price": [
        "excess_blob_gas": .integer(header.excessBlobGas ?? 0),
        "blob_gasprice": .integer(
          header.blobBaseFee(chain.specification).clampedUInt64),
      ],
    ]
  }

  // MARK: Accounts

  private func json(
    _ hashed: HashedAccount
  ) throws(RPCError) -> (address: Address, json: JSON)? {
    guard let bytes = try preimage(of: hashed.key), let address = Address(checking: bytes) else {
      // Of another chain's state the addresses need not be known.
      if chain.isForked { return nil }
      throw .internalFailure("the address of account \(hashed.key.hexadecimal) is not known")
    }
    let (code, words) = try readingState { () throws(StateMiss) in
      (
        try chain.head.state.code(hashed.account.codeHash),
        try hashed.words(skipsMissing: chain.isForked)
      )
    }
    var slots: [(slot: Hash, word: Hash)] = []
    for (key, word) in words {
      guard let bytes = try preimage(of: key), let slot = Hash(checking: bytes) else {
        if chain.isForked { continue }
        throw .internalFailure(
          "the number of slot \(key.hexadecimal) of \(address.hexadecimal) is not known")
      }
      slots.append((slot, Hash(word)))
    }
    var storage = JSONObject()
    for (slot, word) in slots.sorted(by: { $0.slot < $1.slot }) {
      storage[slot.hexadecimal] = .data(word)
    }
    return (
      address,
      [
        "nonce": .integer(hashed.account.nonce), "balance": .quantity(hashed.account.balance),
        "code": .data(code), "storage": .object(storage),
      ]
    )
  }

  private func preimage(of hash: Hash) throws(RPCError) -> Bytes? {
    let own = try reading { (views) throws(ViewsError) in try views.preimage(of: hash) }
    return own ?? node.fork.node(hash)
  }

  // MARK: Blocks

  private func block(_ number: UInt64) throws(RPCError) -> JSON? {
    let (stored, transactions) = try reading { (views) throws(ViewsError) in
      (
        try views.block(layer, number: number),
        try views.transactions(layer, inBlock: number)
      )
    }
    guard let stored else { return nil }
    var json: JSON = [
      "header": EthereumJSON.header(stored.header, hash: stored.hash),
      "transactions": .array(transactions.map(Self.json)),
      "ommers": .array(stored.ommers.map { EthereumJSON.header($0, hash: $0.hash) }),
    ]
    if let withdrawals = stored.withdrawals, case .object(var members) = json {
      members["withdrawals"] = .array(withdrawals.map(EthereumJSON.withdrawal))
      json = .object(members)
    }
    return json
  }

  private static func json(_ stored: StoredTransaction) -> JSON {
    let whole = EthereumJSON.pendingTransaction(
      stored.transaction, hash: stored.hash, sender: stored.sender)
    var members = JSONObject()
    for (key, value) in whole.object ?? JSONObject()
    where !["blockHash", "blockNumber", "blockTimestamp", "transactionIndex"].contains(key) {
      members[key] = value
    }
    guard stored.transaction.isImpersonation(of: stored.sender) else { return .object(members) }
    return ["transaction": .object(members), "impersonated_sender": .data(stored.sender)]
  }

  private func transactions(_ number: UInt64) throws(RPCError) -> [JSON] {
    let receipts = try reading { (views) throws(ViewsError) in
      try views.receipts(layer, inBlock: number)
    }
    return receipts.map { stored in
      let (receipt, transaction) = (stored.receipt, stored.transaction)
      return [
        "info": [
          "transaction_hash": .data(transaction.hash),
          "transaction_index": .integer(transaction.index), "from": .data(transaction.sender),
          "to": transaction.transaction.to.map { .data($0) } ?? .null,
          "contract_address": receipt.contractAddress.map { .data($0) } ?? .null,
          "traces": [], "exit": .string(receipt.succeeded ? "Return" : "Revert"), "out": .null,
          "nonce": .integer(transaction.transaction.nonce), "gas_used": .integer(receipt.gasUsed),
        ],
        "receipt": [
          "type": .quantity(UInt64(receipt.kind.rawValue)),
          "status": .quantity(receipt.succeeded ? 1 : 0 as UInt64),
          "cumulativeGasUsed": .quantity(receipt.cumulativeGasUsed),
          "logs": .array(
            receipt.logs.map { log in
              [
                "address": .data(log.address), "topics": .array(log.topics.map { .data($0) }),
                "data": .data(log.data),
              ]
            }),
          "logsBloom": .data(receipt.bloom.bytes),
        ],
        "block_hash": .data(transaction.block.hash),
        "block_number": .integer(transaction.block.number),
      ]
    }
  }

  private func reading<Result>(
    _ body: (borrowing ViewSnapshot) throws(ViewsError) -> Result
  ) throws(RPCError) -> Result {
    do throws(ViewsError) {
      return try node.views.read(body)
    } catch {
      throw .internalFailure(error.message)
    }
  }
}
