import Primitives

/// A simulated run's record: the events as bytes, which is all that a restart has, and a process
/// that may stop between any two of them.
final class SimulatedRecord: StorageRecord {
  private(set) var state: StorageState
  private(set) var events: [Bytes]
  /// How many more times something is recorded before the process stops; nil for ever.
  var timesLeft: Int?

  init(_ state: StorageState, events: [Bytes] = []) {
    self.state = state
    self.events = events
  }

  /// Whether the process has stopped.
  var isStopped: Bool { timesLeft == 0 }

  func record(_ events: [StorageEvent]) throws(StorageMisfit) {
    if let timesLeft {
      guard timesLeft > 0 else { throw .notRecorded("the process has stopped") }
      self.timesLeft = timesLeft - 1
    }
    var next = state
    for event in events { try next.apply(event) }
    state = next
    self.events += events.map { $0.bytes }
  }
}
