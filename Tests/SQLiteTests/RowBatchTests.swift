import SQLite
import Testing

@Suite("Batches of rows")
struct RowBatchTests {
  private func table() throws -> Connection {
    let database = try Connection()
    try database.execute("CREATE TABLE t(i INTEGER PRIMARY KEY, b BLOB NOT NULL) STRICT")
    return database
  }

  private func bytes(_ number: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number * 7 % 100)
  }

  @Test("rows are as they would be one by one", arguments: [0, 1, 15, 16, 17, 32, 50])
  func rows(count: Int) throws {
    let database = try table()
    var batch = RowBatch(table: "t", columnCount: 2)
    for number in 0..<count {
      batch.append(Int64(number))
      if number % 2 == 0 {
        batch.append(bytes(number))
      } else {
        batch.appendBytes { $0 += bytes(number) }
      }
      try batch.writeIfFull(to: database)
    }
    try batch.write(to: database)
    #expect(batch.isEmpty)
    let query = try database.prepare("SELECT i, b FROM t ORDER BY i")
    for number in 0..<count {
      #expect(try query.step())
      #expect(try query.int64(0) == Int64(number))
      #expect(try query.blob(1) == bytes(number))
    }
    #expect(try !query.step())
  }

  @Test("large rows are written before many of them wait together")
  func largeRows() throws {
    let database = try table()
    var batch = RowBatch(table: "t", columnCount: 2)
    for number in 0..<5 {
      batch.append(Int64(number))
      batch.append([UInt8](repeating: 7, count: 600_000))
      try batch.writeIfFull(to: database)
      #expect(batch.isEmpty == (number % 2 == 1))
    }
    try batch.write(to: database)
    #expect(try database.int64("SELECT sum(length(b)) FROM t") == 3_000_000)
  }

  @Test("a key that is there fails the batch, and rolling back leaves nothing of it")
  func repeatedKey() throws {
    let database = try table()
    try database.execute("INSERT INTO t VALUES (11, x'00')")
    #expect(throws: SQLiteError.self) {
      try database.transaction(.immediate) { () throws(SQLiteError) in
        var batch = RowBatch(table: "t", columnCount: 2)
        for number in 0..<16 {
          batch.append(Int64(number))
          batch.append(bytes(number))
        }
        try batch.write(to: database)
      }
    }
    #expect(try database.int64("SELECT count(*) FROM t") == 1)
  }

  @Test("a batch that leaves out what is known writes the others", arguments: [3, 16, 20])
  func known(count: Int) throws {
    let database = try table()
    try database.execute("INSERT INTO t VALUES (1, x'aa')")
    var batch = RowBatch(table: "t", columnCount: 2, leavesOutKnown: true)
    for number in 0..<count {
      batch.append(Int64(number))
      batch.append([])
      try batch.writeIfFull(to: database)
    }
    try batch.write(to: database)
    #expect(try database.int64("SELECT count(*) FROM t") == Int64(count))
    #expect(try database.int64("SELECT length(b) FROM t WHERE i = 1") == 1)
    batch.append(7)
    batch.append([1])
    batch.removeAll()
    #expect(batch.isEmpty)
  }
}
