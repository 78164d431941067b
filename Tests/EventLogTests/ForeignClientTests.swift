import EventLog
import Primitives
import SQLite
import TestSupport
import Testing

@Suite("Other programs at the event log")
struct ForeignClientTests {
  private static let row = "1, x'', zeroblob(32)"

  @Test(
    "the database refuses every change, whatever the connection's settings",
    arguments: [
      "", "PRAGMA recursive_triggers = ON;", "PRAGMA recursive_triggers = OFF;",
      "PRAGMA foreign_keys = ON; PRAGMA ignore_check_constraints = ON;",
    ])
  func changes(settings: String) throws {
    try withLog(300) { path in
      let before = try EventLog(path: path, mode: .readOnly).verify()
      let changes = [
        "UPDATE event SET kind = 2", "UPDATE event SET sequence = 900 WHERE sequence = 300",
        "UPDATE OR REPLACE event SET sequence = 1 WHERE sequence = 2",
        "DELETE FROM event", "DELETE FROM event WHERE sequence = 300",
        "REPLACE INTO event VALUES (7, \(Self.row))",
        "INSERT OR REPLACE INTO event VALUES (300, \(Self.row))",
        "INSERT OR IGNORE INTO event VALUES (7, \(Self.row))",
        "INSERT INTO event VALUES (7, \(Self.row)) ON CONFLICT DO UPDATE SET kind = 3",
        "INSERT INTO event VALUES (301, \(Self.row))",
        "INSERT INTO event VALUES (302, \(Self.row))",
        "INSERT INTO event VALUES (-1, \(Self.row))",
        "INSERT INTO event VALUES (NULL, \(Self.row))",
        "INSERT INTO event(kind, payload, commitment) VALUES (\(Self.row))",
        "DELETE FROM leaf", "UPDATE leaf SET hashes = x''", "REPLACE INTO leaf VALUES (1, x'')",
        "DELETE FROM tile", "UPDATE tile SET root = zeroblob(32)",
        "REPLACE INTO tile VALUES (0, zeroblob(32))",
        "INSERT INTO checkpoint VALUES (1, zeroblob(32), 1, x'', x'')",
        "UPDATE meta SET value = '2'", "DELETE FROM meta", "REPLACE INTO meta VALUES ('a', 'b')",
      ]
      for change in changes {
        let failure = #expect(throws: SQLiteError.self, "\(change)") {
          try runForeignSQL(path, settings + change)
        }
        #expect(failure?.code == .constraint, "\(change)")
        #expect(
          failure?.message == "the event log is append-only, and only opal appends", "\(change)")
      }
      #expect(try EventLog(path: path, mode: .readOnly).verify() == before)
    }
  }

  @Test("a log whose schema was altered is refused")
  func schema() throws {
    for change in [
      "DROP TRIGGER event_refuses_update", "CREATE TABLE extra(i)", "CREATE INDEX i ON event(kind)",
      "DROP TABLE checkpoint", "ALTER TABLE event ADD COLUMN extra INTEGER",
      "CREATE VIEW v AS SELECT 1", "DROP TABLE event; CREATE VIEW event AS SELECT 1",
    ] {
      try withLog(3) { path in
        try runForeignSQL(path, change)
        for mode in [EventLog.Mode.readOnly, .readWrite] {
          let failure = #expect(throws: EventLogError.self, "\(change)") {
            try EventLog(path: path, mode: mode)
          }
          guard case .notAnEventLog? = failure else {
            Issue.record("\(change): \(String(describing: failure))")
            continue
          }
        }
      }
    }
  }

  @Test("who took the triggers away to change an event is told which event it was")
  func alteredWithoutTriggers() throws {
    for change in [
      "UPDATE event SET payload = x'01' WHERE sequence = 2",
      "UPDATE event SET commitment = zeroblob(32) WHERE sequence = 2",
      "DELETE FROM event WHERE sequence = 2",
    ] {
      try withLog(3) { path in
        try runForeignSQL(
          path,
          "DROP TRIGGER event_refuses_update; DROP TRIGGER event_refuses_delete; " + change)
        for mode in [EventLog.Mode.readOnly, .readWrite] {
          let failure = #expect(throws: EventLogError.self, "\(change)") {
            try EventLog(path: path, mode: mode)
          }
          guard case .corrupt(_, 2, _)? = failure else {
            Issue.record("\(change): \(String(describing: failure))")
            continue
          }
        }
      }
    }
  }

  @Test("a foreign database, another format and a later version are told apart")
  func identity() throws {
    try withLog(3) { path in
      try runForeignSQL(path, "PRAGMA user_version = 3")
      #expect(throws: EventLogError.newerFormat(path: path, found: 3, supported: 2)) {
        try EventLog(path: path, mode: .readWrite)
      }
      try runForeignSQL(path, "PRAGMA user_version = 0")
      #expect(throws: EventLogError.self) { try EventLog(path: path, mode: .readWrite) }
      try runForeignSQL(path, "PRAGMA user_version = 2; PRAGMA application_id = 7")
      #expect(
        throws: EventLogError.notAnEventLog(path: path, detail: "its application id is 7")
      ) { try EventLog(path: path, mode: .readWrite) }
      for content in [[], [UInt8](repeating: 0, count: 4096), Array("SQLite format 3\0".utf8)] {
        try writeFile(path, content)
        let failure = #expect(throws: EventLogError.self) {
          try EventLog(path: path, mode: .readWrite)
        }
        guard case .notAnEventLog? = failure else {
          Issue.record("\(content.count): \(String(describing: failure))")
          continue
        }
      }
    }
  }

  @Test("a missing log or directory is an error that names it")
  func missing() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/log.sqlite"
      #expect(throws: EventLogError.missing(path: path)) {
        try EventLog(path: path, mode: .readOnly)
      }
      #expect(throws: EventLogError.missing(path: directory + "/none")) {
        try EventLog(path: directory + "/none/log.sqlite", mode: .readWrite)
      }
    }
  }

  @Test("a draft that a crash left behind does not stand in the way")
  func draft() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/log.sqlite"
      try writeFile(path + ".new", [1, 2, 3])
      try writeFile(path + ".new-wal", [1, 2, 3])
      #expect(try EventLog(path: path, mode: .readWrite).count == 0)
    }
  }

  @Test("a client that holds the file makes an append fail, which then succeeds")
  func busy() throws {
    try withLog(3) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      let other = try Connection(path: path, mode: .readWrite)
      try other.begin(.immediate)
      #expect(throws: EventLogError.busy(path: path)) { try log.append([sampleRow(4)]) }
      #expect(log.count == 3)
      try other.rollBack()
      try log.append([sampleRow(4)])
      #expect(try log.verify().count == 4)
    }
  }
}
