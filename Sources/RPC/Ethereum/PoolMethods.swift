import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Primitives

extension EthereumService {
  /// `txpool_…`: what waits for a block.
  var poolMethods: [String: RPCMethod] {
    [
      "txpool_status": immediate(0) { [self] (_) throws(RPCError) in
        let (pending, queued) = Self.sorted(try chain())
        return [
          "pending": .quantity(UInt64(pending.count)),
          "queued": .quantity(UInt64(queued.count)),
        ]
      },
      "txpool_content": working(0) { [self] (_) throws(RPCError) in
        let (pending, queued) = Self.sorted(try chain())
        return [
          "pending": Self.bySender(pending, Self.json),
          "queued": Self.bySender(queued, Self.json),
        ]
      },
      "txpool_contentFrom": immediate(1) { [self] (parameters) throws(RPCError) in
        let address = try parameters.required(0).address()
        let (pending, queued) = Self.sorted(try chain())
        return [
          "pending": Self.byNonce(pending.filter { $0.sender == address }, Self.json),
          "queued": Self.byNonce(queued.filter { $0.sender == address }, Self.json),
        ]
      },
      "txpool_inspect": working(0) { [self] (_) throws(RPCError) in
        let (pending, queued) = Self.sorted(try chain())
        return [
          "pending": Self.bySender(pending, Self.summary),
          "queued": Self.bySender(queued, Self.summary),
        ]
      },
      "eth_pendingTransactions": working(0) { [self] (_) throws(RPCError) in
        .array(try chain().pool.all.map(Self.json))
      },
    ]
  }

  /// What a block could take now, and what stands behind a gap; each by sender and nonce.
  private static func sorted(
    _ chain: Chain
  ) -> (pending: [PooledTransaction], queued: [PooledTransaction]) {
    var pending: [PooledTransaction] = []
    var queued: [PooledTransaction] = []
    var sender: Address?
    var next: UInt64 = 0
    for pooled in chain.pool.all {
      if pooled.sender != sender {
        sender = pooled.sender
        next = ((try? chain.head.state.account(pooled.sender)) ?? nil)?.nonce ?? 0
      }
      if pooled.transaction.nonce == next {
        pending.append(pooled)
        next += 1
      } else {
        queued.append(pooled)
      }
    }
    return (pending, queued)
  }

  private static func bySender(
    _ list: [PooledTransaction], _ body: (PooledTransaction) -> JSON
  ) -> JSON {
    var json = JSONObject()
    var rest = list[...]
    while let first = rest.first {
      let own = rest.prefix { $0.sender == first.sender }
      json[first.sender.checksummed] = byNonce(Array(own), body)
      rest = rest.dropFirst(own.count)
    }
    return .object(json)
  }

  private static func byNonce(
    _ list: [PooledTransaction], _ body: (PooledTransaction) -> JSON
  ) -> JSON {
    var json = JSONObject()
    for pooled in list { json[String(pooled.transaction.nonce)] = body(pooled) }
    return .object(json)
  }

  private static func json(_ pooled: PooledTransaction) -> JSON {
    EthereumJSON.pendingTransaction(
      pooled.transaction, hash: pooled.hash, sender: pooled.sender)
  }

  private static func summary(_ pooled: PooledTransaction) -> JSON {
    let transaction = pooled.transaction
    let target = transaction.to.map { $0.checksummed } ?? "contract creation"
    return .string(
      "\(target): \(transaction.value.decimalString) wei + \(transaction.gasLimit) gas × "
        + "\(transaction.maxFeePerGas.decimalString) wei")
  }
}
