import Cryptography
import EventLog
import Execution
import Ledger
import Node
import Primitives

/// `opal replay` as a process of its own, on logs of blocks of signed transfers: how fast, with how
/// much memory, and how both grow with the log.
///
/// The peer is the least that a replay must do: libsecp256k1 called bare for each signature, and our
/// own Keccak-256 of what must be hashed (see `BlocksBench`), on one thread. The logs are made once
/// and kept in the bench's cache.
struct ReplayBench {
  /// Blocks of one size, in logs of several lengths.
  struct Shape {
    /// Transfers of a block.
    let transactions: Int
    /// How many blocks are replayed, ascending.
    let blockCounts: [Int]

    func name(_ count: Int) -> String {
      "\(Report.grouped(count)) blocks of \(Report.grouped(transactions))"
    }
  }

  private static let gasPerTransfer = 21_000.0

  func run(_ report: inout Report) {
    guard let program = Peer.environment("OPAL_BENCH_PROGRAM"),
      let cache = Peer.environment("OPAL_CACHE")
    else { return report.remark("OPAL_BENCH_PROGRAM and OPAL_CACHE must be set; see tools/bench") }
    for shape in shapes(report)
    where shape.blockCounts.contains(where: { wants($0, shape, report) }) {
      let log = ReplayLog(transactionsPerBlock: shape.transactions, in: cache)
      guard let longest = shape.blockCounts.max(), prepare(log, blockCount: longest, report) else {
        report.fail("the log of blocks of \(shape.transactions) could not be made")
        continue
      }
      measure(shape, log, program, &report)
    }
  }

  private func wants(_ count: Int, _ shape: Shape, _ report: Report) -> Bool {
    report.wants(shape.name(count))
  }

  private func shapes(_ report: Report) -> [Shape] {
    let counts = report.numbers("--blocks").sorted()
    let sizes = report.numbers("--transactions")
    if !counts.isEmpty || !sizes.isEmpty {
      return (sizes.isEmpty ? [100] : sizes).map {
        Shape(transactions: $0, blockCounts: counts.isEmpty ? [100, 1_000] : counts)
      }
    }
    guard report.isFull else { return [Shape(transactions: 100, blockCounts: [100, 1_000])] }
    return [
      Shape(transactions: 1_000, blockCounts: [1_000, 10_000]),
      Shape(transactions: 10, blockCounts: [1_000, 10_000, 100_000]),
    ]
  }

  /// Has another process make a log that is not there, since this one is to have little memory when
  /// it starts those that are measured.
  private func prepare(_ log: ReplayLog, blockCount: Int, _ report: Report) -> Bool {
    if log.holds(blockCount) { return true }
    report.remark("making \(log.folder), \(blockCount) blocks")
    let words = ["/proc/self/exe", Self.makingWord, "\(log.transactionsPerBlock)", "\(blockCount)"]
    return ChildProcess(words)?.exitCode == 0 && log.holds(blockCount)
  }

  /// The word with which this program makes a log instead of measuring.
  static let makingWord = "make-replay-log"

  /// Makes the log that the words ask for, and returns the exit code.
  static func make(_ words: [String]) -> Int32 {
    let numbers = words.compactMap { Int($0) }
    guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0,
      let cache = Peer.environment("OPAL_CACHE")
    else { return 2 }
    let report = Report(suite: "replay", format: .json, isFull: false)
    let log = ReplayLog(transactionsPerBlock: numbers[0], in: cache)
    return log.make(blockCount: numbers[1], report) ? 0 : 1
  }

  // MARK: Measuring

  private func measure(
    _ shape: Shape, _ log: ReplayLog, _ program: String, _ report: inout Report
  ) {
    var runs: [(count: Int, process: ChildProcess)] = []
    for count in shape.blockCounts where wants(count, shape, report) {
      let last = log.sequence(ofBlock: count)
      guard
        let process = ChildProcess(
          [program, "replay", "--datadir", log.folder, "--to", "\(last)"]),
        process.exitCode == 0,
        process.output.contains(" \(count * shape.transactions) transactions: every commitment")
      else {
        report.fail("the replay of \(shape.name(count)) failed")
        continue
      }
      runs.append((count, process))
    }
    let bare = BareReplay(log, report)
    for (count, process) in runs { tell(process, shape, count, bare, &report) }
    guard let first = runs.first, let last = runs.last, first.count < last.count else { return }
    let range =
      "from \(Report.grouped(first.count)) to \(Report.grouped(last.count)) blocks of "
      + Report.grouped(shape.transactions)
    report.add(
      "time, \(range)",
      ours: Report.exponent(runs.map { (Double($0.count), $0.process.seconds) }),
      unit: "exponent", note: "time = c * blocks^exponent")
    report.add(
      "peak memory, \(range)",
      ours: megabytes(last.process.peakSizeInBytes - first.process.peakSizeInBytes),
      unit: "MiB more")
  }

  private func tell(
    _ process: ChildProcess, _ shape: Shape, _ count: Int, _ bare: BareReplay?,
    _ report: inout Report
  ) {
    let name = shape.name(count)
    let transactions = Double(count * shape.transactions)
    report.add(
      name, ours: transactions / process.seconds,
      peer: bare.map { ("recovery and Keccak", 1 / $0.secondsPerTransaction) },
      unit: "transactions/s",
      note: "\(Report.text(process.seconds)) s, of the processors "
        + "\(Report.text(process.processorSeconds)) s")
    report.add(
      name + ", gas", ours: transactions * Self.gasPerTransfer / process.seconds / 1e6,
      unit: "Mgas/s")
    report.add(
      name + ", peak memory", ours: megabytes(process.peakSizeInBytes), unit: "MiB")
  }

  private func megabytes(_ size: Int) -> Double { Double(size) / 1_048_576 }
}

/// What a transaction of a log costs at least, on one thread.
struct BareReplay {
  /// Recovering the signer, and the transaction's part of what its block must hash.
  let secondsPerTransaction: Double

  /// The transactions that are measured.
  private static let count = 5_000

  /// Measures the first blocks of a log; nil if they cannot be replayed.
  init?(_ log: ReplayLog, _ report: Report) {
    guard let bare = BareSecp256k1() else { return nil }
    let blockCount = max(3, Self.count / log.transactionsPerBlock)
    let last = log.sequence(ofBlock: blockCount)
    var replay = Replay(lastSequence: last)
    var signatures: [(hash: Bytes, compact: Bytes, parity: Int32)] = []
    var inputs: [Bytes] = []
    do {
      let rows = try EventLog(path: log.path, mode: .readOnly)
      try rows.forEachRow(from: 1, through: min(last, rows.count)) { row in
        guard let applied = try? replay.apply(row) else { return }
        for case .extended(_, let outcome) in applied.consequences {
          let encoded = outcome.encodedTransactions
          signatures += BlockOfTransactions.signatures(encoded)
          inputs += BlockOfTransactions.mustHash(encoded, outcome)
        }
      }
    } catch {
      return nil
    }
    guard !signatures.isEmpty else { return nil }
    let seconds = Report.seconds(runs: 3) {
      for (hash, compact, parity) in signatures {
        _ = bare.recover(hash, compact: compact, recovery: parity)
      }
      for input in inputs { _ = Keccak256.hash(input) }
    }
    secondsPerTransaction = seconds / Double(signatures.count)
  }
}
