import Primitives
import Synchronization

/// The keys that were recovered lately, since a transaction's sender is asked for when it is
/// decided on and again when it is applied.
///
/// A pure function's memory: whether an answer comes from here cannot be told.
final class RecoveredKeys: Sendable {
  /// A signature with what it is over.
  struct Question: Hashable, Sendable {
    var messageHash: Hash
    var r: UInt256
    var s: UInt256
    var yParity: Bool
  }

  private struct Entry: Sendable {
    var question: Question
    var key: Bytes?
  }

  /// Places, of which a question has one.
  private static let count = 256

  private let entries = Mutex<[Entry?]>([Entry?](repeating: nil, count: count))

  /// The key of a signature, by `recover` if it is not remembered.
  func key(_ question: Question, recover: () -> Bytes?) -> Bytes? {
    // The low bytes of r, which are as good as random.
    let place = Int(truncatingIfNeeded: question.r.limb0) & (Self.count - 1)
    let known = entries.withLock { entries in
      entries[place].flatMap { $0.question == question ? $0 : nil }
    }
    if let known { return known.key }
    let key = recover()
    entries.withLock { $0[place] = Entry(question: question, key: key) }
    return key
  }
}
