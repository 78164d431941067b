import EVM
import JSON
import Ledger
import Node
import Primitives
import Views

extension EthereumService {
  /// The search for logs.
  var logMethods: [String: RPCMethod] {
    [
      "eth_getLogs": working(1) { [self] (parameters) throws(RPCError) in
        let query = try parameters.required(0).logQuery(limits)
        return .array(try logs(query).map { EthereumJSON.log($0) })
      }
    ]
  }

  /// The logs that a query asks for.
  func logs(_ query: LogQuery) throws(RPCError) -> [StoredLog] {
    let chain = try chain()
    guard let range = try range(query.blocks, on: chain) else { return [] }
    return try logs(query.filter(from: range.lowerBound, through: range.upperBound))
  }

  /// The logs that pass a filter.
  func logs(_ filter: LogFilter) throws(RPCError) -> [StoredLog] {
    do throws(ViewsError) {
      return try node.views.logs(layer, filter, limit: limits.logs)
    } catch {
      if case .tooManyLogs = error { throw RPCError(code: -32005, message: error.message) }
      throw .internalFailure(error.message)
    }
  }

  /// The blocks that are to be searched; nil for none, past the head.
  private func range(
    _ blocks: LogQuery.Blocks, on chain: Chain
  ) throws(RPCError) -> ClosedRange<UInt64>? {
    switch blocks {
    case .one(let hash):
      let selector = BlockSelector.hash(hash, requireCanonical: false)
      guard case .sealed(let number) = try resolve(selector, on: chain) else {
        throw .refused("unknown block")
      }
      return number...number
    case .range(let from, let to):
      let first = number(from ?? .latest, on: chain)
      let last = number(to ?? .latest, on: chain)
      if case .number = to, last > chain.number {
        throw .invalidParameters("block range extends beyond current head block")
      }
      if first > last {
        // Whoever asks for what is new since the last block asks for nothing yet.
        if first > chain.number, to == nil || to == .latest || to == .pending { return nil }
        throw .invalidParameters("invalid block range params")
      }
      return first...last
    }
  }

  /// The number that a bound of a range means; no logs are pending.
  private func number(_ selector: BlockSelector, on chain: Chain) -> UInt64 {
    switch selector {
    case .number(let number): number
    case .earliest: 0
    default: chain.number
    }
  }
}
