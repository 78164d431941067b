import Foundation
import Testing

/// Ethereum's own tests, unpacked into the folders that the environment names.
///
/// A check while one works on the machine; the conformance suites proper bring their own runner.
@Suite("Ethereum's tests")
struct EthereumTests {
  static let stateFolder = ProcessInfo.processInfo.environment["OPAL_STATE_TESTS"]
  static let blockchainFolder = ProcessInfo.processInfo.environment["OPAL_BLOCKCHAIN_TESTS"]

  @Test(
    "of states all end in the recorded root, with the recorded logs",
    .enabled(if: stateFolder != nil, "OPAL_STATE_TESTS names no folder"))
  func states() throws {
    try check(try #require(Self.stateFolder), with: StateTestRunner.run(file:))
  }

  @Test(
    "of blockchains accept the valid blocks and refuse the others",
    .enabled(if: blockchainFolder != nil, "OPAL_BLOCKCHAIN_TESTS names no folder"))
  func blockchains() throws {
    try check(try #require(Self.blockchainFolder), with: BlockchainTestRunner.run(file:))
  }

  private func check(
    _ folder: String, with run: (URL) throws -> StateTestRunner.Tally
  ) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".json") }.sorted()
    var tally = StateTestRunner.Tally()
    for name in names { tally.add(try run(URL(filePath: folder).appending(path: name))) }
    let summary =
      "\(tally.passed) passed, \(tally.unsupported) need a missing contract, "
      + "\(tally.failures.count) failed"
    #expect(tally.passed > 0, "no case ran")
    #expect(
      tally.failures.isEmpty,
      "\(summary)\n\(tally.failures.prefix(200).joined(separator: "\n"))")
    if tally.failures.isEmpty { print(summary) }
  }
}
