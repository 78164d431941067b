import Contracts
import Cryptography
import EVM
import EventLog
import Execution
import Glibc
import Ledger
import NativeCryptography
import Primitives

/// What an audit has found to be in order.
public struct AuditReport: Sendable {
  /// Events whose commitments a replay arrived at.
  public var events: UInt64 = 0
  /// The root of the tree over them.
  public var root = Hash.zero
  /// How many of them the last signed checkpoint covers.
  public var checkpointSize: UInt64 = 0
  /// Whose signature that is, as 64 bytes x ‖ y; empty without a checkpoint.
  public var checkpointKey: Bytes = []
  /// How many checkpoints there are.
  public var checkpoints = 0
  /// Usage reports whose two signatures and attribution root are right.
  public var usageReports: UInt64 = 0
  /// Receipts that were paid, each once.
  public var receiptsPaid: UInt64 = 0
  /// Receipts that somebody settled on chain without a report in the log.
  public var receiptsPaidUnreported: UInt64 = 0
  /// What was charged for them, in wei.
  public var charged = UInt256.zero
  /// The safe chain, derived again from L1; nil for a chain that is no rollup.
  public var derivation: DerivationReport?
}

/// A receipt that was paid, and in which block.
private struct Payment {
  var receipt: Hash
  var charged: UInt256
  var number: UInt64
  var isReported: Bool
}

/// Goes through a log with nobody's word taken: tree, checkpoints, signatures, replay, payments.
public struct Audit {
  private let directory: DataDirectory
  private let key: Bytes?
  private var report = AuditReport()
  private var reported: Set<Hash> = []
  private var paid: Set<Hash> = []
  /// What was paid in which block, oldest first, since blocks can be abandoned.
  private var payments: [Payment] = []

  /// An audit of a data directory; with `key` (64 bytes x ‖ y), the checkpoints must be by it.
  public init(directory: DataDirectory, key: Bytes?) {
    self.directory = directory
    self.key = key
  }

  /// Runs the audit.
  ///
  /// - Throws: ``NodeError`` at the first thing that is not in order, naming the sequence.
  public mutating func run(
    progress: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) -> AuditReport {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    let log = try openLog()
    try checkTree(log)
    var replay = Replay(
      lastSequence: log.count, content: ContentStore(reading: directory.content),
      states: ForkStore(reading: directory.fork))
    var derivation: RollupAudit? = RollupAudit()
    var cursor = try Audit.reading { () throws(EventLogError) in try log.rows() }
    while let row = try Audit.next(&cursor) {
      let domain = replay.world.usageDomain
      let (event, consequences) = try replay.apply(row)
      // A rollup is declared right after its genesis.
      if row.sequence == 2, replay.world.rollup == nil { derivation = nil }
      derivation?.take(event, consequences)
      if case .usageReported(let usage) = event {
        try check(usage, domain: domain, sequence: row.sequence)
      }
      try checkPayments(consequences, sequence: row.sequence)
      if row.sequence % 1_024 == 0 { progress(replay.progress) }
    }
    report.events = replay.progress.events
    if let rollup = replay.world.rollup {
      report.derivation = try derivation?.run(
        rollup, store: ContentStore(reading: directory.content), threads: Audit.coreCount)
    }
    return report
  }

  private static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private func openLog() throws(NodeError) -> EventLog {
    try Audit.reading { () throws(EventLogError) in
      try EventLog(path: directory.log, mode: .readOnly)
    }
  }

  private mutating func checkTree(_ log: EventLog) throws(NodeError) {
    try KeptCheckpoint.check(log, path: directory.checkpoint)
    let verification = try Audit.reading { () throws(EventLogError) in
      try log.verify(provider: NativeCryptographyProvider.shared)
    }
    report.root = verification.root
    report.checkpoints = verification.checkpoints.count
    for checkpoint in verification.checkpoints {
      if let key, checkpoint.publicKey != key {
        throw .mismatch(
          sequence: checkpoint.size, field: "checkpoint key",
          recorded: Hexadecimal.encodePrefixed(checkpoint.publicKey),
          replayed: Hexadecimal.encodePrefixed(key))
      }
    }
    guard let last = verification.checkpoints.last else {
      if key != nil { throw .log("\(directory.log): there is no signed checkpoint") }
      return
    }
    report.checkpointSize = last.size
    report.checkpointKey = last.publicKey
  }

  private mutating func check(
    _ usage: UsageReport, domain: UsageDomain?, sequence: UInt64
  ) throws(NodeError) {
    guard let domain else { throw .log("event \(sequence): a use before there is a chain") }
    do throws(UsageRefusal) {
      try usage.check(domain: domain, provider: NativeCryptographyProvider.shared)
    } catch {
      throw .log("event \(sequence): usage report: \(error.message)")
    }
    guard reported.insert(usage.receipt.digest(domain)).inserted else {
      throw .log("event \(sequence): a receipt is reported twice")
    }
    report.usageReports += 1
  }

  private mutating func checkPayments(
    _ consequences: [Consequence], sequence: UInt64
  ) throws(NodeError) {
    for consequence in consequences {
      switch consequence {
      case .extended(.two, let outcome):
        for log in outcome.receipts.flatMap(\.logs)
        where log.address == AttributionContract.address {
          guard let settled = UsageSettled(topics: log.topics, data: log.data) else { continue }
          try count(settled, number: outcome.block.header.number, sequence: sequence)
        }
      case .reset(.two, let number, _): undoPayments(after: number)
      default: break
      }
    }
  }

  private mutating func count(
    _ settled: UsageSettled, number: UInt64, sequence: UInt64
  ) throws(NodeError) {
    guard paid.insert(settled.receipt).inserted else {
      throw .log(
        "event \(sequence): receipt \(settled.receipt.hexadecimal) is paid a second time")
    }
    let isReported = reported.contains(settled.receipt)
    payments.append(
      Payment(
        receipt: settled.receipt, charged: settled.charged, number: number,
        isReported: isReported))
    report.receiptsPaid += 1
    report.charged = report.charged &+ settled.charged
    if !isReported { report.receiptsPaidUnreported += 1 }
  }

  /// Forgets the payments of abandoned blocks: they were not made, and may be made again.
  private mutating func undoPayments(after number: UInt64) {
    while let last = payments.last, last.number > number {
      payments.removeLast()
      paid.remove(last.receipt)
      report.receiptsPaid -= 1
      report.charged = report.charged &- last.charged
      if !last.isReported { report.receiptsPaidUnreported -= 1 }
    }
  }

  private static func reading<Value: ~Copyable>(
    _ body: () throws(EventLogError) -> Value
  ) throws(NodeError) -> Value {
    do throws(EventLogError) {
      return try body()
    } catch {
      throw .log("\(error)")
    }
  }

  static func next(_ cursor: inout RowCursor) throws(NodeError) -> Row? {
    do throws(EventLogError) {
      return try cursor.nextRow()
    } catch {
      throw .log("\(error)")
    }
  }
}
