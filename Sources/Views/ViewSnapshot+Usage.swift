import Primitives
import SQLite

extension ViewSnapshot {
  /// The use of a receipt digest.
  public func usage(digest: Hash) throws(ViewsError) -> StoredUsage? {
    try connection.usage(digest: digest)
  }

  /// The uses of a subject, or of all, latest first.
  ///
  /// A page has at most `limit`; the next one is what comes `before` the last one's sequence.
  public func usages(
    of subject: UsageSubject?, before sequence: UInt64 = .max, limit: Int
  ) throws(ViewsError) -> [StoredUsage] {
    let query = try ViewsError.wrapping { () throws(SQLiteError) in
      try usageQuery(subject, .integer(Int64(clamping: sequence)), .integer(Int64(clamping: limit)))
    }
    var usages: [StoredUsage] = []
    while let usage = try connection.nextUsage(query) { usages.append(usage) }
    return usages
  }

  private func usageQuery(
    _ subject: UsageSubject?, _ bound: Value, _ limit: Value
  ) throws(SQLiteError) -> Statement {
    guard let subject else {
      let query = try connection.cached(
        Connection.usageColumns + "WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2")
      try query.bind([bound, limit])
      return query
    }
    let query = try connection.cached(
      Connection.usageColumns
        + "WHERE sequence IN (SELECT sequence FROM usage_index WHERE kind = ?1 "
        + "AND subject = ?2 AND sequence < ?3 ORDER BY sequence DESC LIMIT ?4) "
        + "ORDER BY sequence DESC")
    try query.bind([.integer(subject.kind), .bytes(subject.bytes), bound, limit])
    return query
  }

  /// The sums of a subject; nil if nothing was ever reported, charged or credited.
  public func billing(of subject: UsageSubject) throws(ViewsError) -> BillingSums? {
    try connection.billing(of: subject)
  }

  /// The sums of all subjects, ascending by kind (payer, engine, model, contributor, owner) and
  /// bytes.
  ///
  /// A page has at most `limit`; the next one is what comes `after` the last one's subject.
  public func billing(
    after subject: UsageSubject? = nil, limit: Int
  ) throws(ViewsError) -> [BillingSums] {
    let query = try ViewsError.wrapping { () throws(SQLiteError) in
      let query = try connection.cached(
        "SELECT kind, subject, reported_count, reported_amount, settled_count, settled_amount, "
          + "claimed_amount FROM billing WHERE (kind, subject) > (?1, ?2) "
          + "ORDER BY kind, subject LIMIT ?3")
      try query.bind([
        .integer(subject?.kind ?? 0), .bytes(subject?.bytes ?? []),
        .integer(Int64(clamping: limit)),
      ])
      return query
    }
    var sums: [BillingSums] = []
    while let next = try connection.nextSums(query) { sums.append(next) }
    return sums
  }
}
