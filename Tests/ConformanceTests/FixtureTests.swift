import Conformance
import Foundation
import TestSupport
import Testing

@Suite("Fixture files") struct FixtureTests {
  @Test("a path with nothing behind it is refused by name")
  func missing() throws {
    var folder = FixtureFolder()
    #expect(throws: FixtureError.self) { try folder.add("no/such/folder") }
  }

  @Test("an archive that is none is refused, and leaves no folder behind")
  func damagedArchive() throws {
    let fixture = try TemporaryFixture("this is no archive", named: "x.tar.xz")
    var folder = FixtureFolder()
    #expect(throws: FixtureError.self) { try folder.add(fixture.path.path) }
    #expect(folder.files.isEmpty)
  }

  @Test("a document that is not what a suite takes fails with the place, and never crashes")
  func hostile() throws {
    let suites: [any Suite] = [StateTest(), BlockTest(), VectorTest()]
    for text in Self.hostileDocuments {
      let fixture = try TemporaryFixture(text)
      for suite in suites {
        let run = try Run(suite, fixture.path)
        #expect(run.tally.passed == 0, "\(text.prefix(80))")
        #expect(run.tally.failed > 0, "\(text.prefix(80))")
      }
    }
  }

  /// Wrong shapes, truncated text, absurd numbers, and depth.
  static let hostileDocuments: [String] = {
    let state = #"{"pre":{},"env":{},"transaction":{},"post":{"#
    let zeros = "0x" + String(repeating: "0", count: 40)
    return [
      "", "{", "[]", "{}", "1", "\"\"", "null", "[[[]]]", #"{"a":null}"#, #"{"a":1}"#,
      String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000),
      #"{"a":{"pre":1,"post":2}}"#, #"{"a":\#(state)"Cancun":{}}}}"#,
      #"{"a":\#(state)"Cancun":[{}]}}}"#, #"{"a":\#(state)"Nowhere":[{}]}}}"#,
      #"{"a":\#(state)"Cancun":[{"indexes":{"data":"0xffffffffffffffffffff"}}]}}}"#,
      #"{"a":{"pre":{"0x12":{}},"post":{},"transaction":{}}}"#,
      #"{"a":{"pre":{"\#(zeros)":{"storage":{"0x\#(zeros)\#(zeros)":"0x1"}}},"post":{}}}"#,
      #"{"a":{"network":"BPO9ToMoonAtTime15k","pre":{},"blocks":[]}}"#,
      #"{"a":{"network":"London","pre":{},"blocks":[{"rlp":"0xf9ffff"}],"genesisRLP":"0xc0"}}"#,
      #"{"a":{"txbytes":"0x","result":{"Moon":{}}}}"#, #"{"a":{"in":"INVALID","out":"0x80"}}"#,
      #"[{"Input":"00","Expected":"00","Name":"x"}]"#, #"[{"X":"00","Y":"00","Expected":"00"}]"#,
      #"{"a":{"exec":{"gas":"-1"},"pre":{},"env":{}}}"#,
      #"{"algorithm":"ECDSA","testGroups":[{"type":"x"}]}"#,
    ]
  }()

  @Test("numbers of more than 256 bits are named as such")
  func oversized() throws {
    let text = #"{"a":{"in":{},"root":"0x:bigint 0x1\#(String(repeating: "0", count: 64))"}}"#
    let fixture = try TemporaryFixture(text)
    #expect(try Run(VectorTest(), fixture.path).failures.count == 1)
  }

  @Test("cases are reported in the files' order, however many threads run them")
  func order() throws {
    let folder = Project.ownVectors.appending(path: "conformance")
    let first = try Run(StateTest(), folder)
    #expect(first.tally.passed > 100)
    #expect(try Run(StateTest(), folder).tally == first.tally)
  }
}
