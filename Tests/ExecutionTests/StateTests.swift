import Foundation
import Testing

/// Ethereum's state tests, unpacked into the folder that `OPAL_STATE_TESTS` names.
@Suite("Ethereum's state tests")
struct StateTests {
  static let folder = ProcessInfo.processInfo.environment["OPAL_STATE_TESTS"]

  @Test(
    "all end in the recorded state, with the recorded logs",
    .enabled(if: folder != nil, "OPAL_STATE_TESTS names no folder"))
  func all() async throws {
    let folder = try #require(Self.folder)
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".json") }.sorted()
    var tally = StateTestRunner.Tally()
    for name in names {
      tally.add(try StateTestRunner.run(file: URL(filePath: folder).appending(path: name)))
    }
    let summary =
      "\(tally.passed) passed, \(tally.unsupported) need a missing contract, "
      + "\(tally.failures.count) failed"
    #expect(tally.passed > 0, "no case ran")
    #expect(
      tally.failures.isEmpty,
      "\(summary)\n\(tally.failures.prefix(200).joined(separator: "\n"))")
  }
}
