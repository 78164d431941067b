import Cryptography
import Primitives

/// Cosigns checkpoints of logs, each only if it extends the one before.
///
/// It remembers a tree head a log. Whoever runs it keeps each that it hands out before the
/// cosignature leaves the house, and asks it one submission at a time.
///
/// Source: https://c2sp.org/tlog-witness
public struct Witness: Sendable {
  /// The witness's key.
  public let signer: NoteSigner
  /// The keys of the logs that are watched; a key's log has the origin of its name.
  public private(set) var logs: [VerifierKey]
  /// The last checkpoint that was cosigned of each log, by origin.
  public private(set) var latest: [String: SignedTreeHead]

  /// A witness of logs, with what it cosigned last.
  public init(signer: NoteSigner, logs: [VerifierKey], latest: [String: SignedTreeHead] = [:]) {
    self.signer = signer
    self.logs = logs
    self.latest = latest
  }

  /// What a submission leads to.
  public enum Answer: Hashable, Sendable {
    /// The checkpoint is cosigned; `latest` has it, to be kept before this is told.
    case cosigned(SignedNote.Signature)
    /// The log is not watched: status 404.
    case unknownLog
    /// The log's key has not signed it: status 403.
    case untrusted
    /// The submission is not one: status 400.
    case malformed(String)
    /// The old size is another than that of the last checkpoint: status 409 and that size.
    case conflict(size: UInt64)
    /// The log has signed two trees of the same size: status 409, and the proof of it.
    case forked(LogFork)
    /// The proof does not hold: status 422, and what proves a fork if the log did fork.
    case inconsistent

    /// The status of the answer over HTTP.
    public var status: Int {
      switch self {
      case .cosigned: 200
      case .unknownLog: 404
      case .untrusted: 403
      case .malformed: 400
      case .conflict, .forked: 409
      case .inconsistent: 422
      }
    }
  }

  /// Looks at a submission, and cosigns its checkpoint if it extends the last one.
  ///
  /// `time` is in seconds since 1970.
  public mutating func add(_ submission: CheckpointSubmission, time: UInt64) -> Answer {
    let (head, note) = (submission.checkpoint.head, submission.checkpoint.note)
    let keys = logs.filter { $0.name == head.origin }
    guard !keys.isEmpty else { return .unknownLog }
    do throws(TransparencyError) {
      _ = try note.verify(anyOf: keys)
    } catch {
      return .untrusted
    }
    guard submission.oldSize <= head.size else {
      return .malformed("the old size is above the new one")
    }
    let last = latest[head.origin]
    guard submission.oldSize == last?.head.size ?? 0 else {
      return .conflict(size: last?.head.size ?? 0)
    }
    if let last, last.head.size == head.size, last.head.root != head.root {
      return .forked(LogFork(older: last, newer: submission.checkpoint))
    }
    let oldRoot = last?.head.root ?? MerkleTree.emptyRoot
    guard submission.extends(oldRoot: oldRoot) else { return .inconsistent }
    latest[head.origin] = submission.checkpoint
    return .cosigned(signer.sign(note.text, time: time))
  }
}
