import EventLog
import Ledger
import Primitives
import Views

/// What a replay of a data directory's log came to.
public struct ReplayResult: Sendable {
  /// What was applied within the bounds that were asked for.
  public var progress: ReplayProgress
  /// The commitment after the last event.
  public var commitment: Hash
}

extension Replay {
  /// Replays a directory's log without changing anything in it, from the start to event `to`.
  ///
  /// Events before `from` are applied and compared too, but not counted. With `views`, what
  /// follows from the events goes there.
  ///
  /// - Throws: ``NodeError/mismatch(sequence:field:recorded:replayed:)`` at the first difference.
  public static func check(
    _ directory: DataDirectory, from: UInt64 = 1, to: UInt64? = nil, views: Views? = nil,
    progress report: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) -> ReplayResult {
    let log: EventLog
    do throws(EventLogError) {
      log = try EventLog(path: directory.log, mode: .readOnly)
    } catch {
      throw .log("\(error)")
    }
    let last = to ?? log.count
    guard from >= 1, last <= log.count, from <= last + 1 else {
      throw .refused("the log has \(log.count) events; asked for \(from) to \(last)")
    }
    let states = ForkStore(reading: directory.fork)
    views?.outside = states
    var replay = Replay(
      lastSequence: last, content: ContentStore(reading: directory.content), states: states)
    do throws(ReplayFailure) {
      try replay.run(log, through: last, into: views, countingFrom: from, progress: report)
    } catch {
      throw error.nodeError
    }
    return ReplayResult(progress: replay.progress, commitment: replay.world.commitment)
  }
}
