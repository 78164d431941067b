import EventLog
import Glibc
import Primitives
import TestSupport
import Testing

@Suite("The event log when things go wrong")
struct CrashTests {
  /// Appends batches of 1 to 40 rows until it is killed.
  ///
  /// Notes after each how many rows the log
  /// has answered for. A note survives the process, since the page cache does.
  private static func appendUntilKilled(_ path: String, _ notes: String, _ seed: UInt64) {
    let file = unsafe open(notes, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    do throws(EventLogError) {
      let log = try EventLog(path: path, mode: .readWrite)
      // Two threads: one that appends, and one that kills both at a moment of its own.
      startKiller(after: seed)
      while true {
        let first = log.count + 1
        try log.append(sampleRows(first...first + (first &* seed) % 40))
        var note = log.count
        _ = unsafe withUnsafeBytes(of: &note) { unsafe write(file, $0.baseAddress, $0.count) }
      }
    } catch {
      _exit(7)
    }
  }

  private static func startKiller(after microseconds: UInt64) {
    var thread = pthread_t()
    let argument = unsafe UnsafeMutableRawPointer(bitPattern: UInt(microseconds))
    unsafe pthread_create(
      &thread, nil,
      { argument in
        usleep(UInt32(truncatingIfNeeded: UInt(bitPattern: argument)))
        kill(getpid(), SIGKILL)
        return nil
      }, argument)
  }

  @Test("a kill in mid-append loses no row that was answered for, and half-writes none")
  func killed() async throws {
    let directory = try makeTemporaryDirectory()
    defer { removeDirectory(directory) }
    let path = directory + "/log.sqlite"
    let notes = directory + "/notes"
    var progress: [UInt64] = []
    for round in 1...10 as ClosedRange<UInt64> {
      let seed = 3_000 + round &* 7_919 % 40_000
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, notes = notes as String, seed = seed as UInt64] in
        Self.appendUntilKilled(path, notes, seed)
      }
      let answered = unsafe try readFile(notes).withUnsafeBytes { bytes in
        unsafe bytes.isEmpty
          ? 0 : bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
      }
      // The log may not be there yet: the kill may have come before it was made.
      guard unsafe access(path, F_OK) == 0 else {
        #expect(answered == 0)
        continue
      }
      let log = try EventLog(path: path, mode: .readWrite)
      #expect(log.count >= answered)
      #expect(try log.verify().count == log.count)
      try log.forEachRow { row in
        if row != sampleRow(row.sequence) { Issue.record("row \(row.sequence) differs") }
      }
      progress.append(log.count)
    }
    #expect(progress == progress.sorted())
    #expect(progress.last ?? 0 > 0)
  }

  @Test("a second process is refused with the number of the first")
  func twoProcesses() async throws {
    let directory = try makeTemporaryDirectory()
    defer { removeDirectory(directory) }
    let path = directory + "/log.sqlite"
    let log = try EventLog(path: path, mode: .readWrite)
    try log.fill(through: 20)
    let first = getpid()
    await #expect(processExitsWith: .exitCode(3)) {
      [path = path as String, directory = directory as String, first = first as Int32] in
      do throws(EventLogError) {
        _ = try EventLog(path: path, mode: .readWrite)
        exit(1)
      } catch {
        guard error == .inUse(path: directory, process: first) else { exit(2) }
      }
      // Reading is allowed meanwhile.
      guard try EventLog(path: path, mode: .readOnly).verify().count == 20 else { exit(4) }
      exit(3)
    }
    // The same process is no exception.
    #expect(throws: EventLogError.inUse(path: directory, process: first)) {
      try EventLog(path: path, mode: .readWrite)
    }
    try log.fill(through: 30)
  }

  @Test("the lock of a directory goes with its holder")
  func lock() throws {
    try withTemporaryDirectory { directory in
      func holding(_ lock: borrowing DirectoryLock) {
        #expect(throws: EventLogError.inUse(path: directory, process: getpid())) {
          _ = try DirectoryLock(directory: directory)
        }
      }
      holding(try DirectoryLock(directory: directory))
      #expect(try readFile(directory + "/lock") == Array("\(getpid())\n".utf8))
      _ = try DirectoryLock(directory: directory)
      #expect(throws: EventLogError.missing(path: directory + "/none")) {
        _ = try DirectoryLock(directory: directory + "/none")
      }
    }
  }

  @Test("a full disk refuses the whole batch and nothing before it, and the log goes on")
  func fullDisk() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/log.sqlite"
      var kept: UInt64 = 0
      do {
        let log = try EventLog(path: path, mode: .readWrite, maximumSizeInBytes: 40 * 16_384)
        while kept < 100_000 {
          let batch = sampleRows(kept + 1...kept + 50)
          do throws(EventLogError) {
            try log.append(batch)
            kept += 50
          } catch {
            guard case .diskFull(path, let sequence) = error else {
              Issue.record("\(error)")
              break
            }
            #expect(sequence > kept && sequence <= kept + 50)
            break
          }
        }
        #expect(kept > 500)
        #expect(log.count == kept)
        #expect(try log.verify().count == kept)
        #expect(throws: EventLogError.self) { try log.append(sampleRows(kept + 1...kept + 500)) }
        #expect(try log.root() == EventLog(path: path, mode: .readOnly).root())
      }
      let log = try EventLog(path: path, mode: .readWrite)
      #expect(log.count == kept)
      try log.fill(through: kept + 500)
      #expect(try log.verify().count == kept + 500)
    }
  }

  @Test("a writer that another program overtook writes nothing, and stops")
  func overtaken() throws {
    try withLog(5) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      try tamper(path, "INSERT INTO event VALUES (8, 1, x'', zeroblob(32))")
      let failure = #expect(throws: EventLogError.self) { try log.append(sampleRows(6...9)) }
      guard case .corrupt(path, sequence: 8, _) = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
      #expect(log.count == 5)
      #expect(throws: EventLogError.failedBefore(path: path)) {
        try log.append([sampleRow(6)])
      }
      #expect(throws: EventLogError.self) { try EventLog(path: path, mode: .readOnly) }
    }
  }
}
