import EventLog
import Glibc
import Ledger
import Node
import Primitives
import Views

/// `opal replay`: applies the log again and compares every row.
let replayCommand = Command(
  name: "replay", summary: "apply the log again, and compare every row with what it says",
  details: """
    Every event is applied to a fresh world, and each row's commitment is compared with the one
    recorded. Stops at the first difference with exit code 1, naming sequence, field and both
    values. --from and --to bound what is compared and counted; what comes before is applied all
    the same, since it is what the rest follows from.
    """,
  example: "opal replay --datadir .opal/demo",
  options: [
    .init("--datadir", value: "PATH", help: "where the log is (.opal/demo)"),
    .init("--from", value: "N", help: "report from this event on (1)"),
    .init("--to", value: "N", help: "stop after this event (the last)"),
    .init("--views", help: "also rebuild the views, and compare them with views.sqlite"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/demo")
  let summary = try ReplayCheck.run(
    directory: directory, compareViews: arguments.has("--views"),
    from: try arguments.number("--from", in: 1...UInt64.max) ?? 1,
    to: try arguments.number("--to", in: 1...UInt64.max))
  Terminal.say(summary)
  return 0
}

/// A replay as the command line runs it, with progress and a summary.
enum ReplayCheck {
  /// Replays a directory's log; returns the summary.
  static func run(
    directory: DataDirectory, compareViews: Bool, from: UInt64 = 1, to: UInt64? = nil
  ) throws(Failure) -> String {
    guard directory.holdsLog else {
      throw .failed("\(directory.path) holds no event log (log.sqlite)")
    }
    let fresh = try compareViews ? temporaryViews() : nil
    defer { if let fresh { Files.removeTemporaryDirectory(fresh.folder) } }
    let started = NodeConfiguration.systemClock()
    let result: ReplayResult
    do throws(NodeError) {
      result = try Replay.check(directory, from: from, to: to, views: fresh?.views) { progress in
        let percent = progress.events * 100 / max(1, progress.lastSequence)
        Terminal.progress(
          "replaying: event \(progress.events) of \(progress.lastSequence) (\(percent) %), "
            + "\(rates(progress, since: started))")
      }
    } catch {
      throw .failed(error.message)
    }
    Terminal.endProgress()
    var summary =
      "replayed \(result.progress.events) events, \(result.progress.blocks) blocks, "
      + "\(result.progress.transactions) transactions: every commitment agrees "
      + "(\(rates(result.progress, since: started)))"
    if let fresh {
      let count = try compare(fresh.views, with: directory)
      summary += "\n   and \(count) rows of fresh views are equal to those the node wrote"
    }
    return summary + "\n   last commitment \(result.commitment.hexadecimal)"
  }

  private static func rates(_ progress: ReplayProgress, since start: UInt64) -> String {
    let elapsed = max(1, NodeConfiguration.systemClock() - start)
    let blocks = progress.blocks * 1000 / elapsed
    let transactions = progress.transactions * 1000 / elapsed
    let gasInHundredths = progress.gasUsed / (elapsed * 10)
    let decimals = gasInHundredths % 100
    return "\(blocks) blocks/s, \(transactions) transactions/s, "
      + "\(gasInHundredths / 100).\(decimals < 10 ? "0" : "")\(decimals) Mgas/s"
  }

  private static func temporaryViews() throws(Failure) -> (folder: String, views: Views) {
    do {
      let folder = try Files.makeTemporaryDirectory()
      return (folder, try Views.open(path: folder + "/views.sqlite"))
    } catch {
      throw .failed("\(error)")
    }
  }

  /// Compares fresh views with those of the directory; returns how many rows are equal.
  private static func compare(
    _ fresh: Views, with directory: DataDirectory
  ) throws(Failure) -> UInt64 {
    guard Files.exists(directory.views) else {
      throw .failed("\(directory.views) is missing; start a node, and it is made again")
    }
    do {
      let written = try ViewReader.open(path: directory.views).digests()
      let made = try fresh.digests()
      var rows: UInt64 = 0
      for (left, right) in zip(made, written) {
        guard left == right else {
          throw Failure.failed(
            "view \(left.name) differs: replayed \(left.rowCount) rows, digest "
              + "\(left.digest.hexadecimal); written \(right.rowCount) rows, digest "
              + right.digest.hexadecimal)
        }
        rows += UInt64(left.rowCount)
      }
      guard made.count == written.count else {
        throw Failure.failed("the views of \(directory.path) are of another format")
      }
      return rows
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .failed("\(error)")
    }
  }
}
