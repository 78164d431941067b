import Execution
import Primitives

/// A transaction that waits for a block.
public struct PooledTransaction: Hashable, Sendable {
  /// The transaction.
  public var transaction: Transaction
  /// Its hash.
  public var hash: Hash
  /// Who signed it.
  public var sender: Address
  /// The log sequence at which it was accepted.
  public var arrival: UInt64

  /// A transaction with what is known of it; neither hash nor sender is checked.
  public init(transaction: Transaction, hash: Hash, sender: Address, arrival: UInt64) {
    self.transaction = transaction
    self.hash = hash
    self.sender = sender
    self.arrival = arrival
  }

  /// The transaction as a block may take it.
  public var candidate: Candidate {
    Candidate(transaction: transaction, sender: sender, hash: hash)
  }
}

extension Candidate {
  /// The transaction's hash.
  var transactionHash: Hash { hash ?? transaction.hash }
}

/// The transactions of one layer that were accepted and stand in no block yet.
///
/// At most one a sender and nonce. Gaps in a sender's nonces are allowed: what stands behind a gap
/// waits.
public struct Pool: Sendable {
  /// A waiting transaction; a class, so that a pool that readers have, too, is copied in pointers.
  private final class Waiting: Sendable {
    let pooled: PooledTransaction
    init(_ pooled: PooledTransaction) { self.pooled = pooled }
  }

  private var transactions: [Hash: Waiting] = [:]
  private var nonces: [Address: [UInt64: Hash]] = [:]
  private var sum = UInt256.zero
  private(set) var history = PoolHistory()

  init() {}

  /// A pool of what waits, with how it came to that.
  init(waiting: [PooledTransaction], history: PoolHistory) {
    self.history = history
    for pooled in waiting { put(pooled) }
  }

  /// An empty pool that cannot go back to what it was before an event.
  init(startingAfter sequence: UInt64) { history.forget(through: sequence) }

  /// How many transactions wait.
  public var count: Int { transactions.count }

  /// The sum of the waiting transactions' hashes modulo 2^256: the same for the same set.
  public var root: Hash { Hash(sum) }

  /// The waiting transaction of this hash.
  public subscript(hash: Hash) -> PooledTransaction? { transactions[hash]?.pooled }

  /// The waiting transaction of this sender and nonce.
  public func transaction(sender: Address, nonce: UInt64) -> PooledTransaction? {
    nonces[sender]?[nonce].flatMap { transactions[$0]?.pooled }
  }

  /// Whether the transaction of this hash waits.
  func holds(_ hash: Hash) -> Bool { transactions[hash] != nil }

  /// Whether a transaction of this sender waits.
  public func holdsTransactions(of sender: Address) -> Bool { nonces[sender] != nil }

  /// The nonce after the sender's unbroken run of waiting transactions from `nonce` on.
  public func nextNonce(sender: Address, from nonce: UInt64) -> UInt64 {
    guard let waiting = nonces[sender] else { return nonce }
    var next = nonce
    while waiting[next] != nil { next += 1 }
    return next
  }

  /// All waiting transactions by sender and nonce.
  public var all: [PooledTransaction] {
    transactions.values.map(\.pooled).sorted {
      ($0.sender, $0.transaction.nonce) < ($1.sender, $1.transaction.nonce)
    }
  }

  /// Adds a transaction in the place of one with the same sender and nonce, which it returns.
  @discardableResult
  mutating func insert(_ pooled: PooledTransaction, at sequence: UInt64) -> PooledTransaction? {
    let nonce = pooled.transaction.nonce
    let replaced = nonces[pooled.sender]?[nonce].flatMap { remove($0, .dropped, at: sequence) }
    put(pooled)
    history.append(.init(sequence: sequence, change: .inserted, pooled: pooled))
    return replaced
  }

  /// Takes a transaction out, if it is there.
  @discardableResult
  mutating func remove(
    _ hash: Hash, _ change: PoolHistory.Change, at sequence: UInt64
  ) -> PooledTransaction? {
    guard let pooled = take(hash) else { return nil }
    history.append(.init(sequence: sequence, change: change, pooled: pooled))
    return pooled
  }

  private mutating func put(_ pooled: PooledTransaction) {
    transactions[pooled.hash] = Waiting(pooled)
    nonces[pooled.sender, default: [:]][pooled.transaction.nonce] = pooled.hash
    sum = sum &+ UInt256(pooled.hash)
  }

  private mutating func take(_ hash: Hash) -> PooledTransaction? {
    guard let pooled = transactions.removeValue(forKey: hash)?.pooled else { return nil }
    sum = sum &- UInt256(hash)
    guard !transactions.isEmpty else {
      // What holds nothing has no storage that the next change would copy.
      transactions = [:]
      nonces = [:]
      return pooled
    }
    nonces[pooled.sender]?[pooled.transaction.nonce] = nil
    if nonces[pooled.sender]?.isEmpty == true { nonces[pooled.sender] = nil }
    return pooled
  }

  /// Makes the pool what it was after an event, and returns what came back in.
  mutating func restore(to position: UInt64) -> [PooledTransaction] {
    var returned: Set<Hash> = []
    while let entry = history.removeLast(after: position) {
      guard let pooled = entry.transaction.pooled else { continue }
      if entry.change == .inserted {
        _ = take(pooled.hash)
        returned.remove(pooled.hash)
      } else {
        put(pooled)
        returned.insert(pooled.hash)
      }
    }
    return returned.compactMap { transactions[$0]?.pooled }.sorted { $0.arrival < $1.arrival }
  }

  /// Takes in again what blocks after an event took out, and returns it.
  mutating func returnIncluded(
    after position: UInt64, at sequence: UInt64
  ) -> [PooledTransaction] {
    var returned: [PooledTransaction] = []
    for past in history.included(after: position) {
      guard let pooled = past.pooled,
        transaction(sender: pooled.sender, nonce: pooled.transaction.nonce) == nil
      else { continue }
      insert(pooled, at: sequence)
      returned.append(pooled)
    }
    return returned
  }

  /// Forgets how the pool changed up to an event, to which it can no longer go back.
  mutating func forgetHistory(through sequence: UInt64) { history.forget(through: sequence) }

  /// Takes out what the account's nonce has passed, and returns it by nonce.
  mutating func removePassed(
    sender: Address, below nonce: UInt64, at sequence: UInt64
  ) -> [PooledTransaction] {
    guard let waiting = nonces[sender] else { return [] }
    return waiting.keys.filter { $0 < nonce }.sorted().compactMap { passed in
      waiting[passed].flatMap { remove($0, .dropped, at: sequence) }
    }
  }

  /// Whether a block could take a transaction.
  func hasReady(baseFee: UInt256, accountNonce: (Address) -> UInt64) -> Bool {
    nonces.keys.contains { sender in
      guard let pooled = transaction(sender: sender, nonce: accountNonce(sender)) else {
        return false
      }
      return pooled.transaction.maxFeePerGas >= baseFee
    }
  }

  /// The transactions that may enter the next block, in an order that keeps each sender's nonces.
  ///
  /// A transaction counts as paying no more, and arriving no earlier, than those of its sender
  /// that must come before it; so sorting by (tip, arrival, nonce) never breaks a sender's order.
  public func ready(
    baseFee: UInt256, order: TransactionOrder = .fees, accountNonce: (Address) -> UInt64
  ) -> [PooledTransaction] {
    var ranked: [(tip: UInt256, arrival: UInt64, pooled: PooledTransaction)] = []
    for sender in nonces.keys.sorted() {
      var nonce = accountNonce(sender)
      var tip = UInt256.max
      var arrival: UInt64 = 0
      while let pooled = transaction(sender: sender, nonce: nonce),
        pooled.transaction.maxFeePerGas >= baseFee
      {
        let own = pooled.transaction.effectiveGasPrice(baseFee: baseFee) &- baseFee
        tip = min(tip, own)
        arrival = max(arrival, pooled.arrival)
        ranked.append((tip, arrival, pooled))
        nonce += 1
      }
    }
    ranked.sort { left, right in
      if order == .fees, left.tip != right.tip { return left.tip > right.tip }
      if left.arrival != right.arrival { return left.arrival < right.arrival }
      return left.pooled.transaction.nonce < right.pooled.transaction.nonce
    }
    return ranked.map(\.pooled)
  }
}

/// Which of the transactions that are ready come first in a block.
public enum TransactionOrder: Hashable, Sendable {
  /// The best paying, and of equals the first to arrive.
  case fees
  /// The first to arrive.
  case arrival
}
