import SQLite
import Testing

@Suite("A simulated disk")
struct SimulatedDiskTests {
  private func connection(_ disk: SimulatedDisk) throws -> Connection {
    try Connection(
      path: "/t.sqlite", mode: .create, busyTimeoutInMilliseconds: 0, storage: .simulated(disk))
  }

  @Test("carries a database, and two connections see what each other commits")
  func twoConnections() throws {
    let disk = SimulatedDisk(seed: 1)
    for mode in ["DELETE", "WAL"] {
      let one = try connection(disk)
      try one.execute("PRAGMA journal_mode = \(mode)")
      try one.execute("CREATE TABLE IF NOT EXISTS t(i INTEGER) STRICT; INSERT INTO t VALUES (1)")
      let two = try connection(disk)
      let before = try two.int64("SELECT count(*) FROM t") ?? 0
      try one.execute("INSERT INTO t VALUES (2), (3)")
      #expect(try two.int64("SELECT count(*) FROM t") == before + 2)
      try one.begin(.immediate)
      #expect(throws: SQLiteError.self) { try two.execute("INSERT INTO t VALUES (4)") }
      try one.rollBack()
      try two.execute("INSERT INTO t VALUES (4)")
      #expect(try one.text("PRAGMA integrity_check") == "ok")
    }
  }

  @Test("keeps what was committed when the power goes, and only that or what was under way")
  func power() throws {
    for change in 0..<60 as Range<UInt64> {
      let disk = SimulatedDisk(seed: change)
      var committed: Int64 = 0
      do {
        let one = try connection(disk)
        try one.execute(
          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t(i INTEGER) STRICT")
        disk.faults.changesUntilEnd = change
        for value in 1...20 as ClosedRange<Int64> {
          try one.execute("INSERT INTO t VALUES (\(value))")
          committed = value
        }
      } catch is SQLiteError {}
      disk.restart(losingPower: true)
      let count = try connection(disk).int64("SELECT count(*) FROM t") ?? -1
      #expect(count == committed || count == committed + 1, "change \(change)")
    }
  }

  @Test("has whole files, which are there or not at all")
  func wholeFiles() throws {
    let old = [UInt8](repeating: 1, count: 3_000)
    let new = [UInt8](repeating: 2, count: 5_000)
    for change in 0..<8 as Range<UInt64> {
      let disk = SimulatedDisk(seed: change)
      try disk.replace("/file", by: old)
      disk.faults.changesUntilEnd = change
      let isWritten = (try? disk.replace("/file", by: new)) != nil
      disk.restart(losingPower: true)
      let found = try disk.read("/file")
      #expect(found == new || (found == old && !isWritten), "change \(change)")
    }
  }
}
