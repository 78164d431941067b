import Execution
import JSON
import Ledger
import Primitives
import Views

extension EthereumService {
  /// What is asked of blocks.
  var blockMethods: [String: RPCMethod] {
    [
      "eth_getBlockByNumber": reading(2) { [self] (parameters) throws(RPCError) in
        let selector = try parameters.required(0).blockNumber()
        return try block(selector, isFull: try parameters.required(1).bool())
      },
      "eth_getBlockByHash": reading(2) { [self] (parameters) throws(RPCError) in
        let hash = try parameters.required(0).hash()
        return try block(
          .hash(hash, requireCanonical: false), isFull: try parameters.required(1).bool())
      },
      "eth_getBlockTransactionCountByNumber": reading(1) { [self] (parameters) throws(RPCError) in
        try transactionCount(ofBlock: try parameters.required(0).blockNumber())
      },
      "eth_getBlockTransactionCountByHash": reading(1) { [self] (parameters) throws(RPCError) in
        let hash = try parameters.required(0).hash()
        return try transactionCount(ofBlock: .hash(hash, requireCanonical: false))
      },
      "eth_getUncleCountByBlockNumber": reading(1) { [self] (parameters) throws(RPCError) in
        try ommerCount(try parameters.required(0).blockNumber())
      },
      "eth_getUncleCountByBlockHash": reading(1) { [self] (parameters) throws(RPCError) in
        let hash = try parameters.required(0).hash()
        return try ommerCount(.hash(hash, requireCanonical: false))
      },
      "eth_getBlockReceipts": reading(1, blockReceipts),
    ]
  }

  /// A sealed block from the views; nil for a pending or unknown one.
  func storedBlock(_ selector: BlockSelector) throws(RPCError) -> StoredBlock? {
    guard case .sealed(let number) = try resolve(selector, on: try chain()) else { return nil }
    return try reading { (views) throws(ViewsError) in try views.block(layer, number: number) }
  }

  private func block(_ selector: BlockSelector, isFull: Bool) throws(RPCError) -> JSON {
    if selector == .pending {
      let pending = try pendingBlock(on: try chain())
      return EthereumJSON.pendingBlock(
        pending.block, transactions: Self.transactions(of: pending, isFull: isFull))
    }
    guard case .sealed(let number) = try resolve(selector, on: try chain()) else { return .null }
    return try reading { (views) throws(ViewsError) in
      guard let block = try views.block(layer, number: number) else { return .null }
      let transactions = isFull ? try views.transactions(layer, inBlock: number) : nil
      return EthereumJSON.block(block, transactions: transactions)
    }
  }

  /// The transactions of the pending block.
  private static func transactions(of pending: BlockOutcome, isFull: Bool) -> [JSON] {
    zip(pending.block.transactions, pending.senders).map { transaction, sender in
      let hash = transaction.hash
      return isFull
        ? EthereumJSON.pendingTransaction(transaction, hash: hash, sender: sender)
        : JSON.data(hash)
    }
  }

  private func transactionCount(ofBlock selector: BlockSelector) throws(RPCError) -> JSON {
    if selector == .pending {
      let pending = try pendingBlock(on: try chain())
      return JSON.quantity(UInt64(pending.block.transactions.count))
    }
    guard let block = try storedBlock(selector) else { return .null }
    return JSON.quantity(UInt64(block.transactionHashes.count))
  }

  private func ommerCount(_ selector: BlockSelector) throws(RPCError) -> JSON {
    if selector == .pending { return "0x0" }
    guard let block = try storedBlock(selector) else { return .null }
    return JSON.quantity(UInt64(block.ommers.count))
  }

  private func blockReceipts(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let selector = try parameters.required(0).block()
    let chain = try chain()
    guard case .sealed(let number) = try resolve(selector, on: chain) else { return .null }
    let receipts = try reading { (views) throws(ViewsError) in
      try views.receipts(layer, inBlock: number)
    }
    let first = receipts.first?.transaction.transaction
    return .array(
      receipts.map {
        EthereumJSON.receipt($0, specification: chain.specification, first: first)
      })
  }
}
