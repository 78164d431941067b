import EventLog
import Primitives
import Views

extension Replay {
  /// Gives views all that a log has and they do not; each row is compared on the way.
  ///
  /// - Throws: ``NodeError`` when the log is not what its replay gives, or the views follow
  ///   another one.
  public static func rebuild(
    _ views: Views, from log: EventLog, content: ContentStore,
    states: ForkStore? = nil, progress: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) {
    var replay = Replay(lastSequence: log.count, content: content, states: states)
    do throws(ReplayFailure) {
      try replay.run(log, into: views, progress: progress)
    } catch {
      throw error.nodeError
    }
  }
}
