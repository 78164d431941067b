import JSON
import Ledger
import Primitives
import Views

/// Which logs a caller asks for, before it is known which blocks its words mean.
struct LogQuery: Hashable, Sendable {
  /// The blocks that are searched.
  enum Blocks: Hashable, Sendable {
    case range(from: BlockSelector?, to: BlockSelector?)
    case one(Hash)
  }

  var blocks: Blocks
  var addresses: [Address] = []
  var topics: [[Hash]?] = []

  /// The filter over a range of blocks.
  func filter(from first: UInt64, through last: UInt64) -> LogFilter {
    LogFilter(fromBlock: first, toBlock: last, addresses: addresses, topics: topics)
  }
}

extension RPCValue {
  /// A log filter, as eth_getLogs and eth_newFilter have it.
  func logQuery(_ limits: EthereumLimits) throws(RPCError) -> LogQuery {
    let from = try optional("fromBlock")
    let to = try optional("toBlock")
    var query: LogQuery
    if let hash = try optional("blockHash") {
      guard from == nil, to == nil else {
        throw error(
          "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other")
      }
      query = LogQuery(blocks: .one(try hash.hash()))
    } else {
      query = LogQuery(
        blocks: .range(from: try from?.blockNumber(), to: try to?.blockNumber()))
    }
    if let address = try optional("address") {
      query.addresses = try address.oneOrMore(limits, "addresses").map {
        (value) throws(RPCError) in try value.address()
      }
    }
    if let topics = try optional("topics") {
      query.topics = try topics.topics(limits)
    }
    return query
  }

  /// Up to four positions, each a topic, several to choose from, or `null` for any.
  private func topics(_ limits: EthereumLimits) throws(RPCError) -> [[Hash]?] {
    let positions = try elements()
    guard positions.count <= 4 else { throw error("exceed max topics: \(positions.count) > 4") }
    var topics: [[Hash]?] = []
    for position in positions {
      if position.json.isNull {
        topics.append(nil)
        continue
      }
      let choices = try position.oneOrMore(limits, "topics")
      // One wildcard among the choices makes the rest pointless.
      if choices.contains(where: { $0.json.isNull }) {
        topics.append(nil)
        continue
      }
      topics.append(try choices.map { (value) throws(RPCError) in try value.hash() })
    }
    return topics
  }

  private func oneOrMore(
    _ limits: EthereumLimits, _ name: String
  ) throws(RPCError) -> [RPCValue] {
    guard case .array(let values) = json else { return [self] }
    guard values.count <= limits.logFilterEntries else {
      throw error("exceed max \(name): \(values.count) > \(limits.logFilterEntries)")
    }
    return try elements()
  }
}
