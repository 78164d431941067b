import Cryptography
import EventLog
import Ledger
import NativeCryptography
import Primitives
import SQLite
import Views

extension Record {
  /// Opens a data directory for writing: replays the log, brings the views up to it, and declares
  /// the genesis where there is none.
  ///
  /// - Throws: ``NodeError``; ``NodeError/mismatch(sequence:field:recorded:replayed:)`` when the
  ///   log is not what its replay gives.
  static func open(
    _ configuration: NodeConfiguration, fork: ForkStore? = nil,
    progress: (ReplayProgress) -> Void
  ) throws(NodeError) -> Record {
    let directory = configuration.directory
    try Files.makeDirectory(directory.path, on: configuration.disk)
    let log = try openLog(configuration)
    try KeptCheckpoint.check(log, path: directory.checkpoint)
    var views = try openViews(configuration)
    let content = try ContentStore(
      directory: directory.content, storage: configuration.disk)
    let states: ForkStore
    if let fork {
      states = fork
    } else if case .simulated = configuration.disk {
      // A simulated node has no other chain to go on from.
      states = ForkStore(reading: "")
    } else {
      states = try ForkStore(path: directory.fork)
    }
    views.outside = states
    var replay = Replay(lastSequence: log.count, content: content, states: states)
    if let world = snapshot(configuration, log, views, content, states) {
      replay = Replay(lastSequence: log.count, from: world)
    }
    var snapshotSequence = replay.world.sequence
    do throws(ReplayFailure) {
      try replay.run(log, into: views, progress: progress)
    } catch {
      // Views that do not fit the log are a cache gone stale: make them again.
      if case .views(let reason) = error {
        views = try rebuiltViews(configuration, because: reason)
        views.outside = states
      } else if snapshotSequence > 0 {
        configuration.report(
          "what follows the snapshot does not fit, the log is replayed: \(error.nodeError.message)")
      } else {
        throw error.nodeError
      }
      snapshotSequence = 0
      replay = Replay(lastSequence: log.count, content: content, states: states)
      do throws(ReplayFailure) {
        try replay.run(log, into: views, progress: progress)
      } catch {
        throw error.nodeError
      }
    }
    var record = Record(
      world: replay.world, configuration: configuration, log: log, views: views,
      content: content,
      nodeKey: try directory.nodeKey(on: configuration.disk),
      identity: try directory.logIdentity(on: configuration.disk))
    record.lastSnapshot = snapshotSequence
    if record.world.sequence == 0 { try record.begin() }
    return record
  }

  /// The world of the last snapshot, if there is one to be trusted.
  private static func snapshot(
    _ configuration: NodeConfiguration, _ log: EventLog, _ views: Views, _ content: ContentStore,
    _ states: ForkStore
  ) -> World? {
    do throws(SnapshotError) {
      return try SnapshotFile(configuration.directory.snapshot, on: configuration.disk).read(
        log, views, content: content, states: states)
    } catch {
      configuration.report("the snapshot is not used, the log is replayed: \(error.reason)")
      return nil
    }
  }

  /// A reader of the views of a data directory.
  static func reader(
    _ path: String, prepare: @escaping @Sendable () -> Void = {}
  ) throws(NodeError) -> ViewReader {
    do throws(ViewsError) {
      return try ViewReader.open(path: path, prepare: prepare)
    } catch {
      throw .views(error.message)
    }
  }

  private static func openLog(_ configuration: NodeConfiguration) throws(NodeError) -> EventLog {
    do throws(EventLogError) {
      return try EventLog(
        path: configuration.directory.log, mode: .readWrite,
        maximumSizeInBytes: configuration.maximumLogSizeInBytes,
        isSynced: configuration.isDurable, storage: configuration.disk)
    } catch {
      if case .inUse(let path, let process) = error {
        throw .inUse(path: path, processIdentifier: process)
      }
      throw .log("\(error)")
    }
  }

  /// Opens the views, or makes new ones where they are missing, damaged or of another format.
  private static func openViews(_ configuration: NodeConfiguration) throws(NodeError) -> Views {
    do throws(ViewsError) {
      return try Views.open(
        path: configuration.directory.views, isSynced: configuration.isDurable,
        storage: configuration.disk)
    } catch {
      guard case .needsRebuild(let reason) = error else { throw .views(error.message) }
      return try rebuiltViews(configuration, because: reason)
    }
  }

  private static func rebuiltViews(
    _ configuration: NodeConfiguration, because reason: String
  ) throws(NodeError) -> Views {
    configuration.report("views.sqlite is made again from the log: \(reason)")
    Views.delete(path: configuration.directory.views, storage: configuration.disk)
    do throws(ViewsError) {
      return try Views.open(
        path: configuration.directory.views, storage: configuration.disk)
    } catch {
      throw .views(error.message)
    }
  }
}

/// Why a replay into views stopped.
enum ReplayFailure: Error {
  /// The log is not what its replay gives, or cannot be read.
  case log(NodeError)
  /// The views do not take what the log has.
  case views(String)

  var nodeError: NodeError {
    switch self {
    case .log(let error): error
    case .views(let reason): .views(reason)
    }
  }
}

extension Replay {
  /// How many events the views take in at once, and after how many the progress is told.
  private static let batchCount = 1_024
  /// How many consequences they take in at once: one L1 block may lead to hundreds of L2 blocks.
  private static let batchConsequenceCount = 8_192

  /// Applies a whole log, comparing each row, and gives the views what they do not have yet.
  mutating func run(
    _ log: EventLog, through last: UInt64? = nil, into views: Views?,
    countingFrom first: UInt64 = 1,
    progress report: (ReplayProgress) -> Void
  ) throws(ReplayFailure) {
    let known = views?.cursor ?? .start
    guard known.sequence <= log.count else {
      throw .views("they have seen \(known.sequence) events, the log has \(log.count)")
    }
    if known.sequence == world.sequence, world.sequence > 0, known.commitment != world.commitment {
      throw .views("they follow another log from event \(known.sequence) on")
    }
    var batch: [ViewEntry] = []
    var consequenceCount = 0
    var rows = RowsAhead(try Replay.rows(of: log, from: world.sequence + 1, through: last))
    while let row = try rows.next() {
      let consequences: [Consequence]
      do throws(NodeError) {
        consequences = try apply(row, isCounted: row.sequence >= first).consequences
      } catch {
        throw .log(error)
      }
      if row.sequence == known.sequence, row.commitment != known.commitment {
        throw .views("they follow another log from event \(row.sequence) on")
      }
      if views != nil, row.sequence > known.sequence {
        batch.append(
          ViewEntry(
            sequence: row.sequence, commitment: row.commitment, consequences: consequences))
        consequenceCount += consequences.count
      }
      if batch.count >= Replay.batchCount || consequenceCount >= Replay.batchConsequenceCount {
        try Replay.hand(&batch, to: views)
        consequenceCount = 0
      }
      if row.sequence % UInt64(Replay.batchCount) == 0 { report(progress) }
    }
    try Replay.hand(&batch, to: views)
    report(progress)
  }

  private static func rows(
    of log: EventLog, from first: UInt64, through last: UInt64?
  ) throws(ReplayFailure) -> RowCursor {
    do throws(EventLogError) {
      return try log.rows(from: first, through: last)
    } catch {
      throw .log(.log("\(error)"))
    }
  }

  private static func hand(
    _ batch: inout [ViewEntry], to views: Views?
  ) throws(ReplayFailure) {
    guard let views, !batch.isEmpty else { return }
    do throws(ViewsError) {
      try views.take(batch)
    } catch {
      throw .views(error.message)
    }
    batch.removeAll(keepingCapacity: true)
  }
}
