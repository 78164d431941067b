import EVM
import Execution
import JSON
import Primitives
import Views

/// Blocks, transactions, receipts and logs as Ethereum's JSON-RPC shows them.
///
/// Fields, their order and what is left out are geth's: a field of a fork is there from that fork
/// on. Pure functions, so that RPC methods, subscriptions and the command line show the same.
///
/// Source: https://github.com/ethereum/execution-apis, and geth's `internal/ethapi` where that
/// leaves a choice; op-geth's for deposits.
public enum EthereumJSON {
  static func index(_ index: Int) -> JSON { .quantity(UInt64(index)) }

  // MARK: Logs

  /// A log; `isRemoved` when a reorganisation has taken its block out.
  public static func log(_ stored: StoredLog, isRemoved: Bool = false) -> JSON {
    [
      "address": .data(stored.log.address),
      "topics": .array(stored.log.topics.map { .data($0) }),
      "data": .data(stored.log.data),
      "blockNumber": .quantity(stored.block.number),
      "transactionHash": .data(stored.transactionHash),
      "transactionIndex": index(stored.transactionIndex),
      "blockHash": .data(stored.block.hash),
      "blockTimestamp": .quantity(stored.block.timestamp),
      "logIndex": index(stored.logIndex),
      "removed": .bool(isRemoved),
    ]
  }

  // MARK: Receipts

  /// A receipt; `specification` is that of its chain, by which blob gas was priced.
  ///
  /// On an OP chain `first` is the block's first transaction, whose attributes say what was owed
  /// beside gas.
  public static func receipt(
    _ stored: StoredReceipt, specification: ChainSpecification, first: Transaction? = nil
  ) -> JSON {
    let receipt = stored.receipt
    let transaction = stored.transaction
    let fees = rollupFees(transaction, specification, first)
    var json = JSONObject()
    if receipt.kind == .blob, let excess = transaction.block.excessBlobGas {
      let parameters = specification.blobParameters(at: transaction.block.timestamp)
      json["blobGasPrice"] = .quantity(parameters.fee(excess: excess))
      json["blobGasUsed"] = .quantity(receipt.blobGasUsed)
    }
    if let fees, fees.daFootprintGasScalar != nil {
      json["blobGasUsed"] = .quantity(fees.daFootprint)
    }
    json["blockHash"] = .data(transaction.block.hash)
    json["blockNumber"] = .quantity(transaction.block.number)
    json["contractAddress"] = receipt.contractAddress.map { .data($0) } ?? .null
    json["cumulativeGasUsed"] = .quantity(receipt.cumulativeGasUsed)
    if let scalar = fees?.daFootprintGasScalar { json["daFootprintGasScalar"] = .quantity(scalar) }
    if let nonce = receipt.depositNonce { json["depositNonce"] = .quantity(nonce) }
    if let version = receipt.depositReceiptVersion {
      json["depositReceiptVersion"] = .quantity(version)
    }
    json["effectiveGasPrice"] = .quantity(receipt.effectiveGasPrice)
    json["from"] = .data(transaction.sender)
    json["gasUsed"] = .quantity(receipt.gasUsed)
    if let fees { append(fees, to: &json) }
    json["logs"] = .array(stored.logs.map { log($0) })
    json["logsBloom"] = .data(receipt.bloom.bytes)
    switch receipt.outcome {
    case .postState(let root): json["root"] = .data(root)
    case .status(let succeeded): json["status"] = .quantity(succeeded ? 1 : 0 as UInt64)
    }
    json["to"] = transaction.transaction.to.map { .data($0) } ?? .null
    json["transactionHash"] = .data(transaction.hash)
    json["transactionIndex"] = index(transaction.index)
    json["type"] = .quantity(UInt64(receipt.kind.rawValue))
    return .object(json)
  }
}
