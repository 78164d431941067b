import Ledger
import Primitives
import SQLite

/// Why a simulation stopped: what should never be, and where to find it again.
public struct SimulationFailure: Error, Sendable {
  /// The plan's seed.
  public var seed: UInt64
  /// The step in which it was found.
  public var step: UInt64
  /// The simulated seconds since the beginning.
  public var seconds: UInt64
  /// What should have held.
  public var invariant: Invariant
  /// What is wrong.
  public var reason: String
  /// The last things that happened, oldest first.
  public var story: [String]

  /// All of it in words.
  public var message: String {
    "seed \(seed), step \(step), after \(seconds) simulated seconds, against "
      + "'\(invariant.rawValue)': \(reason)\n"
      + story.map { "  " + $0 }.joined(separator: "\n")
  }
}

/// What a simulation came to.
public struct SimulationReport: Hashable, Sendable {
  /// Events in the log at the end.
  public var events: UInt64 = 0
  /// The commitment after the last.
  public var commitment = Hash.zero
  /// Steps, after each of which everything was checked.
  public var steps: UInt64 = 0
  /// How often the node came to an end and began again.
  public var restarts: UInt64 = 0
  /// How often of these the power was lost.
  public var powerLosses: UInt64 = 0
  /// Commands that were acknowledged.
  public var acknowledged: UInt64 = 0
  /// Times that L1 took blocks back.
  public var reorganisations: UInt64 = 0
  /// Payloads that the DA layer certified.
  public var certifiedPayloads: UInt64 = 0
  /// Payloads that the DA layer did not take.
  public var refusedPayloads: UInt64 = 0
  /// What became of the messages between users, node and follower.
  public var messages = MessageTally()
  /// Each kind of change of the disk, how often it came, and how often it went wrong.
  public var changes: [DiskChange: DiskTally] = [:]
  /// SHA-256 of each file of the node's disk at the end; of SQLite's journals without the salts.
  public var files: [String: Hash] = [:]
  /// Receipts that were paid.
  public var paidReceipts: UInt64 = 0
  /// Both layers' blocks at the end.
  public var blocks: [Layer: UInt64] = [:]

  /// A report of nothing.
  public init() {}

  /// How many changes of the disk there were, and in how many everything ended.
  public var changeCounts: DiskTally {
    changes.values.reduce(into: DiskTally()) { $0 += $1 }
  }
}

/// What became of messages.
public struct MessageTally: Hashable, Sendable {
  /// How many were sent.
  public var sent: UInt64 = 0
  /// How many never came.
  public var lost: UInt64 = 0
  /// How many came more than once.
  public var repeated: UInt64 = 0
  /// How many took up to half a minute.
  public var delayed: UInt64 = 0
  /// How many came before one that was sent before.
  public var overtaking: UInt64 = 0

  /// None.
  public init() {}
}

extension SimulationReport {
  /// A write-ahead log without its salts, which SQLite draws itself for the whole process, and
  /// without the checksums over them.
  ///
  /// Source: SQLite's file format, section 4.1.
  static func unsalted(journal: Bytes) -> Bytes {
    guard journal.count >= 32 else { return journal }
    let pageSizeInBytes = journal[8..<12].reduce(0) { $0 << 8 | Int($1) }
    var journal = journal
    journal.replaceSubrange(16..<32, with: repeatElement(0, count: 16))
    for frame in stride(from: 32, to: journal.count - 23, by: 24 + max(1, pageSizeInBytes)) {
      journal.replaceSubrange(frame + 8..<frame + 24, with: repeatElement(0, count: 16))
    }
    return journal
  }
}
