import DataAvailability
import Ledger
import Node
import SQLite

/// How the node ends and begins again, and what goes wrong with its disk.
extension Simulation {
  /// Begins the node's next life with what the disk has.
  mutating func start() throws(Finding) {
    let layer = layer
    let preparations = PreparationQueue()
    let configuration = plan.configuration(disk: disk, clock: clock, preparations: preparations) {
      layer?.disperse($0)
    }
    let life: Life
    do throws(NodeError) {
      life = Life(try SteppedNode(configuration), preparations)
    } catch {
      guard disk.hasEnded || hasFailed else {
        throw Finding(.nodeBeginsAgain, "the node does not start again: \(error.message)")
      }
      return end("while starting: \(error.message.prefix(120))")
    }
    self.life = life
    do throws(StorageMisfit) {
      try layer?.begin(life)
    } catch {
      guard case .notRecorded = error else {
        throw Finding(.nodeBeginsAgain, "the DA layer does not begin again: \(error)")
      }
      return end("while the DA layer begins")
    }
    guard !disk.hasEnded else { return end("after the start") }
    if witness.world.sequence > 0, report.restarts > 0, !isAtRest { planFaults() }
    if plan.mistake == .restoredCopy { goOnFromCopy(life) }
    try witness.observe(SimulationPlan.directory.log)
    try checkAcknowledged()
  }

  /// Whether a change of the disk has failed, or there was no room, in this life.
  private var hasFailed: Bool {
    let counts = report(of: disk)
    return counts.errors > failuresBefore.errors || counts.refusals > failuresBefore.refusals
  }

  private func report(of disk: SimulatedDisk) -> DiskTally {
    disk.tallies.values.reduce(into: DiskTally()) { $0 += $1 }
  }

  /// Ends the node's life where it stands.
  mutating func end(_ how: String) {
    disk.end()
    witness.close()
    layer?.end()
    life = nil
    let losesPower = plan.mistake == .lyingDrive || chance.next(below: 2) == 0
    disk.restart(losingPower: losesPower)
    tell("the node ends \(how)\(losesPower ? ", the power is gone" : "")")
    report.restarts += 1
    if losesPower { report.powerLosses += 1 }
    restartTime = clock.milliseconds + chance.next(below: 20_000)
    if plan.mistake == .restoredCopy { copyOrRestore() }
    failuresBefore = report(of: disk)
    guard !isAtRest else { return }
    // Sometimes the next life is short, or does not even begin.
    switch chance.next(below: 16) {
    case 0..<4: disk.faults.changesUntilEnd = chance.next(below: 12)
    case 4: disk.faults.changesUntilError = chance.next(below: 12)
    case 5: disk.faults.capacityInBytes = disk.usedSizeInBytes + Int(chance.next(below: 9_000))
    default: break
    }
    disk.faults.ignoresSyncs = plan.mistake == .lyingDrive
  }

  /// What will go wrong in this life.
  mutating func planFaults() {
    var faults = SimulatedDisk.Faults()
    faults.ignoresSyncs = plan.mistake == .lyingDrive
    switch chance.next(below: 8) {
    case 0, 1: faults.changesUntilEnd = chance.next(below: 4_000)
    case 2, 3:
      // Of the kinds of changes there are, one in which little has ended yet.
      faults.kind = kind { $0.endings }
      faults.changesUntilEnd = chance.next(below: 16)
    case 4: faults.changesUntilError = chance.next(below: 4_000)
    case 5:
      faults.kind = kind { $0.errors }
      faults.changesUntilError = chance.next(below: 16)
    case 6:
      faults.capacityInBytes =
        disk.usedSizeInBytes + Int(chance.next(below: 4_000_000))
    default: break
    }
    disk.faults = faults
  }

  /// One of the four kinds of changes to which something has happened least.
  private mutating func kind(_ happened: (DiskTally) -> UInt64) -> DiskChange? {
    let kinds = disk.tallies.sorted { one, other in
      (happened(one.value), one.key) < (happened(other.value), other.key)
    }
    return kinds.isEmpty ? nil : kinds[Int(chance.next(below: UInt64(min(4, kinds.count))))].key
  }

  // MARK: Mistakes

  /// Flips bits of the log's files behind everybody's back.
  mutating func decay() {
    for path in [SimulationPlan.directory.log, SimulationPlan.directory.log + "-wal"] {
      guard let size = (try? disk.read(path))??.count, size > 0 else { continue }
      for _ in 0..<16 {
        disk.damage(
          path, at: Int(chance.next(below: UInt64(size))), bits: 1 << UInt8(chance.next(below: 8)))
      }
    }
  }

  /// Makes a copy of the directory when the node ends, and puts it back when it ends again.
  private mutating func copyOrRestore() {
    if let copy {
      disk.restore(copy.image)
    } else if witness.world.sequence > 100 {
      copy = (disk.image, report.restarts)
    }
  }

  /// Has a node on a copy live unseen until its log is longer than what was seen of the other.
  private mutating func goOnFromCopy(_ life: Life) {
    guard let copy, copy.restart < report.restarts else { return }
    disk.faults = SimulatedDisk.Faults()
    tell("somebody has put a copy back")
    for _ in 0..<2_000 where life.node.world.sequence <= witness.world.sequence {
      clock.advance(milliseconds: 1_000)
      life.node.runPolicies()
      guard (try? life.node.commit()) != nil else { return }
    }
  }

  /// Takes a row out of the views.
  mutating func loseRow() {
    let connection = try? Connection(
      path: SimulationPlan.directory.views, mode: .readWrite, storage: .simulated(disk))
    try? connection?.execute("DELETE FROM blocks WHERE place IN (SELECT max(place) FROM blocks)")
  }
}
