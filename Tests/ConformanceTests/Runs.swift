import Conformance
import Foundation
import Synchronization
import TestSupport

/// Results of a suite over files, as the commands get them.
struct Run: Sendable {
  /// All cases.
  var tally = Tally()
  /// Those that failed, as lines.
  var failures: [String] = []
  /// Those that were skipped, as lines with the reason.
  var skips: [String] = []

  /// Runs a suite over a path.
  init(_ suite: any Suite, _ path: URL) throws {
    var folder = FixtureFolder(endings: VectorTest.endings)
    defer { folder.close() }
    try folder.add(path.path)
    let collected = Mutex<[CaseResult]>([])
    ParallelRun().run(folder.files, with: suite) { _, results in
      collected.withLock { $0 += results }
    }
    for result in collected.withLock({ $0 }) {
      if case .skipped(let reason) = result.verdict { skips.append("\(result.name): \(reason)") }
      tally.add(result.verdict)
      guard case .failed(let difference) = result.verdict else { continue }
      failures.append(
        "\(result.file) \(result.name) [\(result.fork)] \(difference.field): expected "
          + "\(difference.expected.prefix(200)), got \(difference.got.prefix(200))")
    }
  }

  /// An archive of other projects' vectors.
  static func pack(_ name: String) -> URL {
    Project.vectors.appending(path: "conformance/\(name).tar.xz")
  }

  /// Whether the archives are there.
  static func has(_ name: String) -> Bool { Project.hasVectors("conformance/\(name).tar.xz") }
}

/// A document that is written for one test, and gone after it.
final class TemporaryFixture {
  let path: URL

  init(_ text: String, named name: String = "test.json") throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "opal-fixture-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appending(path: name)
    try Data(text.utf8).write(to: path)
  }

  deinit { try? FileManager.default.removeItem(at: path.deletingLastPathComponent()) }
}
