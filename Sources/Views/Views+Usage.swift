import Contracts
import Ledger
import Primitives
import SQLite

extension Views {
  /// Writes a use, or its new status.
  func write(_ record: UsageRecord) throws(ViewsError) {
    let status = UsageStatusColumns(record.status)
    // A use whose settlement was pushed out is waiting once more, and was counted before.
    var isFirst = record.status == .reported
    if isFirst { isFirst = try connection.usage(digest: record.digest) == nil }
    do throws(SQLiteError) {
      try connection.replace(
        Schema.usage, .sequence(record.sequence), .hash(record.digest),
        .integer(status.number), status.settlement.map(Value.hash) ?? .null,
        status.block.map(Value.sequence) ?? .null, status.reason.map(Value.text) ?? .null,
        .bytes(Event.usageReported(record.report).payload))
      guard isFirst else { return }
      try connection.insert(
        Schema.usageIndex, .integer(UsageSubject.digestKind), .hash(record.digest),
        .sequence(record.sequence))
      for subject in UsageSubject.all(of: record.report) {
        try connection.insert(
          Schema.usageIndex, .integer(subject.kind), .bytes(subject.bytes),
          .sequence(record.sequence))
      }
    } catch {
      throw ViewsError(error)
    }
    for subject in UsageSubject.all(of: record.report) {
      try addToSums(of: subject) { sums in
        sums.reportedCount += 1
        if case .contributor = subject { return }
        sums.reportedAmount = sums.reportedAmount &+ record.report.receipt.fee
      }
    }
  }

  /// Changes the sums of a subject.
  func addToSums(
    of subject: UsageSubject, _ change: (inout BillingSums) -> Void
  ) throws(ViewsError) {
    var sums = try connection.billing(of: subject) ?? BillingSums(subject: subject)
    change(&sums)
    try ViewsError.wrapping { () throws(SQLiteError) in
      try connection.replace(
        Schema.billing, .integer(subject.kind), .bytes(subject.bytes),
        .sequence(sums.reportedCount), .wei(sums.reportedAmount), .sequence(sums.settledCount),
        .wei(sums.settledAmount), .wei(sums.claimedAmount))
    }
  }
}

/// A status as the columns of a row.
struct UsageStatusColumns {
  var number: Int64
  var settlement: Hash?
  var block: UInt64?
  var reason: String?

  init(_ status: UsageStatus) {
    switch status {
    case .reported: number = 0
    case .settling(let transaction):
      number = 1
      settlement = transaction
    case .settled(let transaction, let blockNumber):
      number = 2
      settlement = transaction
      block = blockNumber
    case .failed(let reason):
      number = 3
      self.reason = reason
    }
  }

  init(number: Int64, settlement: Hash?, block: UInt64?, reason: String?) {
    self.number = number
    self.settlement = settlement
    self.block = block
    self.reason = reason
  }

  /// The status; nil if the columns are none that a status gives.
  var status: UsageStatus? {
    switch (number, settlement, block, reason) {
    case (0, nil, nil, nil): .reported
    case (1, let transaction?, nil, nil): .settling(transaction: transaction)
    case (2, let transaction?, let block?, nil):
      .settled(transaction: transaction, blockNumber: block)
    case (3, nil, nil, let reason?): .failed(reason: reason)
    default: nil
    }
  }
}
