import EventLog
import Execution
import Ledger
import NativeCryptography
import Node
import Primitives
import SQLite
import Testing

@Suite("A log that was tampered with")
struct TamperingTests {
  /// A log of a genesis and six transactions with their blocks, closed and in one file.
  private func place() throws -> Place {
    let place = try Place()
    let node = try place.node()
    for nonce in UInt64(0)..<6 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    node.stop()
    try place.settleFiles()
    return place
  }

  /// That opening, replay and audit all fail, and name the sequence.
  private func expectFound(_ place: Place, at sequence: UInt64, _ comment: Comment) {
    let opening = nodeError { try place.node().stop() }
    #expect(NodeTests.sequence(in: opening) == sequence, "\(comment): \(opening?.message ?? "")")
    let replay = nodeError { _ = try Replay.check(place.directory) }
    #expect(NodeTests.sequence(in: replay) == sequence, "\(comment): \(replay?.message ?? "")")
    let audit = nodeError { _ = try audited(place) }
    #expect(NodeTests.sequence(in: audit) == sequence, "\(comment): \(audit?.message ?? "")")
  }

  private func audited(_ place: Place, key: Bytes? = nil) throws -> AuditReport {
    var audit = Audit(directory: place.directory, key: key)
    return try audit.run()
  }

  @Test("one byte of a payload, flipped in the file, is found and named", arguments: [1, 4, 13])
  func flippedPayload(sequence: Int) throws {
    let place = try place()
    let rows = try place.rows()
    #expect(rows.count == 13)
    // The genesis fills pages of its own, so look for a stretch that lies in one.
    let payload = Bytes(rows[sequence - 1].payload.prefix(100))
    for index in [0, payload.count / 2, payload.count - 1] {
      let copy = try self.place()
      var altered = payload
      altered[index] ^= 0x01
      #expect(try replaceBytes(of: copy.directory.log, payload, by: altered) == 1)
      expectFound(copy, at: UInt64(sequence), "byte \(index)")
    }
  }

  @Test("one byte of a commitment is found and named", arguments: [1, 7, 13])
  func flippedCommitment(sequence: Int) throws {
    let place = try place()
    let commitment = try place.rows()[sequence - 1].commitment.bytes
    var altered = commitment
    altered[31] ^= 0x80
    #expect(try replaceBytes(of: place.directory.log, commitment, by: altered) >= 1)
    let opening = nodeError { try place.node().stop() }
    #expect(opening?.message.contains("event \(sequence)") == true, "\(opening?.message ?? "")")
    let replay = nodeError { _ = try Replay.check(place.directory) }
    #expect(NodeTests.sequence(in: replay) == UInt64(sequence))
  }

  @Test("a row that is changed or deleted by SQL is found and named")
  func sql() throws {
    let cases: [(sql: String, sequence: UInt64)] = [
      ("UPDATE event SET kind = 17 WHERE sequence = 4", 4),
      ("UPDATE event SET kind = 999 WHERE sequence = 4", 4),
      ("UPDATE event SET payload = x'' WHERE sequence = 9", 9),
      ("DELETE FROM event WHERE sequence = 5", 5),
      (
        "UPDATE event SET payload = (SELECT payload FROM event WHERE sequence = 4) "
          + "WHERE sequence = 6", 6
      ),
    ]
    for (sql, sequence) in cases {
      let place = try place()
      try alter(place.directory.log, sql)
      expectFound(place, at: sequence, "\(sql)")
    }
  }

  @Test("the database itself refuses to change, replace or delete a row")
  func triggers() throws {
    let place = try place()
    for sql in [
      "UPDATE event SET kind = 1 WHERE sequence = 4", "DELETE FROM event WHERE sequence = 4",
      "REPLACE INTO event SELECT * FROM event WHERE sequence = 4",
      "INSERT INTO event SELECT 14, kind, payload, commitment FROM event WHERE sequence = 4",
      "DELETE FROM checkpoint", "UPDATE leaf SET hashes = zeroblob(length(hashes))",
    ] {
      #expect(throws: SQLiteError.self, "\(sql)") {
        try Connection(path: place.directory.log, mode: .readWrite).execute(sql)
      }
    }
    #expect(try audited(place).events == 13)
  }

  @Test("a log without its triggers is refused")
  func withoutTriggers() throws {
    let place = try place()
    let name = try #require(
      try Connection(path: place.directory.log, mode: .readOnly)
        .text("SELECT name FROM sqlite_schema WHERE type = 'trigger' LIMIT 1"))
    try alter(place.directory.log, "DROP TRIGGER \(name)")
    for attempt in [
      nodeError { try place.node().stop() }, nodeError { _ = try Replay.check(place.directory) },
      nodeError { _ = try audited(place) },
    ] {
      #expect(attempt?.message.contains("log.sqlite: not an event log") == true)
    }
  }

  @Test("a log that was cut short is refused", arguments: [0, 1, 100, 16_384, 50_000, 80_000])
  func truncated(sizeInBytes: Int) throws {
    let place = try place()
    let whole = try Files.read(place.directory.log)
    try #require(whole.count > sizeInBytes)
    try Files.write(Bytes(whole.prefix(sizeInBytes)), to: place.directory.log)
    for attempt in [
      nodeError { try place.node().stop() }, nodeError { _ = try Replay.check(place.directory) },
      nodeError { _ = try audited(place) },
    ] {
      #expect(attempt?.message.contains(place.directory.log) == true, "\(attempt?.message ?? "")")
    }
  }

  @Test("the last rows, cut away with all that speaks of them but the checkpoint, are missed")
  func rolledBack() throws {
    let place = try place()
    try alter(
      place.directory.log,
      "DELETE FROM event WHERE sequence > 9; DELETE FROM leaf WHERE sequence > 9")
    let audit = nodeError { _ = try audited(place) }
    #expect(audit?.message.contains("checkpoint of 13 events") == true, "\(audit?.message ?? "")")
    let opening = nodeError { try place.node().stop() }
    #expect(opening?.message.contains("checkpoint of 13 events") == true)
  }

  @Test("a history that was written anew is found by its commitments")
  func rewritten() throws {
    // A forger with all the tools: a log of its own with the tree and its own signature, but who
    // pays one wei more, without executing what follows.
    let place = try place()
    let rows = try place.rows()
    let forgery = try Place()
    try Files.makeDirectory(forgery.directory.path)
    do {
      let log = try EventLog(path: forgery.directory.log, mode: .readWrite)
      var forged = rows
      let event = Event.transactionAccepted(
        TransactionAcceptance(layer: .two, encoded: transfer(nonce: 1, value: 2).encoded))
      forged[3].payload = event.payload
      try log.append(forged)
      let key = try forgery.directory.nodeKey()
      _ = try log.writeCheckpoint(
        publicKey: key.publicKey, provider: NativeCryptographyProvider.shared, sign: key.sign)
    }
    let error = nodeError { _ = try audited(forgery) }
    guard case .mismatch(4, "commitment", let recorded, let replayed)? = error else {
      Issue.record("\(error?.message ?? "")")
      return
    }
    #expect(recorded == rows[3].commitment.hexadecimal)
    #expect(replayed != recorded)
    #expect(throws: NodeError.self) { try forgery.node() }
  }

  @Test("a checkpoint's altered signature is found, and so is an altered root")
  func checkpoint() throws {
    for change in [
      "signature = substr(signature, 1, 10) || x'00' || substr(signature, 12)",
      "signature = zeroblob(65)", "signature = x'01'", "root = zeroblob(32)", "scheme = 9",
      "key = zeroblob(64)",
    ] {
      let place = try place()
      let last = try #require(try place.log().latestCheckpoint()?.size)
      try alter(
        place.directory.log,
        "UPDATE checkpoint SET \(change.replacingCast) WHERE sequence = \(last)")
      let error = nodeError { _ = try audited(place) }
      #expect(NodeTests.sequence(in: error) == last, "\(change): \(error?.message ?? "")")
    }
  }

  @Test("an audit says whose key signed, and refuses another than the one that was pinned")
  func pinnedKey() throws {
    let place = try place()
    let key = try place.directory.nodeKey().publicKey
    let report = try audited(place)
    #expect(report.events == 13)
    #expect(report.checkpointSize == 13)
    #expect(report.checkpointKey == key)
    #expect(try audited(place, key: key).checkpointKey == key)
    let other = PrivateKey.random().publicKey
    let error = nodeError { _ = try audited(place, key: other) }
    guard case .mismatch(_, "checkpoint key", let recorded, let replayed)? = error else {
      Issue.record("\(error?.message ?? "")")
      return
    }
    #expect(recorded == Hexadecimal.encodePrefixed(key))
    #expect(replayed == Hexadecimal.encodePrefixed(other))
    // Without any checkpoint a pinned key has signed nothing.
    try alter(place.directory.log, "DELETE FROM checkpoint")
    #expect(try audited(place).checkpointSize == 0)
    let missing = nodeError { _ = try audited(place, key: key) }
    #expect(missing?.message.contains("no signed checkpoint") == true)
  }

  @Test("a directory without a log is named")
  func missing() throws {
    let place = try Place()
    let audit = nodeError { _ = try audited(place) }
    #expect(audit?.message.contains(place.directory.path) == true)
    let replay = nodeError { _ = try Replay.check(place.directory) }
    #expect(replay?.message.contains(place.directory.log) == true)
  }

  @Test("a replay of a part is bounded by what the log has")
  func parts() throws {
    let place = try place()
    #expect(try Replay.check(place.directory, from: 5, to: 8).progress.events == 4)
    #expect(try Replay.check(place.directory, to: 8).progress.events == 8)
    #expect(try Replay.check(place.directory, from: 14).progress.events == 0)
    for (from, to) in [(UInt64(0), UInt64(3)), (1, 14), (9, 7), (15, 13), (.max, 3), (1, .max)] {
      let error = nodeError { _ = try Replay.check(place.directory, from: from, to: to) }
      #expect(error?.message.contains("13 events") == true)
    }
  }
}

extension String {
  /// The `||` of SQL gives text, and a strict table wants bytes.
  fileprivate var replacingCast: String {
    guard contains("||"), let split = firstIndex(of: "=") else { return self }
    return self[...split] + " CAST(" + self[index(after: split)...] + " AS BLOB)"
  }
}
