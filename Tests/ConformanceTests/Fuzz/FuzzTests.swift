import Conformance
import Cryptography
import EVM
import Execution
import Foundation
import JSON
import Primitives
import TestSupport
import Testing

@Suite("Differential fuzzing") struct FuzzTests {
  @Test("generated cases end as Ethereum's executable specification says")
  func generatedCases() throws {
    let run = try Run(StateTest(), Project.ownVectors.appending(path: "fuzz"))
    #expect(run.failures == [])
    #expect(run.tally.passed == 30)
  }

  @Test(
    "a case is a function of peer, seed, index and fork", arguments: CaseGenerator.Peer.allCases)
  func reproduction(peer: CaseGenerator.Peer) {
    let generator = CaseGenerator(seed: 7, peer: peer)
    for index in 0..<20 as Range<UInt64> {
      #expect(generator.fuzzCase(index).line == generator.fuzzCase(index).line)
    }
    #expect(generator.fuzzCase(3).line != generator.fuzzCase(4).line)
    #expect(generator.fuzzCase(3).line != CaseGenerator(seed: 8, peer: peer).fuzzCase(3).line)
  }

  @Test("the chance is the one of the paper's reference code")
  func chance() {
    var random = SplitMix(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect((0..<1000).allSatisfy { _ in (3...5).contains(random.number(3...5)) })
  }

  @Test("cases of every fork run, and mostly to an end that is not a refusal")
  func forks() throws {
    let workspace = Workspace()
    for fork in CaseGenerator.Peer.eels.forks {
      let generator = CaseGenerator(seed: 1, peer: .eels, forks: [fork])
      var refused = 0
      for index in 0..<40 as Range<UInt64> {
        let fuzzCase = generator.fuzzCase(index)
        #expect(fuzzCase.forkName == fork)
        let outcome = fuzzCase.run(workspace: workspace)
        if try JSON.parse(outcome.line)["refused"] != nil { refused += 1 }
      }
      #expect(refused < 15, "\(fork)")
    }
  }

  @Test("an outcome is the same after it was written and read")
  func outcomeLine() throws {
    let generator = CaseGenerator(seed: 5, peer: .eels)
    for index in 0..<100 as Range<UInt64> {
      let outcome = generator.fuzzCase(index).run()
      #expect(outcome.firstDifference(from: try FuzzOutcome(line: outcome.line)) == nil)
    }
  }

  @Test(
    "a difference is told in each field",
    arguments: [
      ("gasUsed", #""gasUsed":"0x5208""#, #""gasUsed":"0x5209""#),
      ("status", #""success""#, #""revert""#), ("output", #""output":"0x""#, #""output":"0x01""#),
      ("logs", #""logs":[]"#, Self.log),
      ("transaction", #"{"status""#, #"{"refused":"no","status""#),
      ("0x0000000000000000000000000000000000000001 nonce", #""nonce":"0x1""#, #""nonce":"0x2""#),
      ("0x0000000000000000000000000000000000000001 balance", #""0x7""#, #""0x8""#),
      ("0x0000000000000000000000000000000000000001 code", #""0x6001""#, #""0x6002""#),
      ("0x0000000000000000000000000000000000000001 storage 0x3", #""0x9""#, #""0xa""#),
      ("0x0000000000000000000000000000000000000001", "000000001", "000000002"),
    ])
  func differences(field: String, from old: String, to new: String) throws {
    let theirs = try FuzzOutcome(line: Bytes(Self.answer.utf8))
    let altered = Self.answer.replacing(old, with: new)
    let ours = try FuzzOutcome(line: Bytes(altered.utf8))
    #expect(theirs.firstDifference(from: theirs) == nil)
    #expect(ours.firstDifference(from: theirs)?.field == field)
  }

  static let log =
    #""logs":[{"address":"0x0000000000000000000000000000000000000001","topics":[],"data":"0x"}]"#
  static let answer = """
    {"status":"success","gasUsed":"0x5208","output":"0x","logs":[],"post":\
    {"0x0000000000000000000000000000000000000001":{"nonce":"0x1","balance":"0x7",\
    "code":"0x6001","storage":{"0x3":"0x9"}}}}
    """

  @Test(
    "what is no answer is told as such",
    arguments: [
      "", "[]", "{}", "null", #"{"status":"well"}"#, #"{"status":"halt","gasUsed":"0x0"}"#,
      #"{"status":"halt","gasUsed":"-1","output":"0x","logs":[],"post":{}}"#,
      #"{"status":"halt","gasUsed":"0x0","output":"0x","logs":{},"post":{}}"#,
      #"{"status":"halt","gasUsed":"0x0","output":"0x","logs":[],"post":{"0x1":{}}}"#,
    ])
  func noAnswers(line: String) {
    #expect(throws: FuzzOutcome.PeerError.self) { try FuzzOutcome(line: Bytes(line.utf8)) }
  }

  @Test("shrinking keeps what makes the difference, and little else")
  func shrinking() throws {
    let generator = CaseGenerator(seed: 3, peer: .pyrevm, forks: ["Cancun"])
    // The difference shall be that something was logged.
    func logs(_ fuzzCase: FuzzCase) -> Bool {
      fuzzCase.run().line.firstRange(of: Bytes(#""topics""#.utf8)) != nil
    }
    let found = try #require((0..<500).lazy.map { generator.fuzzCase($0) }.first { logs($0) })
    let small = Shrinking().shrink(found, while: logs)
    #expect(logs(small))
    #expect(small.accounts.count <= 3)
    #expect(small.line.count < found.line.count)
  }

  @Test("a reproducer is a state test that passes when the outcome is ours")
  func reproducer() throws {
    let generator = CaseGenerator(seed: 9, peer: .eels)
    for index in 0..<60 as Range<UInt64> {
      let fuzzCase = generator.fuzzCase(index)
      let test = fuzzCase.stateTest(named: "case", expecting: fuzzCase.run(), comment: "")
      let results = try StateTest().run(Fixture(try JSON.parse(test)), path: "")
      #expect(results.map(\.verdict) == [.passed], "case \(index)")
    }
  }
}
