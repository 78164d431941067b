import Contracts
import Ledger
import Primitives
import SQLite

/// A use as the views hold it: a ``UsageRecord`` once more.
public struct StoredUsage: Hashable, Sendable {
  /// The EIP-712 digest of the receipt, by which a use is known.
  public var digest: Hash
  /// The log sequence at which it was reported.
  public var sequence: UInt64
  /// What was reported.
  public var report: UsageReport
  /// Where it stands.
  public var status: UsageStatus
}

extension Connection {
  /// The sums of a subject, if there was ever anything to sum.
  func billing(of subject: UsageSubject) throws(ViewsError) -> BillingSums? {
    let query = try ViewsError.wrapping { () throws(SQLiteError) in
      let query = try cached(
        "SELECT kind, subject, reported_count, reported_amount, settled_count, settled_amount, "
          + "claimed_amount FROM billing WHERE kind = ?1 AND subject = ?2")
      try query.bind([.integer(subject.kind), .bytes(subject.bytes)])
      return query
    }
    return try nextSums(query)
  }

  /// The sums in the next row, if there is one.
  func nextSums(_ row: borrowing Statement) throws(ViewsError) -> BillingSums? {
    let read = try ViewsError.wrapping { () throws(SQLiteError) -> BillingSums?? in
      guard try row.step() else { return .some(nil) }
      guard let subject = UsageSubject(kind: try row.int64(0), bytes: try row.blob(1)) else {
        return nil
      }
      var sums = BillingSums(subject: subject)
      sums.reportedCount = UInt64(bitPattern: try row.int64(2))
      sums.settledCount = UInt64(bitPattern: try row.int64(4))
      guard let reported = Hash(checking: try row.blob(3)),
        let settled = Hash(checking: try row.blob(5)), let claimed = Hash(checking: try row.blob(6))
      else { return nil }
      sums.reportedAmount = UInt256(reported)
      sums.settledAmount = UInt256(settled)
      sums.claimedAmount = UInt256(claimed)
      return .some(sums)
    }
    guard let sums = read else { throw .needsRebuild(reason: "a row of billing is malformed") }
    return sums
  }

  /// The use of a receipt digest.
  func usage(digest: Hash) throws(ViewsError) -> StoredUsage? {
    let query = try ViewsError.wrapping { () throws(SQLiteError) in
      let query = try cached(
        Self.usageColumns
          + "WHERE sequence = (SELECT sequence FROM usage_index WHERE kind = ?1 AND subject = ?2)")
      try query.bind([.integer(UsageSubject.digestKind), .hash(digest)])
      return query
    }
    return try nextUsage(query)
  }

  static var usageColumns: String {
    "SELECT sequence, digest, status, settlement, block, reason, report FROM usage "
  }

  /// The use in the next row, if there is one.
  func nextUsage(_ row: borrowing Statement) throws(ViewsError) -> StoredUsage? {
    let read = try ViewsError.wrapping { () throws(SQLiteError) -> StoredUsage?? in
      guard try row.step() else { return .some(nil) }
      let columns = UsageStatusColumns(
        number: try row.int64(2),
        settlement: row.isNull(3) ? nil : Hash(checking: try row.blob(3)),
        block: row.isNull(4) ? nil : UInt64(bitPattern: try row.int64(4)),
        reason: row.isNull(5) ? nil : try row.text(5))
      guard let digest = Hash(checking: try row.blob(1)), let status = columns.status,
        let report = Self.report(in: try row.blob(6))
      else { return nil }
      return .some(
        StoredUsage(
          digest: digest, sequence: UInt64(bitPattern: try row.int64(0)), report: report,
          status: status))
    }
    guard let usage = read else { throw .needsRebuild(reason: "a row of usage is malformed") }
    return usage
  }

  private static func report(in payload: Bytes) -> UsageReport? {
    let kind = Event.Kind.usageReported.rawValue
    guard case .usageReported(let report)? = try? Event.decode(kind: kind, payload: payload)
    else { return nil }
    return report
  }
}
