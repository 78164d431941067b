import Primitives
import Synchronization

/// What somebody wants to hear of whenever they ask.
enum Subject: Hashable, Sendable {
  /// New logs that pass.
  case logs(LogQuery)
  /// The hashes of new blocks.
  case blocks
  /// Transactions that came into the pool.
  case transactions(isFull: Bool)
}

/// How far somebody has been told.
struct FilterCursor: Hashable, Sendable {
  /// The last block that was told of.
  var block: UInt64
  /// Transactions that were in the pool when it was last looked at.
  var pooled: Set<Hash> = []
}

/// The filters that callers have installed, each until nobody has asked for it for a while.
final class FilterRegistry: Sendable {
  struct Filter: Sendable {
    var subject: Subject
    var cursor: FilterCursor
    var lastUse: UInt64
  }

  private let limits: EthereumLimits
  private let filters = Mutex<[String: Filter]>([:])

  init(limits: EthereumLimits) { self.limits = limits }

  /// Installs a filter and returns its name, which cannot be guessed.
  ///
  /// - Throws: `RPCError` when there are too many.
  func install(
    _ subject: Subject, cursor: FilterCursor, now: UInt64
  ) throws(RPCError) -> String {
    let name = "0x" + Hexadecimal.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    let isInstalled = filters.withLock { filters in
      if filters.count >= limits.filters { expire(&filters, now: now) }
      guard filters.count < limits.filters else { return false }
      filters[name] = Filter(subject: subject, cursor: cursor, lastUse: now)
      return true
    }
    guard isInstalled else {
      throw RPCError(code: -32005, message: "too many filters: at most \(limits.filters)")
    }
    return name
  }

  /// The filter of a name, which then lives on.
  ///
  /// - Throws: `RPCError`, `filter not found`.
  func use(_ name: String, now: UInt64) throws(RPCError) -> Filter {
    let found = filters.withLock { filters -> Filter? in
      expire(&filters, now: now)
      filters[name]?.lastUse = now
      return filters[name]
    }
    guard let found else { throw .refused("filter not found") }
    return found
  }

  /// Moves a filter on, if it is there still and nobody else has moved it.
  ///
  /// - Returns: Whether it was moved.
  func advance(_ name: String, from old: FilterCursor, to new: FilterCursor) -> Bool {
    filters.withLock { filters in
      guard filters[name]?.cursor == old else { return false }
      filters[name]?.cursor = new
      return true
    }
  }

  /// Removes a filter; false when there is none of that name.
  func uninstall(_ name: String, now: UInt64) -> Bool {
    filters.withLock { filters in
      expire(&filters, now: now)
      return filters.removeValue(forKey: name) != nil
    }
  }

  private func expire(_ filters: inout [String: Filter], now: UInt64) {
    let lifetime = limits.filterLifetimeInMilliseconds
    let isStale = filters.values.contains { now > $0.lastUse && now - $0.lastUse > lifetime }
    if isStale { filters = filters.filter { now <= $0.value.lastUse + lifetime } }
  }
}
