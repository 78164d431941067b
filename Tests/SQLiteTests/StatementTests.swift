import SQLite
import Testing

@Suite("SQLite statements")
struct StatementTests {
  @Test("a value of each type comes back as it was bound")
  func values() throws {
    let database = try Connection()
    try database.execute("CREATE TABLE t(i INTEGER, s TEXT, b BLOB, n TEXT) STRICT")
    let samples: [(Int64, String, [UInt8])] = [
      (0, "", []), (.min, "a\0b", [0]), (.max, "Opål 🜚", [UInt8](repeating: 0xff, count: 70_000)),
    ]
    for (integer, text, bytes) in samples {
      let insert = try database.cached("INSERT INTO t VALUES (?, ?, ?, ?)")
      try insert.bind(1, integer)
      try insert.bind(2, text)
      try insert.bind(3, bytes)
      try insert.bindNull(4)
      try insert.run()
    }
    let query = try database.prepare("SELECT i, s, b, n FROM t ORDER BY rowid")
    #expect(query.columnCount == 4)
    #expect(query.name(ofColumn: 2) == "b")
    for (integer, text, bytes) in samples {
      #expect(try query.step())
      #expect(try query.int64(0) == integer)
      #expect(try query.text(1) == text)
      #expect(try query.blob(2) == bytes)
      #expect(query.isNull(3) == true)
      #expect(query.isNull(2) == false)
    }
    #expect(try !query.step())
  }

  @Test("a column of another type is an error and not a conversion")
  func mismatch() throws {
    let database = try Connection()
    let query = try database.prepare("SELECT 7, 'seven', x'07', NULL")
    #expect(try query.step())
    #expect(throws: SQLiteError.self) { try query.int64(1) }
    #expect(throws: SQLiteError.self) { try query.text(0) }
    #expect(throws: SQLiteError.self) { try query.blob(1) }
    #expect(throws: SQLiteError.self) { try query.blob(3) }
    #expect(throws: SQLiteError.self) { try query.int64(4) }
    #expect(throws: SQLiteError.self) { try query.int64(-1) }
    #expect(throws: SQLiteError.self) { try query.int64(.max) }
  }

  @Test("text that is not UTF-8 is an error")
  func malformedText() throws {
    let database = try Connection()
    let query = try database.prepare("SELECT CAST(x'ff41' AS TEXT)")
    #expect(try query.step())
    #expect(throws: SQLiteError.self) { try query.text(0) }
  }

  @Test("a statement is exactly one statement")
  func oneStatement() throws {
    let database = try Connection()
    #expect(throws: SQLiteError.self) { _ = try database.prepare("") }
    #expect(throws: SQLiteError.self) { _ = try database.prepare("-- nothing") }
    #expect(throws: SQLiteError.self) { _ = try database.prepare("SELECT 1; SELECT 2") }
    #expect(throws: SQLiteError.self) { _ = try database.prepare("SELECT * FROM nowhere") }
    _ = try database.prepare("SELECT 1 ; ")
  }

  @Test("a parameter that is not there is refused")
  func parameters() throws {
    let database = try Connection()
    let query = try database.prepare("SELECT ?")
    for index in [0, 2, -1, Int.max, Int.min] {
      #expect(throws: SQLiteError.self) { try query.bind(index, 1) }
      #expect(throws: SQLiteError.self) { try query.bind(index, "one") }
      #expect(throws: SQLiteError.self) { try query.bind(index, [1]) }
      #expect(throws: SQLiteError.self) { try query.bindNull(index) }
    }
  }

  @Test("an error carries SQLite's codes, its message and the statement")
  func errors() throws {
    let database = try Connection()
    try database.execute("CREATE TABLE t(i INTEGER PRIMARY KEY, b BLOB NOT NULL) STRICT")
    let insert = try database.prepare("INSERT INTO t VALUES (?, ?)")
    try insert.bind(1, 1)
    do throws(SQLiteError) {
      try insert.run()
      Issue.record("a null went into a column that refuses it")
    } catch {
      #expect(error.code == .constraint)
      #expect(error.extendedCode == 1299)
      #expect(error.message == "NOT NULL constraint failed: t.b")
      #expect(error.sql == "INSERT INTO t VALUES (?, ?)")
      #expect(error.description.hasPrefix("SQLite 19/1299: NOT NULL constraint failed: t.b"))
    }
    // The statement is ready for another try.
    try insert.bind(2, [7])
    try insert.run()
    #expect(try database.int64("SELECT count(*) FROM t") == 1)
  }

  @Test("a cached statement comes back without its parameters, and may be out twice")
  func cache() throws {
    let database = try Connection()
    let sql = "SELECT ?"
    for round in 0..<300 {
      let query = try database.cached(sql)
      #expect(try query.step())
      #expect(query.isNull(0) == true)
      query.reset()
      try query.bind(1, Int64(round))
      let second = try database.cached(sql)
      #expect(try second.step())
      #expect(second.isNull(0) == true)
      _ = try database.cached("SELECT \(round)")
    }
  }

  @Test("a statement may outlive its connection")
  func outliving() throws {
    func orphan(_ isCached: Bool) throws -> Statement {
      let database = try Connection()
      try database.execute("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (7)")
      return try isCached
        ? database.cached("SELECT i FROM t") : database.prepare("SELECT i FROM t")
    }
    for isCached in [true, false] {
      let query = try orphan(isCached)
      #expect(try query.step())
      #expect(try query.int64(0) == 7)
    }
  }
}
