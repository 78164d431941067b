import Glibc
import SQLite
import TestSupport
import Testing

@Suite("SQLite connections")
struct ConnectionTests {
  @Test("a file keeps what was committed and drops what was rolled back")
  func transactions() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/t.sqlite"
      do {
        let database = try Connection(path: path, mode: .create)
        try database.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(i INTEGER) STRICT")
        try database.transaction(.immediate) { () throws(SQLiteError) in
          #expect(database.isInTransaction == true)
          try database.execute("INSERT INTO t VALUES (1), (2)")
          #expect(database.changedRowCount == 2)
        }
        #expect(database.isInTransaction == false)
        #expect(throws: SQLiteError.self) {
          try database.transaction(.deferred) { () throws(SQLiteError) in
            try database.execute("INSERT INTO t VALUES (3)")
            try database.execute("INSERT INTO t VALUES ('three')")
          }
        }
        #expect(database.isInTransaction == false)
        try database.rollBack()
        #expect(throws: SQLiteError.self) { try database.commit() }
      }
      let database = try Connection(path: path, mode: .readOnly)
      #expect(try database.int64("SELECT sum(i) FROM t") == 3)
      #expect(try database.text("SELECT group_concat(i) FROM t") == "1,2")
      #expect(try database.int64("SELECT i FROM t WHERE i > 5") == nil)
      #expect(try database.int64("SELECT NULL") == nil)
    }
  }

  @Test("a connection that may only read cannot write, and reads while another writes")
  func readOnly() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/t.sqlite"
      let writer = try Connection(path: path, mode: .create)
      try writer.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(i INTEGER) STRICT")
      let reader = try Connection(path: path, mode: .readOnly)
      try writer.begin(.immediate)
      try writer.execute("INSERT INTO t VALUES (1)")
      #expect(try reader.int64("SELECT count(*) FROM t") == 0)
      try writer.commit()
      #expect(try reader.int64("SELECT count(*) FROM t") == 1)
      let failure = #expect(throws: SQLiteError.self) {
        try reader.execute("INSERT INTO t VALUES (2)")
      }
      #expect(failure?.code == .readOnly)
    }
  }

  @Test("the second writer waits for its time-out and then is told that the file is busy")
  func busy() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/t.sqlite"
      let first = try Connection(path: path, mode: .create)
      try first.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(i INTEGER) STRICT")
      let second = try Connection(path: path, mode: .readWrite, busyTimeoutInMilliseconds: 20)
      try first.begin(.immediate)
      let failure = #expect(throws: SQLiteError.self) { try second.begin(.immediate) }
      #expect(failure?.code == .busy)
      try first.rollBack()
      try second.begin(.immediate)
      try second.rollBack()
    }
  }

  @Test("a missing file, a directory and a file that is no database are told apart")
  func foreignFiles() throws {
    try withTemporaryDirectory { directory in
      let missing = directory + "/missing.sqlite"
      for mode in [Connection.Mode.readWrite, .readOnly, .immutable] {
        let failure = #expect(throws: SQLiteError.self) {
          _ = try Connection(path: missing, mode: mode)
        }
        #expect(failure?.code == .cannotOpen)
        #expect(failure?.message.hasPrefix(missing) == true)
      }
      #expect(throws: SQLiteError.self) { _ = try Connection(path: directory, mode: .create) }
      let text = directory + "/text"
      try writeFile(text, [UInt8](repeating: 0x41, count: 5_000))
      let failure = #expect(throws: SQLiteError.self) {
        let database = try Connection(path: text, mode: .readOnly)
        _ = try database.int64("SELECT count(*) FROM sqlite_schema")
      }
      #expect(failure?.code == .notADatabase)
    }
  }

  @Test("a file on a read-only medium is read without locks, whatever its name")
  func immutable() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/ö %?#&=.sqlite"
      do {
        let database = try Connection(path: path, mode: .create)
        try database.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(i INTEGER) STRICT")
      }
      let database = try Connection(path: path, mode: .immutable)
      #expect(try database.int64("SELECT count(*) FROM t") == 0)
      #expect(unsafe access(path + "-shm", F_OK) != 0)
    }
  }

  @Test("SQL cannot rewrite the schema behind the triggers' back")
  func defensive() throws {
    let database = try Connection()
    try database.execute("CREATE TABLE t(i INTEGER) STRICT; PRAGMA writable_schema = ON")
    #expect(throws: SQLiteError.self) {
      try database.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE t(j)'")
    }
  }

  @Test("a full database says so and keeps what it had")
  func full() throws {
    let database = try Connection()
    try database.execute("CREATE TABLE t(b BLOB) STRICT; PRAGMA max_page_count = 20")
    let failure = #expect(throws: SQLiteError.self) {
      for _ in 0..<100 {
        try database.execute("INSERT INTO t VALUES (zeroblob(2000))")
      }
    }
    #expect(failure?.code == .full)
    #expect(try database.int64("SELECT count(*) FROM t") ?? 0 > 10)
  }
}
