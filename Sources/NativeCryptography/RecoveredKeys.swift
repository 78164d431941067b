import Primitives
import Synchronization

/// The keys that were recovered lately, since a transaction's sender is asked for when it is
/// decided on and again when it is applied, and since other threads recover ahead of a replay.
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

  /// A part of the memory with a lock of its own; it takes none before it holds something.
  private final class Shard: Sendable {
    private struct Contents: Sendable {
      var entries: [Entry?] = []
      var next = 0
    }

    private let contents = Mutex(Contents())

    /// The entry of a question, in the set of places that is its own.
    func entry(_ question: Question, set: Int) -> Entry? {
      contents.withLock { contents in
        guard !contents.entries.isEmpty else { return nil }
        for place in set * RecoveredKeys.ways..<(set + 1) * RecoveredKeys.ways {
          if let entry = contents.entries[place], entry.question == question { return entry }
        }
        return nil
      }
    }

    /// Remembers an entry in place of one of its set.
    func remember(_ entry: Entry, set: Int) {
      contents.withLock { contents in
        if contents.entries.isEmpty {
          contents.entries = Array(repeating: nil, count: RecoveredKeys.places)
        }
        contents.next = (contents.next + 1) % RecoveredKeys.ways
        contents.entries[set * RecoveredKeys.ways + contents.next] = entry
      }
    }
  }

  /// How many places a question has.
  private static let ways = 8
  /// Places of a shard.
  private static let places = 256
  /// In all 16,384 keys: what a replay recovers ahead, several times over.
  private let shards = (0..<64).map { _ in Shard() }

  /// The key of a signature, by `recover` if it is not remembered.
  func key(_ question: Question, recover: () -> Bytes?) -> Bytes? {
    // The low bytes of r, which are as good as random.
    let place = Int(truncatingIfNeeded: question.r.limb0 & 0xffff)
    let shard = shards[place % 64]
    let set = place / 64 % (RecoveredKeys.places / RecoveredKeys.ways)
    if let known = shard.entry(question, set: set) { return known.key }
    let key = recover()
    shard.remember(Entry(question: question, key: key), set: set)
    return key
  }
}
