import Execution
import Primitives

/// How a pool came to be what it is, as far back as its chain's head may be moved.
struct PoolHistory: Sendable {
  /// What happened to a transaction.
  enum Change: UInt64, Sendable {
    case inserted
    /// A block took it in.
    case included
    case dropped
  }

  /// A change; a class, so that handing thousands of them to readers copies pointers.
  final class Entry: Sendable {
    let sequence: UInt64
    let change: Change
    let transaction: PastTransaction

    convenience init(sequence: UInt64, change: Change, pooled: PooledTransaction) {
      self.init(sequence: sequence, change: change, transaction: .held(pooled))
    }

    init(sequence: UInt64, change: Change, transaction: PastTransaction) {
      self.sequence = sequence
      self.change = change
      self.transaction = transaction
    }
  }

  private(set) var entries = Window<Entry>()
  private var sizeInBytes = 0
  /// The last event whose changes are forgotten: the pool can go back to it, and no further.
  private(set) var start: UInt64 = 0

  init() {}

  /// A history that begins after an event.
  init(start: UInt64) { self.start = start }

  mutating func append(_ entry: Entry) {
    entries.append(entry)
    sizeInBytes += PoolHistory.size(of: entry)
    // An eighth more than is kept, so that forgetting costs little a change.
    guard
      entries.count > Limits.poolHistoryCount / 8 * 9
        || sizeInBytes > Limits.poolHistorySizeInBytes / 8 * 9
    else { return }
    var excess = max(
      entries.count - Limits.poolHistoryCount, sizeInBytes > Limits.poolHistorySizeInBytes ? 1 : 0)
    var kept = sizeInBytes
    var index = 0
    while index < entries.count - 1, excess > 0 || kept > Limits.poolHistorySizeInBytes {
      kept -= PoolHistory.size(of: entries[index])
      excess -= 1
      index += 1
    }
    if index > 0 { forget(through: entries[index - 1].sequence) }
  }

  /// Takes out the last change if it came after an event.
  mutating func removeLast(after position: UInt64) -> Entry? {
    guard let last = entries.last, last.sequence > position else { return nil }
    sizeInBytes -= PoolHistory.size(of: last)
    return entries.removeLast()
  }

  /// The transactions that blocks took in after an event, in their order.
  func included(after position: UInt64) -> [PastTransaction] {
    var found: [PastTransaction] = []
    for entry in entries.reversed() {
      guard entry.sequence > position else { break }
      if entry.change == .included { found.append(entry.transaction) }
    }
    return found.reversed()
  }

  mutating func forget(through sequence: UInt64) {
    start = max(start, sequence)
    let count = entries.firstIndex { $0.sequence > sequence } ?? entries.count
    guard count > 0 else { return }
    for entry in entries[..<count] { sizeInBytes -= PoolHistory.size(of: entry) }
    entries.removeFirst(count)
  }

  /// About what a transaction takes in memory.
  private static func size(of entry: Entry) -> Int { 512 + entry.transaction.dataSizeInBytes }
}

/// A transaction of a pool's past: at hand, or in the log, where the event that accepted it is.
enum PastTransaction: Sendable {
  case held(PooledTransaction)
  case logged(arrival: UInt64, dataSizeInBytes: Int, any PastEvents)

  /// The log sequence at which it was accepted.
  var arrival: UInt64 {
    switch self {
    case .held(let pooled): pooled.arrival
    case .logged(let arrival, _, _): arrival
    }
  }

  /// How many bytes of data it has.
  var dataSizeInBytes: Int {
    switch self {
    case .held(let pooled): pooled.transaction.data.count
    case .logged(_, let size, _): size
    }
  }

  /// The transaction; nil where the log no longer gives it.
  var pooled: PooledTransaction? {
    switch self {
    case .held(let pooled): pooled
    case .logged(let arrival, _, let events): events.transaction(acceptedAt: arrival)
    }
  }
}
