import EventLog
import Node
import Primitives
import TransparencyLog

/// What `opal audit` and `opal import` do with a bundle.
enum BundleAudit {
  /// Whether a file is a bundle, by its first bytes.
  static func isBundle(_ path: String) throws(Failure) -> Bool {
    guard Files.exists(path) else { throw .failed("\(path): no such file") }
    return TarSource.isArchive(Files.head(path, sizeInBytes: 512))
  }

  /// Audits a bundle with nothing else at hand.
  static func run(_ path: String, _ arguments: Arguments) throws(Failure) -> Int32 {
    guard try arguments.value("--datadir") == nil else {
      throw .usage("a bundle is audited by itself, without --datadir")
    }
    let bundle = try Failure.ofNode { () throws(NodeError) in try TarSource(path: path) }
    let keys = try TrustedKeys.read(arguments, bundle)
    let range = try Failure.ofNode { () throws(NodeError) in try LogBundle.range(bundle) }
    let report = try Failure.of { () throws(TransparencyError) in
      try LogBundle.check(bundle, range: range, keys: keys)
    }
    LogReading.say(report)
    guard range == 1...report.checkpoint.head.size else {
      try replay(bundle, range, keys)
      return 0
    }
    let folder = try Failure.ofNode { () throws(NodeError) in
      try Files.makeTemporaryDirectory()
    }
    defer { Files.removeTemporaryDirectory(folder) }
    let directory = DataDirectory(path: folder)
    _ = try restore(bundle, keys: keys, into: directory)
    try audit(directory, key: nil)
    return 0
  }

  /// Replays a range of a log, where the bundle has what that needs, and says what is proved.
  private static func replay(
    _ bundle: TarSource, _ range: ClosedRange<UInt64>, _ keys: [VerifierKey]
  ) throws(Failure) {
    let result = try Failure.ofNode { () throws(NodeError) in
      try RangeWitness.replay(bundle, range: range, keys: keys)
    }
    let (first, last) = (range.lowerBound, range.upperBound)
    guard let result else {
      Terminal.say("proved          that events \(first) to \(last) stand so in the signed log")
      Terminal.say(
        "not proved      what followed from them, which depends on the events before; a bundle has "
          + "what that needs where it begins with event 1 and ends with the last, or at an event "
          + "that says the world's digest")
      return
    }
    let progress = result.progress
    Terminal.say(
      "replay          events \(first + 1) to \(last): \(progress.blocks) blocks, "
        + "\(progress.transactions) transactions, \(progress.gasUsed) gas; each commitment as recorded"
    )
    Terminal.say(
      "proved          that this followed from the world whose digest event \(first) has")
    Terminal.say(
      "not proved      that the events before lead to that world: who replays the whole log finds out"
    )
  }

  /// Makes a data directory of a bundle of a whole log.
  static func restore(
    _ bundle: TarSource, keys: [VerifierKey], into directory: DataDirectory
  ) throws(Failure) -> (count: UInt64, checkpoint: SignedTreeHead) {
    let result = try Failure.ofNode { () throws(NodeError) in
      guard try LogBundle.range(bundle).lowerBound == 1 else {
        throw NodeError.refused("a log begins with event 1, and this bundle does not")
      }
      var restore = try LogRestore(into: directory)
      let checkpoint = try restore.run(bundle, keys: keys) { done, all in
        Terminal.progress("importing: event \(done) of \(all)")
      }
      return (restore.count, checkpoint)
    }
    Terminal.endProgress()
    return result
  }
}
