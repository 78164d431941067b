import Cryptography
import Execution
import Glibc
import Ledger
import NativeCryptography
import Primitives

/// Recovers the senders of what is about to be executed, on a thread of its own.
///
/// It does nothing but fill the provider's memory of recovered keys, so whoever executes arrives at
/// the same without it, only later. It goes from the end to the beginning: whoever executes comes
/// from the other side, and neither waits for the other.
public final class SenderRecovery {
  /// Something with signatures in it.
  public enum Work: Sendable {
    /// A transaction as the network passes it on.
    case transaction(Bytes)
    /// A block's RLP.
    case block(Bytes)
    /// An event's payload.
    case event(kind: UInt16, payload: Bytes)
  }

  /// So much is handed over at once: more than that might be forgotten again before it is used.
  static let batchSizeInBytes = 256 << 10
  /// Less than that is done before another thread is awake.
  static let leastCount = 8

  private lazy var worker: SerialWorker? =
    sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 ? SerialWorker() : nil

  /// Starts no thread before there is something to recover.
  public init() {}

  /// Begins to recover the senders in some pieces of work.
  public func begin(_ works: [Work]) {
    guard !works.isEmpty else { return }
    worker?.enqueue {
      for work in works.reversed() { SenderRecovery.recover(work) }
    }
  }

  /// Ends the thread, after what was begun.
  deinit { worker?.stop() }

  private static func recover(_ work: Work) {
    switch work {
    case .transaction(let bytes): recover(bytes)
    case .block(let bytes):
      guard let block = try? Block.decode(bytes) else { return }
      for transaction in block.transactions.reversed() { recover(transaction) }
    case .event(let kind, let payload):
      switch try? Event.decode(kind: kind, payload: payload) {
      case .transactionAccepted(let acceptance): recover(acceptance.encoded)
      case .carrierAccepted(let acceptance): recover(acceptance.encoded)
      case .outsideBlockReceived(let block): recover(.block(block.encoded))
      default: break
      }
    }
  }

  private static func recover(_ encoded: Bytes) {
    if let transaction = try? Transaction.decode(encoded) { recover(transaction) }
  }

  private static func recover(_ transaction: Transaction) {
    guard transaction.kind != .deposit else { return }
    // Whether there is a sender is for whoever executes to say.
    _ = try? transaction.sender(NativeCryptographyProvider.shared)
    for authorization in transaction.authorizations {
      _ = authorization.authority(NativeCryptographyProvider.shared)
    }
  }
}
