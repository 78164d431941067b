import Ledger
import Primitives

/// What one event led to, as views take it in.
public struct ViewEntry: Sendable {
  /// The event's sequence in the log; the first is 1.
  public var sequence: UInt64
  /// The log's commitment after the event.
  public var commitment: Hash
  /// What followed from the event, in order.
  public var consequences: [Consequence]

  /// Makes an entry of what ``World/apply(_:hint:)`` gave for an event.
  public init(sequence: UInt64, commitment: Hash, consequences: [Consequence]) {
    self.sequence = sequence
    self.commitment = commitment
    self.consequences = consequences
  }
}

/// How far into a log views have come.
public struct ViewCursor: Hashable, Sendable {
  /// The sequence of the last event that was taken in; 0 before the first.
  public var sequence: UInt64
  /// The log's commitment after that event; zero before the first.
  ///
  /// Where the log has another one in that row, the views belong to another log: rebuild them.
  public var commitment: Hash

  /// The cursor of views that are empty.
  public static let start = ViewCursor(sequence: 0, commitment: .zero)

  /// Makes a cursor.
  public init(sequence: UInt64, commitment: Hash) {
    self.sequence = sequence
    self.commitment = commitment
  }
}
