import Execution
import JSON
import Ledger
import Node
import Primitives
import Views

extension EthereumService {
  /// Filters: what is new since one was last asked for.
  var filterMethods: [String: RPCMethod] {
    [
      "eth_newFilter": immediate(1) { [self] (parameters) throws(RPCError) in
        let query = try parameters.required(0).logQuery(limits)
        if case .range(.number(let first)?, .number(let last)?) = query.blocks, first > last {
          throw .invalidParameters("invalid block range params")
        }
        return try install(.logs(query))
      },
      "eth_newBlockFilter": immediate(0) { [self] (_) throws(RPCError) in
        try install(.blocks)
      },
      "eth_newPendingTransactionFilter": immediate(1) { [self] (parameters) throws(RPCError) in
        try install(.transactions(isFull: try parameters.optional(0)?.bool() ?? false))
      },
      "eth_uninstallFilter": immediate(1) { [self] (parameters) throws(RPCError) in
        let name = try parameters.required(0).string()
        return .bool(filters.uninstall(name, now: node.configuration.clock()))
      },
      "eth_getFilterChanges": working(1, filterChanges),
      "eth_getFilterLogs": working(1, filterLogs),
    ]
  }

  private func install(_ subject: Subject) throws(RPCError) -> JSON {
    let chain = try chain()
    var cursor = FilterCursor(block: chain.number)
    if case .transactions = subject { cursor.pooled = Set(chain.pool.all.map(\.hash)) }
    return .string(
      try filters.install(subject, cursor: cursor, now: node.configuration.clock()))
  }

  /// All logs that a log filter's query finds.
  private func filterLogs(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let name = try parameters.required(0).string()
    let filter = try filters.use(name, now: node.configuration.clock())
    guard case .logs(let query) = filter.subject else { throw .refused("filter not found") }
    return .array(try logs(query).map { EthereumJSON.log($0) })
  }

  /// What is new since the last time.
  ///
  /// Of two who ask at once, one is told.
  private func filterChanges(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let name = try parameters.required(0).string()
    let filter = try filters.use(name, now: node.configuration.clock())
    let (changes, cursor) = try changes(filter.subject, since: filter.cursor, on: try chain())
    guard filters.advance(name, from: filter.cursor, to: cursor) else { return [] }
    return .array(changes)
  }

  /// What a chain has that a cursor has not seen, and the cursor that has.
  private func changes(
    _ subject: Subject, since cursor: FilterCursor, on chain: Chain
  ) throws(RPCError) -> ([JSON], FilterCursor) {
    // A head that was taken back is followed from where it now is.
    guard cursor.block <= chain.number else { return ([], FilterCursor(block: chain.number)) }
    let news = cursor.block + 1
    switch subject {
    case .logs(let query):
      let (logs, last) = try newLogs(query, from: news, on: chain)
      return (logs.map { EthereumJSON.log($0) }, FilterCursor(block: last))
    case .blocks:
      let last = min(chain.number, cursor.block + UInt64(limits.filterChanges))
      return (try hashes(from: news, through: last, on: chain), FilterCursor(block: last))
    case .transactions(let isFull):
      return try newTransactions(isFull: isFull, since: cursor, on: chain)
    }
  }

  /// New logs, and the last block that they are told of: not the head where they are too many.
  private func newLogs(
    _ query: LogQuery, from news: UInt64, on chain: Chain
  ) throws(RPCError) -> (logs: [StoredLog], through: UInt64) {
    var first = news
    var last = chain.number
    switch query.blocks {
    case .one: return ([], chain.number)
    case .range(let from, let to):
      if case .number(let number)? = from { first = max(first, number) }
      if case .number(let number)? = to { last = min(last, number) }
      if to == .earliest { last = 0 }
    }
    guard first <= last else { return ([], chain.number) }
    do throws(ViewsError) {
      let logs = try node.views.logs(
        layer, query.filter(from: first, through: last), limit: limits.logs)
      return (logs, chain.number)
    } catch {
      guard case .tooManyLogs = error else { throw .internalFailure(error.message) }
    }
    return try manyLogs(query, first...last)
  }

  /// The logs of as many blocks, one at least, as do not pass the limit.
  ///
  /// A block's gas bounds what one alone may have.
  private func manyLogs(
    _ query: LogQuery, _ blocks: ClosedRange<UInt64>
  ) throws(RPCError) -> (logs: [StoredLog], through: UInt64) {
    try reading { (views) throws(ViewsError) in
      var found: [StoredLog] = []
      for number in blocks {
        let logs = try views.logs(
          layer, query.filter(from: number, through: number), limit: .max)
        guard found.isEmpty || found.count + logs.count <= limits.logs else {
          return (found, number - 1)
        }
        found += logs
      }
      return (found, blocks.upperBound)
    }
  }

  private func hashes(
    from first: UInt64, through last: UInt64, on chain: Chain
  ) throws(RPCError) -> [JSON] {
    guard first <= last else { return [] }
    var hashes: [JSON] = []
    for number in first...last {
      if let recent = chain.block(number) {
        hashes.append(JSON.data(recent.hash))
        continue
      }
      let block = try reading { (views) throws(ViewsError) in
        try views.block(layer, number: number)
      }
      if let block { hashes.append(JSON.data(block.hash)) }
    }
    return hashes
  }

  /// Transactions that came since: those in new blocks that were not waiting before, and those that
  /// wait now.
  private func newTransactions(
    isFull: Bool, since cursor: FilterCursor, on chain: Chain
  ) throws(RPCError) -> ([JSON], FilterCursor) {
    var changes: [JSON] = []
    var last = cursor.block
    while last < chain.number, changes.count < limits.filterChanges {
      last += 1
      let number = last
      let stored = try reading { (views) throws(ViewsError) in
        try views.transactions(layer, inBlock: number)
      }
      for transaction in stored where !cursor.pooled.contains(transaction.hash) {
        changes.append(
          isFull
            ? EthereumJSON.transaction(transaction) : JSON.data(transaction.hash))
      }
    }
    guard last == chain.number else {
      return (changes, FilterCursor(block: last, pooled: cursor.pooled))
    }
    let waiting = chain.pool.all
    for pooled in waiting.sorted(by: { $0.arrival < $1.arrival })
    where !cursor.pooled.contains(pooled.hash) {
      changes.append(
        isFull
          ? EthereumJSON.pendingTransaction(
            pooled.transaction, hash: pooled.hash, sender: pooled.sender)
          : JSON.data(pooled.hash))
    }
    return (changes, FilterCursor(block: last, pooled: Set(waiting.map(\.hash))))
  }
}
