import JSON
import Ledger
import Node
import Primitives
import Views

/// The methods by which a connection of messages subscribes.
///
///     eth_subscribe("newHeads")                     the header of each block
///     eth_subscribe("logs", filter?)                logs by address and topics
///     eth_subscribe("newPendingTransactions", full?)  what comes into the pool
///     eth_subscribe("transactionReceipts", {transactionHashes}?)  each block's receipts
///     eth_subscribe("syncing")                      nothing, as nothing is caught up with
///     eth_subscribe("opal_usage")                   uses of models and their payment
///     eth_subscribe("opal_events", {from}?)         rows of the log, without gaps
///     eth_unsubscribe(name)
func subscriptionMethods(
  node: Node, limits: EthereumLimits = EthereumLimits()
) -> [String: RPCMethod] {
  [
    "eth_subscribe": .session { (parameters, call) throws(RPCError) in
      try parameters.limit(to: 2)
      let name = try parameters.required(0).string()
      let option = parameters.optional(1)
      var firstEvent: UInt64 = 0
      if name == "opal_events" {
        firstEvent = try option?.optional("from")?.uint64() ?? node.world.sequence + 1
        guard firstEvent > 0 else { throw .invalidParameters("events are counted from 0x1") }
      }
      let topic = try topic(name, option, limits)
      return .string(try call.session.subscribe(topic, firstEvent: firstEvent, in: call).name)
    },
    "eth_unsubscribe": .session { (parameters, call) throws(RPCError) in
      try parameters.limit(to: 1)
      guard call.session.unsubscribe(try parameters.required(0).string()) else {
        throw .refused("subscription not found")
      }
      return true
    },
  ]
}

private func topic(
  _ name: String, _ option: RPCValue?, _ limits: EthereumLimits
) throws(RPCError) -> SubscriptionTopic {
  switch name {
  case "newHeads": return .heads
  case "syncing": return .syncing
  case "opal_usage": return .usage
  case "opal_events": return .events
  case "newPendingTransactions": return .pooled(isFull: try option?.bool() ?? false)
  case "logs":
    // What is to come is asked for, so the bounds of a query say nothing.
    let query = try option?.logQuery(limits)
    return .logs(
      LogFilter(
        fromBlock: 0, toBlock: .max, addresses: query?.addresses ?? [],
        topics: query?.topics ?? []))
  case "transactionReceipts":
    guard let hashes = try option?.optional("transactionHashes")?.elements() else {
      return .receipts(of: nil)
    }
    guard hashes.count <= limits.logFilterEntries else {
      throw .invalidParameters("exceed max transaction hashes: \(limits.logFilterEntries)")
    }
    var wanted: Set<Hash> = []
    for hash in hashes { wanted.insert(try hash.hash()) }
    return .receipts(of: wanted.isEmpty ? nil : wanted)
  default:
    let shown = name.utf8.count <= 128 ? name : String(name.prefix(64)) + "…"
    throw RPCError(code: -32601, message: "no \"\(shown)\" subscription in eth namespace")
  }
}
