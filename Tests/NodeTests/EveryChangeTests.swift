import EventLog
import Execution
import Foundation
import Ledger
import Node
import Primitives
import SQLite
import Testing
import Views

/// A plain chain's node, with its log, views, checkpoints, snapshots and keys, on a disk on which
/// everything ends in each change, one after the other.
@Suite("A node whose disk ends in each of its changes")
struct EveryChangeTests {
  private static let directory = DataDirectory(path: "/data")
  private static let transactionCount: UInt64 = 14
  /// Every change takes half a minute, so that usually each fifth is enough.
  private static let isWhole =
    ProcessInfo.processInfo.environment["OPAL_CONFORMANCE"] == "full"

  private func configuration(_ disk: SimulatedDisk) throws -> NodeConfiguration {
    let clock = TestClock()
    var configuration = NodeConfiguration(
      directory: Self.directory, isDurable: true, genesis: try Project.declaration(),
      wallet: Wallet(keys: []), serviceWallet: Wallet(keys: []),
      sequencers: [Sequencer(layer: .two, mode: .instant)],
      clock: {
        clock.advance(seconds: 2)
        return clock.read()
      }, report: { _ in })
    configuration.disk = .simulated(disk)
    configuration.snapshotIntervalInEvents = 6
    return configuration
  }

  /// Sends transactions until the disk ends or fails; how many were acknowledged.
  private func live(_ disk: SimulatedDisk, isClosed: Bool = true) throws -> UInt64 {
    let configuration = try configuration(disk)
    var acknowledged: UInt64 = 0
    do throws(NodeError) {
      var node = try SteppedNode(configuration)
      acknowledged = node.world.layerTwo?.number ?? 0
      while acknowledged < Self.transactionCount {
        let result = node.perform(.submit(transfer(nonce: acknowledged)))
        guard case .success = result else { return acknowledged }
        try node.commit()
        acknowledged += 1
      }
      if isClosed { node.close() }
    } catch {
      // What the test has asked for.
    }
    return acknowledged
  }

  /// Opens the directory again; returns how many events were applied, and how many there are.
  ///
  /// Nothing acknowledged is lost, and all that follows from the log is what follows from it.
  private func check(
    _ disk: SimulatedDisk, acknowledged: UInt64, _ comment: Comment
  ) throws -> (applied: UInt64, events: UInt64) {
    var applied: UInt64 = 0
    var node = try SteppedNode(try configuration(disk)) { applied = $0.events }
    let count = node.world.layerTwo?.number ?? 0
    #expect(count >= acknowledged, comment)
    let log = try EventLog(
      path: Self.directory.log, mode: .readOnly, storage: .simulated(disk))
    #expect(try log.verify().count == node.world.sequence, comment)
    let other = SimulatedDisk(seed: 1)
    defer { withExtendedLifetime(other) {} }
    let fresh = try Views.open(path: "/views.sqlite", storage: .simulated(other))
    let content = ContentStore(reading: Self.directory.content, storage: .simulated(disk))
    try Replay.rebuild(fresh, from: log, content: content)
    #expect(try node.viewDigests() == fresh.digests(), comment)
    let events = node.world.sequence
    _ = try node.perform(.submit(transfer(nonce: count))).get()
    try node.commit()
    return (applied, events)
  }

  @Test(
    "loses nothing that it acknowledged, and starts from a snapshot or without it",
    arguments: [false, true])
  func ends(losingPower: Bool) throws {
    var spared = 0
    // In the full set both arguments together come to every change.
    var change: UInt64 = losingPower ? 0 : 1
    let stride: UInt64 = Self.isWhole ? 2 : 10
    while true {
      let disk = SimulatedDisk(seed: change)
      disk.faults.changesUntilEnd = change
      let acknowledged = try live(disk)
      let hasEnded = disk.hasEnded
      disk.restart(losingPower: losingPower)
      let (applied, events) = try check(
        disk, acknowledged: acknowledged, "change \(change)")
      if applied < events { spared += 1 }
      guard hasEnded else { break }
      change += stride
    }
    #expect(change > 200)
    #expect(spared > 2, "snapshots are used")
  }

  @Test("loses nothing that it acknowledged when one change fails, or one read")
  func failsOnce() throws {
    for index in Swift.stride(from: 0, to: 400, by: Self.isWhole ? 2 : 20) as StrideTo<UInt64> {
      for isRead in [false, true] {
        let disk = SimulatedDisk(seed: index)
        if isRead {
          disk.faults.readsUntilError = index
        } else {
          disk.faults.changesUntilError = index
        }
        let acknowledged = try live(disk)
        disk.restart(losingPower: index % 2 == 0)
        _ = try check(disk, acknowledged: acknowledged, "\(isRead ? "read" : "change") \(index)")
      }
    }
  }

  @Test("acknowledges nothing that has no room, whichever file lacks it, and goes on with room")
  func full() throws {
    var refused = 0
    for step in Swift.stride(from: 0, to: 40, by: Self.isWhole ? 1 : 4) {
      let disk = SimulatedDisk(seed: UInt64(step))
      disk.faults.capacityInBytes = 20_000 + step * 17_000
      let acknowledged = try live(disk)
      if acknowledged < Self.transactionCount { refused += 1 }
      disk.restart(losingPower: step % 2 == 0)
      _ = try check(disk, acknowledged: acknowledged, "\(20_000 + step * 17_000) bytes")
    }
    #expect(refused > 1)
  }

  @Test("a copy of it that decays in a byte of any file is refused or does what the log says")
  func decays() throws {
    let disk = SimulatedDisk(seed: 3)
    let acknowledged = try live(disk)
    let image = disk.image
    var chance = SplitMix64(seed: 5)
    for path in [Self.directory.views, Self.directory.snapshot, Self.directory.checkpoint] {
      for _ in 0..<12 {
        disk.restore(image)
        let size = try #require(image[path]).count
        disk.damage(path, at: Int(chance.next(below: UInt64(size))), bits: 1 << 4)
        let configuration = try configuration(disk)
        do throws(NodeError) {
          var node = try SteppedNode(configuration)
          #expect(node.world.layerTwo?.number == acknowledged)
          node.close()
        } catch {
          // Only the checkpoint can be missed: it says what the log must have.
          #expect(path == Self.directory.checkpoint, "\(path): \(error.message)")
        }
      }
    }
  }
}
