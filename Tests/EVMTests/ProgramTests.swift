import Conformance
import EVM
import Foundation
import TestSupport
import Testing

/// The programs of `evm-bench`, whose outputs and gas evmone and revm agree on: the project's own
/// under `Tests/Vectors`, the others beside the checkout or where `OPAL_VECTORS` says.
private enum Programs {
  static let own = Project.ownVectors.appending(path: "evm-bench")
  static let foreign = Project.vectors.appending(path: "evm-bench")

  /// Programs of more instructions run in release builds only, where they take no time.
  static let instructionLimit: Int = {
    var limit = Int.max
    assert({ limit = 300_000 }() == ())
    return limit
  }()

  static func files(in folder: URL) -> [FixtureFile] {
    var found = FixtureFolder()
    try? found.add(folder.path)
    return found.files
  }
}

@Suite struct ProgramTests {
  @Test(
    "the project's own programs give their outputs for their gas",
    arguments: Programs.files(in: Programs.own))
  func own(file: FixtureFile) throws { try check(file) }

  @Test(
    "foreign programs give their outputs for their gas",
    .enabled(if: FileManager.default.fileExists(atPath: Programs.foreign.path)),
    arguments: Programs.files(in: Programs.foreign))
  func foreign(file: FixtureFile) throws { try check(file) }

  @Test("a program that a driver calls three times succeeds each time")
  func driven() throws {
    let file = try #require(
      Programs.files(in: Programs.own).first { $0.path.hasSuffix("call_depth1000.json") })
    let program = try MachineProgram(file.document()).driven(count: 3)
    #expect(try program.run(on: program.state()).status == .success)
  }

  private func check(_ file: FixtureFile) throws {
    let program = try MachineProgram(file.document())
    guard program.instructions <= Programs.instructionLimit else { return }
    let fault = program.fault(try program.run(on: program.state()))
    #expect(fault == nil)
  }
}
