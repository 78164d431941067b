import EVM
import NativeCryptography
import Execution
import Primitives

/// Makes a case smaller as long as it still shows a difference.
public struct Shrinking {
  /// How often the difference may be asked for.
  public var attemptLimit = 600

  /// A shrinking with the usual limit.
  public init() {}

  /// The smallest case found for which `differs` holds; it holds for `original`.
  public func shrink(
    _ original: FuzzCase, while differs: @escaping (FuzzCase) -> Bool
  ) -> FuzzCase {
    var search = Search(best: original, attemptsLeft: attemptLimit, differs: differs)
    var before: Int
    repeat {
      before = search.best.weight
      search.dropAccounts()
      search.simplifyTransaction()
      search.dropStorage()
      search.dropCode()
    } while search.best.weight < before && search.attemptsLeft > 0
    return search.best
  }

  private struct Search {
    var best: FuzzCase
    var attemptsLeft: Int
    let differs: (FuzzCase) -> Bool

    /// Takes a change over if the difference is still there.
    @discardableResult
    mutating func attempt(_ change: (inout FuzzCase) -> Void) -> Bool {
      guard attemptsLeft > 0 else { return false }
      var candidate = best
      change(&candidate)
      guard candidate.weight < best.weight else { return false }
      attemptsLeft -= 1
      guard differs(candidate) else { return false }
      best = candidate
      return true
    }

    mutating func dropAccounts() {
      for pair in best.pairs where pair.address != best.senderKey.address {
        attempt { $0.pairs.removeAll { $0.address == pair.address } }
      }
    }

    mutating func simplifyTransaction() {
      attempt { $0.transaction.accessList = [] }
      attempt { $0.transaction.data = [] }
      attempt { $0.transaction.value = .zero }
      attempt {
        guard $0.transaction.kind != .legacy else { return }
        $0.transaction = Transaction(
          legacyTo: $0.transaction.to, chainID: nil, nonce: $0.transaction.nonce,
          gasPrice: $0.transaction.maxFeePerGas, gasLimit: $0.transaction.gasLimit,
          value: $0.transaction.value, data: $0.transaction.data)
      }
      for index in best.transaction.authorizations.indices.reversed() {
        attempt { $0.transaction.authorizations.remove(at: index) }
      }
      for part in Pieces(count: best.transaction.data.count) {
        attempt { $0.transaction.data.removeSubrange(clamped: part) }
      }
    }

    mutating func dropStorage() {
      for index in best.pairs.indices {
        attempt { $0.pairs[index].account.storage = [] }
      }
    }

    /// Drops pieces of code, or puts JUMPDEST in their place so that what follows stays put.
    mutating func dropCode() {
      for index in best.pairs.indices where !best.pairs[index].account.code.isEmpty {
        for part in Pieces(count: best.pairs[index].account.code.count) {
          let isGone = attempt { $0.pairs[index].account.code.removeSubrange(clamped: part) }
          if isGone { continue }
          attempt { $0.pairs[index].account.code.blank(clamped: part) }
        }
      }
    }
  }
}

/// Ranges of a length from its end to its beginning: halves first, then ever smaller ones.
private struct Pieces: Sequence, IteratorProtocol {
  private var size: Int
  private var start: Int
  private let count: Int

  init(count: Int) {
    self.count = count
    size = (count + 1) / 2
    start = count - size
  }

  mutating func next() -> Range<Int>? {
    guard size > 0 else { return nil }
    let range = Swift.max(start, 0)..<Swift.max(start + size, 0)
    start -= size
    if start + size <= 0 {
      size = size == 1 ? 0 : (size + 1) / 2
      start = count - size
    }
    return range
  }
}

extension Bytes {
  fileprivate mutating func removeSubrange(clamped range: Range<Int>) {
    removeSubrange(range.clamped(to: 0..<count))
  }

  fileprivate mutating func blank(clamped range: Range<Int>) {
    for index in range.clamped(to: 0..<count) { self[index] = 0x5b }
  }
}

extension FuzzCase {
  /// What shrinking makes less; a JUMPDEST weighs less than any other byte.
  fileprivate var weight: Int {
    var weight = 20 * pairs.count + 2 * transaction.data.count
    weight += 10 * (transaction.accessList.count + transaction.authorizations.count)
    weight += transaction.kind == .legacy ? 0 : 5
    weight += transaction.value.isZero ? 0 : 1
    for pair in pairs {
      weight += 5 * pair.account.storage.count
      for byte in pair.account.code { weight += byte == 0x5b ? 1 : 2 }
    }
    return weight
  }
}
