import EventLog
import Primitives

/// The rows of a log in order, read some way ahead so that their senders are recovered by the time
/// they are applied.
struct RowsAhead: ~Copyable {
  private var cursor: RowCursor
  private let recovery = SenderRecovery()
  /// What is being given out, backwards.
  private var current: [Row] = []
  /// What comes after it, in order.
  private var following: [Row] = []
  /// What is wrong with the row after those.
  private var failure: EventLogError?
  private var hasBegun = false

  init(_ cursor: consuming RowCursor) { self.cursor = cursor }

  /// What an empty event counts as, so that a batch has not too many.
  private static let leastSizeInBytes = 64

  /// The next row, or nil after the last.
  ///
  /// - Throws: ``ReplayFailure`` when it cannot be read.
  mutating func next() throws(ReplayFailure) -> Row? {
    if let row = current.popLast() { return row }
    if !hasBegun {
      hasBegun = true
      following = batch()
    }
    current = following.reversed()
    following = batch()
    if let row = current.popLast() { return row }
    if let failure { throw .log(.log("\(failure)")) }
    return nil
  }

  /// Reads the next rows, and begins to recover the senders in them.
  private mutating func batch() -> [Row] {
    guard failure == nil else { return [] }
    var rows: [Row] = []
    var sizeInBytes = 0
    do throws(EventLogError) {
      while sizeInBytes < SenderRecovery.batchSizeInBytes, let row = try cursor.nextRow() {
        sizeInBytes += row.payload.count + RowsAhead.leastSizeInBytes
        rows.append(row)
      }
    } catch {
      failure = error
    }
    recovery.begin(rows.map { .event(kind: $0.kind, payload: $0.payload) })
    return rows
  }
}
