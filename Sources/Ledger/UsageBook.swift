import Contracts
import Cryptography
import Primitives

/// Where a reported use stands.
public enum UsageStatus: Hashable, Sendable {
  /// Reported, and not yet on its way to the chain.
  case reported
  /// In a settlement transaction that waits for a block.
  case settling(transaction: Hash)
  /// Paid on the second layer.
  case settled(transaction: Hash, blockNumber: UInt64)
  /// Its settlement was tried and failed; it is not tried again.
  case failed(reason: String)

  /// The status in one word.
  public var name: String {
    switch self {
    case .reported: "reported"
    case .settling: "settling"
    case .settled: "settled"
    case .failed: "failed"
    }
  }
}

/// A reported use and where it stands.
public struct UsageRecord: Hashable, Sendable {
  /// The EIP-712 digest of the receipt, by which a use is known.
  public var digest: Hash
  /// The log sequence at which it was reported.
  public var sequence: UInt64
  /// What was reported.
  public var report: UsageReport
  /// Where it stands.
  public var status: UsageStatus
}

/// A use as it was before it was settled or failed.
struct ClosedUse {
  var record: UsageRecord
  /// The transaction that settled it, or failed to.
  var transaction: Hash
  /// The log sequence of the event that closed it.
  var sequence: UInt64
}

/// The reported uses that are not settled yet, and what must be remembered of those that are.
///
/// A settled or failed use leaves the book for the views, so the book stays as small as its
/// backlog. An engine's sequence numbers only rise, so one number an engine tells a repeated
/// receipt.
public struct UsageBook: Sendable {
  /// The unsettled uses by receipt digest.
  var open: [Hash: UsageRecord] = [:]
  /// Receipt digests by the settlement transaction they wait in.
  var settling: [Hash: Hash] = [:]
  /// Each engine's highest reported sequence number.
  var lastSequences: [Address: UInt64] = [:]
  /// The uses that were closed, oldest first, for as long as their blocks can be abandoned.
  var closed: [ClosedUse] = []
  /// The chain of changes: SHA-256(previous ‖ digest ‖ status ordinal).
  public internal(set) var root = Hash.zero

  init() {}

  /// How many uses are not settled.
  public var openCount: Int { open.count }

  /// The unsettled use of this receipt digest.
  public subscript(digest: Hash) -> UsageRecord? { open[digest] }

  /// The uses that are not on their way yet, oldest first.
  public var awaitingSettlement: [UsageRecord] {
    open.values.filter { $0.status == .reported }.sorted { $0.sequence < $1.sequence }
  }

  /// The highest sequence number that the engine has reported, nil before its first.
  public func lastSequence(of engine: Address) -> UInt64? { lastSequences[engine] }

  /// The fees of unsettled uses under an authorisation, in wei.
  public func openFees(authorization: Hash) -> UInt256 {
    open.values.reduce(UInt256.zero) { sum, record in
      record.report.receipt.authorization == authorization
        ? sum &+ record.report.receipt.fee : sum
    }
  }

  /// Adds a reported use.
  mutating func add(_ record: UsageRecord) {
    open[record.digest] = record
    lastSequences[record.report.authorization.engine] = record.report.receipt.sequence
    extendRoot(record.digest, 1)
  }

  /// Marks a use as waiting in a settlement transaction.
  mutating func markSettling(_ digest: Hash, transaction: Hash) {
    guard open[digest] != nil else { return }
    open[digest]?.status = .settling(transaction: transaction)
    settling[transaction] = digest
    extendRoot(digest, 2)
  }

  /// Takes a use out as paid, and returns it so.
  mutating func settle(
    _ digest: Hash, transaction: Hash, blockNumber: UInt64, at sequence: UInt64
  ) -> UsageRecord? {
    guard var record = open.removeValue(forKey: digest) else { return nil }
    closed.append(ClosedUse(record: record, transaction: transaction, sequence: sequence))
    settling[transaction] = nil
    record.status = .settled(transaction: transaction, blockNumber: blockNumber)
    extendRoot(digest, 3)
    return record
  }

  /// Takes out the use whose settlement transaction failed or was dropped, if there is one.
  mutating func fail(
    transaction: Hash, reason: String, at sequence: UInt64
  ) -> UsageRecord? {
    guard let digest = settling.removeValue(forKey: transaction),
      var record = open.removeValue(forKey: digest)
    else { return nil }
    closed.append(ClosedUse(record: record, transaction: transaction, sequence: sequence))
    record.status = .failed(reason: reason)
    extendRoot(digest, 4)
    return record
  }

  /// Has the use settled anew whose settlement transaction another one of the settler's has pushed
  /// out without its having been tried; returns it if there is one.
  mutating func release(transaction: Hash) -> UsageRecord? {
    guard let digest = settling.removeValue(forKey: transaction),
      open[digest]?.status == .settling(transaction: transaction)
    else { return nil }
    open[digest]?.status = .reported
    extendRoot(digest, 1)
    return open[digest]
  }

  /// Opens again what was closed after an event, and has settled anew what waits in a transaction
  /// that is gone; returns what changed, ascending by the sequence of the report.
  ///
  /// A report stands whatever becomes of the chain: it is what the engine signed.
  mutating func reopen(
    after position: UInt64, isPooled: (Hash) -> Bool
  ) -> [UsageRecord] {
    var changed: [UsageRecord] = []
    while let last = closed.last, last.sequence > position {
      closed.removeLast()
      var record = last.record
      record.status = .settling(transaction: last.transaction)
      open[record.digest] = record
      if isPooled(last.transaction) {
        settling[last.transaction] = record.digest
        changed.append(record)
      }
    }
    for (digest, record) in open {
      guard case .settling(let transaction) = record.status, !isPooled(transaction) else {
        continue
      }
      settling[transaction] = nil
      open[digest]?.status = .reported
      if let record = open[digest] { changed.append(record) }
    }
    changed.sort { $0.sequence < $1.sequence }
    for record in changed { extendRoot(record.digest, record.status == .reported ? 1 : 2) }
    return changed
  }

  /// Whether nobody has reported a use yet.
  var isUntouched: Bool { lastSequences.isEmpty }

  /// Forgets what was closed up to an event, to which the chain can no longer go back.
  mutating func forgetClosed(through sequence: UInt64) {
    guard let first = closed.first, first.sequence <= sequence else { return }
    closed.removeFirst(closed.firstIndex { $0.sequence > sequence } ?? closed.count)
  }

  private mutating func extendRoot(_ digest: Hash, _ status: UInt8) {
    root = SHA256.hash(root.bytes + digest.bytes + [status])
  }
}
