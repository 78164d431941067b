import Execution
import JSON
import Ledger
import Primitives
import Views

extension EthereumService {
  /// What is asked of transactions and their receipts.
  var transactionMethods: [String: RPCMethod] {
    [
      "eth_getTransactionByHash": reading(1, transactionByHash),
      "eth_getTransactionReceipt": reading(1, receipt),
      "eth_getRawTransactionByHash": reading(1, rawTransaction),
      "eth_getTransactionByBlockNumberAndIndex": reading(2) {
        [self] (parameters) throws(RPCError) in
        try transaction(
          of: try parameters.required(0).blockNumber(), at: try parameters.required(1).uint64())
      },
      "eth_getTransactionByBlockHashAndIndex": reading(2) {
        [self] (parameters) throws(RPCError) in
        try transaction(
          of: .hash(try parameters.required(0).hash(), requireCanonical: false),
          at: try parameters.required(1).uint64())
      },
    ]
  }

  private func transactionByHash(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let hash = try parameters.required(0).hash()
    if let pooled = try chain().pool[hash] {
      return EthereumJSON.pendingTransaction(
        pooled.transaction, hash: hash, sender: pooled.sender)
    }
    return try reading { (views) throws(ViewsError) in
      guard let stored = try views.transaction(layer, hash: hash) else { return .null }
      return try Self.json(stored, views, layer)
    }
  }

  /// A stored transaction; of a deposit the receipt says more.
  private static func json(
    _ stored: StoredTransaction, _ views: borrowing ViewSnapshot, _ layer: Layer
  ) throws(ViewsError) -> JSON {
    guard stored.transaction.kind == .deposit else { return EthereumJSON.transaction(stored) }
    let receipt = try views.receipt(layer, hash: stored.hash)?.receipt
    return EthereumJSON.transaction(stored, receipt: receipt)
  }

  func rawTransaction(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let hash = try parameters.required(0).hash()
    if let pooled = try chain().pool[hash] {
      return JSON.data(pooled.transaction.encoded)
    }
    let stored = try reading { (views) throws(ViewsError) in
      try views.transaction(layer, hash: hash)
    }
    return stored.map { JSON.data($0.transaction.encoded) } ?? .null
  }

  private func receipt(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let hash = try parameters.required(0).hash()
    let specification = try chain().specification
    let found = try reading { (views) throws(ViewsError) -> (StoredReceipt, Transaction?)? in
      guard let receipt = try views.receipt(layer, hash: hash) else { return nil }
      guard specification.isOptimism else { return (receipt, nil) }
      let number = receipt.transaction.block.number
      return (receipt, try views.transaction(layer, inBlock: number, at: 0)?.transaction)
    }
    guard let (receipt, first) = found else { return .null }
    return EthereumJSON.receipt(receipt, specification: specification, first: first)
  }

  private func transaction(of selector: BlockSelector, at index: UInt64) throws(RPCError) -> JSON {
    let chain = try chain()
    switch try resolve(selector, on: chain) {
    case .unknown: return .null
    case .pending:
      let pending = try pendingBlock(on: chain)
      guard index < UInt64(pending.block.transactions.count) else { return .null }
      let transaction = pending.block.transactions[Int(index)]
      return EthereumJSON.pendingTransaction(
        transaction, hash: transaction.hash, sender: pending.senders[Int(index)])
    case .sealed(let number):
      guard let place = Int(exactly: index) else { return .null }
      return try reading { (views) throws(ViewsError) in
        guard let stored = try views.transaction(layer, inBlock: number, at: place) else {
          return .null
        }
        return try Self.json(stored, views, layer)
      }
    }
  }
}
