/// Where a network's decisions are recorded, and the state that they come to.
///
/// The network decides; whoever keeps the record applies. In a node that is the event log with its
/// one writer; in tests and simulations it is memory.
public protocol StorageRecord: AnyObject {
  /// The state after all that was recorded.
  var state: StorageState { get }

  /// Records decisions in their order, all of them or none; they hold when this returns.
  ///
  /// - Throws: `StorageMisfit` if one does not fit, or cannot be recorded.
  func record(_ events: [StorageEvent]) throws(StorageMisfit)
}

/// A record in memory; events that fit are handed on one by one.
public final class MemoryRecord: StorageRecord {
  /// The state after all that was recorded.
  public private(set) var state: StorageState
  private let handOn: (StorageEvent) -> Void

  /// A record that begins with a state.
  public init(_ state: StorageState, handOn: @escaping (StorageEvent) -> Void = { _ in }) {
    self.state = state
    self.handOn = handOn
  }

  /// Records decisions in their order, all of them or none.
  ///
  /// - Throws: `StorageMisfit` if one does not fit.
  public func record(_ events: [StorageEvent]) throws(StorageMisfit) {
    var next = state
    for event in events { try next.apply(event) }
    state = next
    for event in events { handOn(event) }
  }
}
