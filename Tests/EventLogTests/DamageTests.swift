import EventLog
import Primitives
import SQLite
import TestSupport
import Testing

@Suite("A damaged event log")
struct DamageTests {
  /// The sequence that verifying, replaying and reading each name, or nil where none does.
  private func named(_ path: String, _ body: (EventLog) throws -> Void) -> UInt64? {
    do {
      try body(try EventLog(path: path, mode: .readOnly))
      return nil
    } catch EventLogError.corrupt(_, let sequence, _) {
      return sequence
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }

  @Test("an altered column of an event is found and named by its sequence")
  func columns() throws {
    for sequence in [UInt64(1), 100, 256, 257, 560] {
      for change in [
        "payload = CAST(substr(payload, 1, 10) || x'ff' || substr(payload, 12) AS BLOB)",
        "payload = x''", "kind = kind + 1", "commitment = zeroblob(32)",
      ] {
        try withLog(560) { path in
          try tamper(path, "UPDATE event SET \(change) WHERE sequence = \(sequence)")
          #expect(named(path) { _ = try $0.verify() } == sequence, "\(change)")
          #expect(named(path) { try $0.forEachRow { _ in } } == sequence, "\(change)")
          #expect(named(path) { _ = try $0.row(at: sequence) } == sequence, "\(change)")
        }
      }
    }
  }

  @Test("a missing event, leaf run or tile is found and named")
  func missing() throws {
    let cases: [(String, UInt64)] = [
      ("DELETE FROM event WHERE sequence = 1", 1), ("DELETE FROM event WHERE sequence = 300", 300),
      ("UPDATE event SET sequence = 562 WHERE sequence = 560", 560),
      ("DELETE FROM leaf WHERE sequence = 101", 101),
      ("DELETE FROM leaf WHERE sequence = 501", 501),
      ("DELETE FROM tile WHERE number = 0", 1), ("DELETE FROM tile WHERE number = 1", 257),
      ("UPDATE tile SET root = zeroblob(32) WHERE number = 1", 257),
      ("INSERT INTO tile VALUES (2, zeroblob(32))", 513),
      ("INSERT INTO leaf VALUES (700, zeroblob(32))", 561),
      ("INSERT INTO event VALUES (561, 1, x'', zeroblob(32))", 561),
    ]
    for (change, sequence) in cases {
      try withLog(560) { path in
        try tamper(path, change)
        let found = named(path) { _ = try $0.verify() }
        #expect(found == sequence, "\(change)")
      }
    }
  }

  @Test("an event far out of its place is found")
  func farOut() throws {
    try withLog(560) { path in
      try tamper(path, "UPDATE event SET sequence = \(Int64.max) WHERE sequence = 560")
      #expect(named(path) { _ = try $0.verify() } == 513)
    }
  }

  @Test("a log cut off anywhere is refused, or still whole")
  func truncation() throws {
    try withLog(560) { path in
      let whole = try readFile(path)
      for numerator in 0..<24 {
        let size = whole.count * numerator / 24 + numerator % 3
        try writeFile(path, Array(whole[..<size]))
        #expect(throws: EventLogError.self, "cut to \(size) of \(whole.count)") {
          let log = try EventLog(path: path, mode: .readWrite)
          _ = try log.verify()
        }
      }
    }
  }

  /// Finds every flip that matters.
  ///
  /// A flipped bit may lie where nothing is read from, in free space or a counter: then all must be
  /// as it was. Otherwise it must be found. What may not happen is another content without a word.
  @Test("a flipped bit is found, or changes nothing", arguments: [1, 2, 3] as [UInt64])
  func flippedBits(seed: UInt64) throws {
    try withLog(400, batch: 50) { path in
      do {
        let log = try EventLog(path: path, mode: .readWrite)
        _ = try log.writeCheckpoint(
          publicKey: ToyProvider.publicKey, provider: ToyProvider(), sign: ToyProvider.sign)
      }
      let whole = try readFile(path)
      var random = seed &* 0x9e37_79b9_7f4a_7c15
      var found = 0
      for round in 0..<120 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // Every other flip hits the header and the schema, which are small.
        let span = round % 2 == 0 ? whole.count : min(whole.count, 2 * 16_384)
        let place = Int((random >> 20) % UInt64(span))
        var altered = whole
        altered[place] ^= 1 << UInt8(random >> 17 & 7)
        try writeFile(path, altered)
        if try !isWhole(path) { found += 1 }
        for suffix in ["-wal", "-shm"] { removeFile(path + suffix) }
      }
      #expect(found > 10)
    }
  }

  /// Whether a log verifies; if it does, whether its rows are those that were written is expected.
  private func isWhole(_ path: String) throws -> Bool {
    do throws(EventLogError) {
      let log = try EventLog(path: path, mode: .readOnly)
      let verification = try log.verify(provider: ToyProvider())
      #expect(verification.count == 400)
      #expect(verification.checkpoints.count == 1)
      var expected: UInt64 = 1
      try log.forEachRow { row in
        if row != sampleRow(expected) { Issue.record("row \(expected) differs without a word") }
        expected += 1
      }
      return true
    } catch {
      return false
    }
  }
}
