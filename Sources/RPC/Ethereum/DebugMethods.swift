import EVM
import Execution
import JSON
import Ledger
import Primitives
import Views

extension EthereumService {
  /// `debug_getRaw…` and what else looks behind the usual answers.
  var debugMethods: [String: RPCMethod] {
    [
      "debug_getRawHeader": reading(1) { [self] (parameters) throws(RPCError) in
        let block = try rawBlock(try parameters.required(0).block())
        return block.map { JSON.data($0.header.encoded) } ?? .null
      },
      "debug_getRawBlock": reading(1) { [self] (parameters) throws(RPCError) in
        let block = try rawBlock(try parameters.required(0).block())
        return block.map { JSON.data($0.encoded) } ?? .null
      },
      "debug_getRawTransactions": reading(1) { [self] (parameters) throws(RPCError) in
        let block = try rawBlock(try parameters.required(0).block())
        return block.map { .array($0.transactions.map { .data($0.encoded) }) } ?? .null
      },
      "debug_getRawReceipts": reading(1, rawReceipts),
      "debug_getRawTransaction": reading(1, rawTransaction),
      "debug_getBadBlocks": immediate(0) { _ in [] },
      "debug_freeOSMemory": immediate(0) { _ in .null },
    ]
  }

  /// A sealed block whole.
  ///
  /// - Throws: geth's `header not found` where a number has none.
  private func rawBlock(_ selector: BlockSelector) throws(RPCError) -> Block? {
    guard case .sealed(let number) = try resolve(selector, on: try chain()) else {
      throw .refused("block not found")
    }
    return try reading { (views) throws(ViewsError) in
      guard let block = try views.block(layer, number: number) else { return nil }
      let transactions = try views.transactions(layer, inBlock: number)
      return Block(
        header: block.header, transactions: transactions.map(\.transaction),
        ommers: block.ommers, withdrawals: block.withdrawals)
    }
  }

  /// Receipts in their consensus form.
  private func rawReceipts(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let selector = try parameters.required(0).block()
    guard case .sealed(let number) = try resolve(selector, on: try chain()) else {
      throw .refused("block not found")
    }
    let receipts = try reading { (views) throws(ViewsError) in
      try views.receipts(layer, inBlock: number)
    }
    return .array(receipts.map { .data($0.receipt.encoded) })
  }
}
