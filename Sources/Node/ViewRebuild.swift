import EventLog
import Ledger
import Primitives
import Views

/// What came of making views anew.
public struct ViewRebuild: Sendable {
  /// A view that was made, and what was there before.
  public struct Line: Sendable {
    /// The view as it follows from the log.
    public var made: ViewDigest
    /// The view as it was; nil where there was none that could be read.
    public var found: ViewDigest?

    /// Whether it was as it should be.
    public var isEqual: Bool { made == found }
  }

  /// The views, ascending by name.
  public var lines: [Line]
  /// Events that the views have taken in.
  public var events: UInt64

  /// Makes all views of a directory anew from its log, and puts them in the place of those there.
  ///
  /// Nobody else may have the directory open. The old views stay until the new ones are whole; with
  /// `keeps` they stay altogether, and are only compared. `progress` hears of the replay.
  ///
  /// - Throws: ``NodeError`` when the directory is in use, or its log is not what its replay gives.
  public static func run(
    _ directory: DataDirectory, keeps: Bool, progress: (ReplayProgress) -> Void
  ) throws(NodeError) -> ViewRebuild {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    let log: EventLog
    do throws(EventLogError) {
      log = try EventLog(path: directory.log, mode: .readWrite)
    } catch {
      if case .inUse(let path, let process) = error {
        throw .inUse(path: path, processIdentifier: process)
      }
      throw .log("\(error)")
    }
    let draft = directory.views + ".new"
    Views.delete(path: draft)
    let made = try make(draft, from: log, directory, progress)
    let found = (try? ViewReader.open(path: directory.views).digests()) ?? []
    if keeps {
      Views.delete(path: draft)
    } else {
      Views.delete(path: directory.views)
      try Files.rename(draft, to: directory.views)
    }
    return ViewRebuild(
      lines: made.map { digest in
        Line(made: digest, found: found.first { $0.name == digest.name })
      }, events: log.count)
  }

  /// Makes views in a file of their own, whole and durable.
  private static func make(
    _ path: String, from log: EventLog, _ directory: DataDirectory,
    _ progress: (ReplayProgress) -> Void
  ) throws(NodeError) -> [ViewDigest] {
    let views: Views
    do throws(ViewsError) {
      views = try Views.open(path: path, isSynced: false)
    } catch {
      throw .views(error.message)
    }
    let states = ForkStore(reading: directory.fork)
    views.outside = states
    try Replay.rebuild(
      views, from: log, content: ContentStore(reading: directory.content), states: states,
      progress: progress)
    do throws(ViewsError) {
      let digests = try views.digests()
      try views.settle()
      return digests
    } catch {
      throw .views(error.message)
    }
  }
}
