import EventLog
import Primitives
import SQLite
import TestSupport
import Testing

/// The log on a disk that fails: each row of the table in docs/durability.md.
@Suite("The event log on a failing disk")
struct FaultTests {
  private static let path = "/log.sqlite"

  /// Appends batches until the disk fails; how many rows the log has answered for.
  private func append(_ disk: SimulatedDisk) -> UInt64 {
    var answered: UInt64 = 0
    do throws(EventLogError) {
      let log = try EventLog(path: Self.path, mode: .readWrite, storage: .simulated(disk))
      for count in [1, 30, 200, 7, 90] as [UInt64] {
        try log.append(sampleRows(log.count + 1...log.count + count))
        answered = log.count
      }
    } catch {
      // The disk has failed, which the caller has asked for.
    }
    return answered
  }

  /// Opens the log again, and compares it with what was answered for.
  private func check(_ disk: SimulatedDisk, answered: UInt64, _ comment: Comment) throws {
    let log = try EventLog(path: Self.path, mode: .readWrite, storage: .simulated(disk))
    #expect(log.count >= answered, comment)
    #expect(try log.verify().count == log.count, comment)
    try log.forEachRow { row in
      if row != sampleRow(row.sequence) { Issue.record("row \(row.sequence) differs") }
    }
    try log.append(sampleRows(log.count + 1...log.count + 3))
  }

  @Test(
    "loses nothing that it answered for when everything ends, at each change of the disk",
    arguments: [false, true])
  func ends(losingPower: Bool) throws {
    var change: UInt64 = 0
    while true {
      let disk = SimulatedDisk(seed: change)
      disk.faults.changesUntilEnd = change
      let answered = append(disk)
      let hasEnded = disk.hasEnded
      disk.restart(losingPower: losingPower)
      try check(disk, answered: answered, "change \(change)")
      guard hasEnded else { break }
      change += 1
    }
    #expect(change > 60)
  }

  @Test("loses nothing that it answered for when the power goes twice, the second time in recovery")
  func endsInRecovery() throws {
    for change in stride(from: 20, to: 80, by: 7) as StrideTo<UInt64> {
      for second in 0..<12 as Range<UInt64> {
        let disk = SimulatedDisk(seed: change << 8 | second)
        disk.faults.changesUntilEnd = change
        let answered = append(disk)
        disk.restart(losingPower: true)
        disk.faults.changesUntilEnd = second
        _ = append(disk)
        disk.restart(losingPower: true)
        try check(disk, answered: answered, "changes \(change) and \(second)")
      }
    }
  }

  @Test("loses nothing that it answered for when one change of the disk fails")
  func failsOnce() throws {
    for change in 0..<90 as Range<UInt64> {
      let disk = SimulatedDisk(seed: change)
      disk.faults.changesUntilError = change
      let answered = append(disk)
      disk.restart(losingPower: false)
      try check(disk, answered: answered, "change \(change)")
    }
  }

  @Test("says that the disk is full, keeps nothing of the batch, and goes on once there is room")
  func full() throws {
    let disk = SimulatedDisk(seed: 1)
    let log = try EventLog(path: Self.path, mode: .readWrite, storage: .simulated(disk))
    try log.append(sampleRows(1...100))
    disk.faults.capacityInBytes = disk.usedSizeInBytes + 40_000
    var refusals = 0
    for _ in 0..<4 {
      do throws(EventLogError) {
        try log.append(sampleRows(log.count + 1...log.count + 300))
      } catch .diskFull(let path, let sequence) {
        #expect(path == Self.path)
        #expect(sequence > log.count)
        refusals += 1
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(refusals > 0)
    let kept = log.count
    disk.faults.capacityInBytes = nil
    try log.append(sampleRows(kept + 1...kept + 300))
    #expect(try log.verify().count == kept + 300)
  }

  @Test("names what a decayed sector has altered, and never takes it for what was appended")
  func damaged() throws {
    var chance = SplitMix64(seed: 4)
    var found = 0
    for round in 0..<60 as Range<UInt64> {
      let disk = SimulatedDisk(seed: round)
      let answered = append(disk)
      let size = try #require(try disk.read(Self.path)).count
      for _ in 0..<8 {
        disk.damage(
          Self.path, at: Int(chance.next(below: UInt64(size))),
          bits: UInt8(truncatingIfNeeded: 1 + chance.next(below: 255)))
      }
      do throws(EventLogError) {
        let log = try EventLog(path: Self.path, mode: .readOnly, storage: .simulated(disk))
        _ = try log.verify()
        #expect(log.count == answered)
        try log.forEachRow { row in
          if row != sampleRow(row.sequence) { Issue.record("row \(row.sequence) is altered") }
        }
      } catch {
        found += 1
      }
    }
    #expect(found > 30)
  }

  @Test("a drive that answers for syncs and does none is caught losing rows")
  func lyingDrive() throws {
    var losses = 0
    for seed in 0..<20 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      disk.faults.ignoresSyncs = true
      let answered = append(disk)
      disk.restart(losingPower: true)
      do throws(EventLogError) {
        let log = try EventLog(path: Self.path, mode: .readWrite, storage: .simulated(disk))
        if log.count < answered { losses += 1 }
      } catch {
        losses += 1
      }
    }
    #expect(losses > 10)
  }

  @Test("the same seed and faults leave the same bytes")
  func deterministic() throws {
    func bytes() throws -> [UInt8]? {
      let disk = SimulatedDisk(seed: 11)
      disk.faults.changesUntilEnd = 41
      _ = append(disk)
      disk.restart(losingPower: true)
      return try disk.read(Self.path)
    }
    #expect(try bytes() == bytes())
  }
}
