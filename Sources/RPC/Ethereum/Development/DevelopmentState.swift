import Ledger
import Primitives
import Synchronization

/// What the development controls remember for their callers, as long as the node runs.
final class DevelopmentState: Sendable {
  struct Contents: Sendable {
    /// Snapshots by their numbers: how long the log was.
    var snapshots: [UInt64: UInt64] = [:]
    var lastSnapshot: UInt64 = 0
    /// In whose name transactions may be sent.
    var impersonated: Set<Address> = []
    /// Whether that is anybody.
    var impersonatesAll = false
    var isLogging = true
    var coinbase: Address?
  }

  let contents = Mutex(Contents())

  /// Whether transactions may be sent in an account's name.
  func impersonates(_ address: Address) -> Bool {
    contents.withLock { $0.impersonatesAll || $0.impersonated.contains(address) }
  }

  /// Keeps a position of the log, and returns its number.
  func snapshot(at position: UInt64) -> UInt64 {
    contents.withLock { contents in
      contents.lastSnapshot += 1
      contents.snapshots[contents.lastSnapshot] = position
      return contents.lastSnapshot
    }
  }

  /// The position of a snapshot, which is then gone with all that came after it.
  func takeSnapshot(_ number: UInt64) -> UInt64? {
    contents.withLock { contents in
      let position = contents.snapshots[number]
      if position != nil { contents.snapshots = contents.snapshots.filter { $0.key < number } }
      return position
    }
  }
}
