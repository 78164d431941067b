import EventLog
import Execution
import HTTP
import JSON
import Ledger
import Node
import Primitives
import Synchronization
import Views

/// How many subscriptions there may be, and how far telling them may lag behind.
public struct SubscriptionLimits: Sendable {
  /// Subscriptions of one connection.
  public var perConnection = 1_000

  /// Events that wait to be told of; beyond them all subscribers are dropped, with close code
  /// 1013, rather than kept in memory for.
  public var waitingEvents = 100_000

  /// Rows of the log are read for a subscriber only while less than this waits for it.
  public var eventBacklogInBytes = 1 << 18

  /// The usual limits.
  public init() {}
}

/// Tells subscribers what a node publishes, on a thread of its own.
///
/// Nobody waits for a subscriber: what it does not read is kept for it up to the connection's
/// limit, and then the connection is ended. Rows of the log are read only as fast as they are
/// taken, so they can be followed from any row on without gaps.
final class SubscriptionHub: Sendable {
  private struct State {
    var subscriptions: [String: Subscription] = [:]
    var waitingEvents = 0
    var observation: Observation?
    var recentLogs = RecentLogs()
  }

  let limits: SubscriptionLimits
  private let node: Node
  private let layer: Layer
  private let worker = SerialWorker()
  private let state = Mutex(State())

  init(node: Node, layer: Layer, limits: SubscriptionLimits) {
    self.node = node
    self.layer = layer
    self.limits = limits
    let observation = node.observe { [weak self] in self?.take($0) }
    state.withLock { $0.observation = observation }
  }

  /// Ends the thread; nobody is told of anything after it.
  func stop() {
    state.withLock { state in
      state.observation = nil
      state.subscriptions = [:]
    }
    worker.stop()
  }

  func add(_ subscription: Subscription) {
    state.withLock { $0.subscriptions[subscription.name] = subscription }
  }

  func remove(_ name: String) {
    state.withLock { _ = $0.subscriptions.removeValue(forKey: name) }
  }

  /// A batch was published; called on the writer's thread.
  private func take(_ entries: [ViewEntry]) {
    let (subscriptions, isLagging) = state.withLock { state -> ([Subscription], Bool) in
      if state.subscriptions.isEmpty { return ([], false) }
      let subscriptions = [Subscription](state.subscriptions.values)
      if state.waitingEvents > limits.waitingEvents {
        state.subscriptions = [:]
        return (subscriptions, true)
      }
      state.waitingEvents += entries.count
      return (subscriptions, false)
    }
    guard isLagging else {
      if subscriptions.isEmpty { return }
      worker.enqueue { [weak self] in
        self?.deliver(entries, to: subscriptions)
        self?.state.withLock { $0.waitingEvents -= entries.count }
      }
      return
    }
    for subscription in subscriptions {
      subscription.connection.close(
        code: WebSocketCloseCode.tryAgainLater, reason: "too much happens to tell of it")
    }
  }

  /// Reads on for those who follow the log, now that they may take more.
  func resume(_ subscriptions: [Subscription]) {
    worker.enqueue { [weak self] in
      for subscription in subscriptions { self?.feed(subscription) }
    }
  }

  // MARK: On the hub's thread

  private func deliver(_ entries: [ViewEntry], to subscriptions: [Subscription]) {
    for entry in entries {
      for consequence in entry.consequences { tell(subscriptions, of: consequence) }
    }
    for subscription in subscriptions {
      if case .events = subscription.topic { feed(subscription) }
    }
  }

  private func tell(_ subscriptions: [Subscription], of consequence: Consequence) {
    switch consequence {
    case .extended(layer, let outcome): tell(subscriptions, ofBlock: outcome)
    case .reset(layer, let number, _):
      let removed = state.withLock { $0.recentLogs.removeAbove(number) }
      tell(subscriptions, of: removed, isRemoved: true)
    case .pooled(layer, let pooled):
      var hash: [UInt8]?
      var full: [UInt8]?
      for subscription in subscriptions {
        guard case .pooled(let isFull) = subscription.topic else { continue }
        if isFull {
          let bytes =
            full
            ?? EthereumJSON.pendingTransaction(
              pooled.transaction, hash: pooled.hash, sender: pooled.sender
            ).serialized()
          full = bytes
          subscription.tell(bytes)
        } else {
          let bytes = hash ?? JSON.data(pooled.hash).serialized()
          hash = bytes
          subscription.tell(bytes)
        }
      }
    case .replaced(layer, let replacement):
      let removed = state.withLock { $0.recentLogs.remove(from: replacement.firstNumber) }
      tell(subscriptions, of: removed, isRemoved: true)
    case .usage(let record):
      var told: [UInt8]?
      for subscription in subscriptions {
        guard case .usage = subscription.topic else { continue }
        let bytes = told ?? UsageJSON.use(record).serialized()
        told = bytes
        subscription.tell(bytes)
      }
    default: break
    }
  }

  private func tell(_ subscriptions: [Subscription], ofBlock outcome: BlockOutcome) {
    let header = outcome.block.header
    let hash = header.hash
    var head: [UInt8]?
    for subscription in subscriptions {
      guard case .heads = subscription.topic else { continue }
      let bytes = head ?? EthereumJSON.header(header, hash: hash).serialized()
      head = bytes
      subscription.tell(bytes)
    }
    let isAsked = subscriptions.contains { subscription in
      switch subscription.topic {
      case .logs, .receipts: true
      default: false
      }
    }
    guard isAsked else { return }
    let receipts = receipts(of: outcome, hash: hash)
    let logs = receipts.flatMap(\.logs)
    state.withLock { $0.recentLogs.append(logs, number: header.number) }
    tell(subscriptions, of: logs, isRemoved: false)
    for subscription in subscriptions {
      guard case .receipts(let wanted) = subscription.topic else { continue }
      tell(
        subscription, of: receipts.filter { wanted?.contains($0.transaction.hash) ?? true },
        first: outcome.block.transactions.first)
    }
  }

  private func tell(_ subscriptions: [Subscription], of logs: [StoredLog], isRemoved: Bool) {
    guard !logs.isEmpty else { return }
    for subscription in subscriptions {
      guard case .logs(let filter) = subscription.topic else { continue }
      for log in logs where filter.matches(log.log) {
        subscription.tell(EthereumJSON.log(log, isRemoved: isRemoved).serialized())
      }
    }
  }

  private func tell(
    _ subscription: Subscription, of receipts: [StoredReceipt], first: Transaction?
  ) {
    guard !receipts.isEmpty, let specification = node.world[layer]?.specification else { return }
    let json = receipts.map {
      EthereumJSON.receipt($0, specification: specification, first: first)
    }
    subscription.tell(JSON.array(json).serialized())
  }

  private func receipts(of outcome: BlockOutcome, hash: Hash) -> [StoredReceipt] {
    let block = BlockReference(layer: layer, header: outcome.block.header, hash: hash)
    var firstLogIndex = 0
    return outcome.receipts.enumerated().map { index, receipt in
      let transaction = outcome.block.transactions[index]
      defer { firstLogIndex += receipt.logs.count }
      return StoredReceipt(
        receipt: receipt,
        transaction: StoredTransaction(
          transaction: transaction, hash: transaction.hash, sender: outcome.senders[index],
          block: block, index: index), firstLogIndex: firstLogIndex)
    }
  }

  /// Tells a follower of the log of the rows that it has not had, as long as it takes them.
  private func feed(_ subscription: Subscription) {
    let portion: UInt64 = 64
    while subscription.isActive, !subscription.connection.isClosed,
      subscription.connection.backlogInBytes < limits.eventBacklogInBytes
    {
      let first = subscription.nextEvent
      var rows: [Row] = []
      do throws(EventLogError) {
        rows = try node.log.read { (log) throws(EventLogError) in
          guard first <= log.count else { return [] }
          var rows: [Row] = []
          try log.forEachRow(from: first, through: min(log.count, first + portion - 1)) { (row) in
            rows.append(row)
          }
          return rows
        }
      } catch {
        subscription.connection.close(code: 1011, reason: "the log cannot be read")
      }
      if rows.isEmpty { return }
      for row in rows { subscription.tell(EventJSON.row(row).serialized()) }
      subscription.nextEvent = first + UInt64(rows.count)
    }
  }
}
