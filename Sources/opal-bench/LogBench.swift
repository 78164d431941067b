import CBareInsert
import EventLog
import Glibc
import Primitives

/// The event log beside a loop of INSERTs in C: the same columns, durability and batch size.
struct LogBench {
  private let folder: String

  init() {
    let base = Peer.environment("OPAL_BENCH_DIR") ?? ".build"
    folder = "\(base)/bench-log-\(getpid())"
  }

  func run(_ report: inout Report) {
    guard unsafe mkdir(folder, 0o755) == 0 else {
      print("\(folder): cannot be made; OPAL_BENCH_DIR names a folder on the disk to measure")
      return
    }
    defer { remove() }
    do throws(EventLogError) {
      for batch in report.isFull ? [10, 100, 1_000, 10_000] : [100, 1_000, 10_000] {
        try append(batch: batch, &report)
      }
      try verify(&report)
    } catch {
      print("\(error)")
    }
  }

  // MARK: Appending

  /// Rounds of both, in turn, so that what else the disk does falls on both.
  private func append(batch: Int, _ report: inout Report) throws(EventLogError) {
    let log = try EventLog(path: fresh(), mode: .readWrite)
    var bare = unsafe bare_insert()
    let own = Self.pageSizeInBytes
    guard unsafe bare_insert_open(&bare, fresh(), own) == 0 else { return }
    defer { unsafe bare_insert_close(&bare) }
    var ours = 0.0
    var theirs = 0.0
    var events = 0
    let rounds = 8
    let batches = max(2, min(400, 400_000 / batch) / rounds)
    for _ in 0..<rounds {
      let rows = (0..<batches).map { index in
        Self.rows(after: log.count + UInt64(index * batch), count: batch)
      }
      var start = Self.now()
      for rows in rows { try log.append(rows) }
      ours += Self.now() - start
      let payload = Bytes(repeating: 7, count: Self.payloadSizeInBytes)
      start = Self.now()
      for _ in 0..<batches {
        guard unsafe bare_insert_batch(&bare, Int32(batch), payload, Int32(payload.count)) == 0
        else { return }
      }
      theirs += Self.now() - start
      events += batches * batch
    }
    report.add(
      "append \(events) events, \(batch) a commit", ours: Double(events) / ours,
      peer: ("bare C", Double(events) / theirs), unit: "events/s",
      note: "\(Report.text(theirs / ours)) of the loop's events/s")
  }

  private static let payloadSizeInBytes = 200
  private static let pageSizeInBytes: Int32 = 16_384

  private static func rows(after last: UInt64, count: Int) -> [Row] {
    (1...UInt64(count)).map { offset in
      let sequence = last + offset
      let payload = (0..<payloadSizeInBytes).map {
        UInt8(truncatingIfNeeded: sequence &+ UInt64($0))
      }
      return Row(
        sequence: sequence, kind: 16, payload: payload,
        commitment: Hash(sequence, ~sequence, sequence &* 0x9e37_79b9_7f4a_7c15, 7))
    }
  }

  // MARK: Verifying, and memory

  private func verify(_ report: inout Report) throws(EventLogError) {
    let path = fresh()
    let log = try EventLog(path: path, mode: .readWrite, isSynced: false)
    let goal: UInt64 = 1_000_000
    var residentAtStart = 0
    while log.count < goal {
      try log.append(Self.rows(after: log.count, count: 10_000))
      if log.count == 10_000 { residentAtStart = Self.residentSizeInBytes() }
    }
    let growth = Double(Self.residentSizeInBytes() - residentAtStart) / 1_048_576
    report.add("resident memory, 10,000 to 1,000,000 events", ours: growth, unit: "MiB more")
    var once = 0.0
    var checksum: UInt8 = 0
    var sequence: UInt64 = 0
    while sequence < goal {
      let rows = Self.rows(after: sequence, count: 10_000)
      let start = Self.now()
      for row in rows { checksum &+= UInt8(truncatingIfNeeded: log.leafHash(of: row).word0) }
      once += Self.now() - start
      sequence += 10_000
    }
    let start = Self.now()
    let verification = try log.verifyTree()
    let seconds = Self.now() - start
    precondition(verification.count == goal && checksum < .max || checksum == .max)
    report.add(
      "verify the tree of 1,000,000 events", ours: seconds,
      peer: ("hashing twice", 2 * once), unit: "s")
    let again = Self.now()
    _ = try log.verify()
    report.add("verify, with the database's own soundness", ours: Self.now() - again, unit: "s")
    let opening = Self.now()
    _ = try EventLog(path: path, mode: .readOnly)
    report.add("open a log of 1,000,000 events", ours: Self.now() - opening, unit: "s")
  }

  private static func residentSizeInBytes() -> Int {
    guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard unsafe fgets(&line, 256, file) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let words = text.split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) : 0
  }

  // MARK: Files and time

  /// What passes on the wall, since the disk's time counts here.
  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func fresh() -> String {
    for number in 0... {
      let inner = "\(folder)/\(number)"
      if unsafe mkdir(inner, 0o755) == 0 { return inner + "/log.sqlite" }
    }
    return folder
  }

  private func remove() {
    for number in 0..<100 {
      let inner = "\(folder)/\(number)"
      for name in ["log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "lock"] {
        _ = unsafe unlink(inner + "/" + name)
      }
      _ = unsafe rmdir(inner)
    }
    _ = unsafe rmdir(folder)
  }
}
