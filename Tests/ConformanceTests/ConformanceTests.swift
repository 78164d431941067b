import Conformance
import EVM
import Foundation
import Primitives
import TestSupport
import Testing

@Suite("Conformance") struct ConformanceTests {
  @Test("our own state tests end as Ethereum's executable specification says")
  func ownStateTests() throws {
    let run = try Run(
      StateTest(), Project.ownVectors.appending(path: "conformance/state_tests.json"))
    #expect(run.failures == [])
    #expect(run.tally.passed == 129)
  }

  @Test(
    "Ethereum's state tests pass", .enabled(if: Run.has("state-ethereum-tests")),
    arguments: ["state-evmone", "state-ethereum-tests"])
  func stateTests(pack: String) throws { try check(StateTest(), pack) }

  @Test(
    "Ethereum's blockchain tests pass", .enabled(if: Run.has("blockchain-legacy")),
    arguments: ["blockchain-legacy"])
  func blockTests(pack: String) throws { try check(BlockTest(), pack) }

  @Test(
    "vectors of every kind pass", .enabled(if: Run.has("vmtests")),
    arguments: ["vmtests", "basic", "crypto", "encoding", "precompiles", "tracers"])
  func vectorTests(pack: String) throws { try check(VectorTest(), pack) }

  @Test(
    "EigenDA's vectors pass: coding, commitments, certificates, signatures, points",
    .enabled(if: Project.hasVectors("da/kzg"), "no vectors of the DA layer"),
    arguments: [
      "bn254", "certs", "kzg/fr_fft.json", "kzg/gettysburg.json", "kzg/payload_codec_cases.json",
      "kzg/payload_blob_commitments.json", "kzg/single_point_proofs_testsrs.json",
      "kzg/prod-128KiB-8192x4.proofs.bin", "srs",
    ])
  func dataAvailability(path: String) throws {
    try check(VectorTest(), Project.vectors.appending(path: "da").appending(path: path))
  }

  @Test(
    "EigenDA's coded blobs are ours, byte for byte, up to 8,192 chunks of 32",
    .enabled(if: isFull && Project.hasVectors("da/kzg"), "OPAL_CONFORMANCE is not full"))
  func dataAvailabilityFrames() throws {
    let path = "da/kzg/rs_frames_multiproofs_mainnet_g1.json"
    try check(VectorTest(), Project.vectors.appending(path: path))
  }

  /// Minutes, not seconds: `tools/test --full` asks for them.
  static let isFull = ProcessInfo.processInfo.environment["OPAL_CONFORMANCE"] == "full"

  @Test(
    "the large sets of state tests pass",
    .enabled(if: isFull && Run.has("state-eest"), "OPAL_CONFORMANCE is not full"),
    arguments: ["state-legacy-cancun", "state-legacy-constantinople"])
  func largeStateTests(pack: String) throws { try check(StateTest(), pack) }

  @Test(
    "the newest state tests pass but for those that contradict older ones, which are named",
    .enabled(if: isFull && Run.has("state-eest"), "OPAL_CONFORMANCE is not full"))
  func newestStateTests() throws {
    let run = try Run(StateTest(), Run.pack("state-eest"))
    #expect(run.failures.isEmpty, "\(run.failures.prefix(50).joined(separator: "\n"))")
    #expect(run.skips.count == Contradictions.names.count)
    for name in Contradictions.names {
      #expect(run.skips.contains { $0.contains(name) && $0.contains(Contradictions.reason) })
    }
  }

  @Test(
    "cases that contradict others cannot pass",
    .disabled("they contradict ethereum/legacytests: docs/conformance.md"),
    arguments: Contradictions.names)
  func contradictions(name: String) {}

  @Test(
    "the slow tests pass: quadratic, time-consuming, and those that took a second elsewhere",
    .enabled(if: isFull && Run.has("slow"), "OPAL_CONFORMANCE is not full"))
  func slowTests() throws { try check(VectorTest(), "slow") }

  @Test(
    "the large sets of blockchain tests pass",
    .enabled(if: isFull && Run.has("blockchain-eest"), "OPAL_CONFORMANCE is not full"),
    arguments: ["blockchain-eest", "blockchain-extra"])
  func largeBlockTests(pack: String) throws { try check(BlockTest(), pack) }

  private func check(_ suite: any Suite, _ pack: String) throws {
    try check(suite, Run.pack(pack))
  }

  private func check(_ suite: any Suite, _ path: URL) throws {
    let run = try Run(suite, path)
    #expect(run.tally.passed > 0, "no case ran")
    #expect(run.failures.isEmpty, "\(run.failures.prefix(50).joined(separator: "\n"))")
  }

  @Test("bytecode by itself is traced step by step, as EIP-3155 says")
  func trace() throws {
    var execution = CodeExecution(code: [0x60, 1, 0x60, 2, 0x01, 0x00])
    execution.gasLimit = 1000
    var lines: [String] = []
    let outcome = try execution.run { lines.append($0) }
    #expect(lines.count == 4)
    #expect(lines[2].contains(#""op":1,"gas":"0x3e2","gasCost":"0x3""#))
    #expect(lines[2].contains(#""stack":["0x1","0x2"]"#))
    #expect(outcome.hasSucceeded)
    #expect(outcome.gasUsed == 9)
  }

  @Test("a trace of code that halts names the error in its last step")
  func haltingTrace() throws {
    var lines: [String] = []
    let outcome = try CodeExecution(code: [0x01]).run { lines.append($0) }
    #expect(lines.count == 1)
    #expect(lines[0].contains("stack underflow"))
    #expect(outcome.error?.hasPrefix("stack underflow") == true)
    #expect(CodeExecution.fork(named: "petersburg") == .constantinopleFix)
    #expect(CodeExecution.fork(named: "moon") == nil)
  }
}
