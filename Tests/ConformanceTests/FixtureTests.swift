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
        let refused = run.tally.failed + (suite is VectorTest ? 0 : run.tally.skipped)
        #expect(refused > 0, "\(text.prefix(80))")
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

  @Test("bytes that are no text, and files that are not there, are named")
  func unreadable() throws {
    for bytes: [UInt8] in [[0xff, 0xfe, 0x00], [0x22, 0xc3, 0x28, 0x22], [0x00]] {
      let fixture = try TemporaryFixture("")
      try Data(bytes).write(to: fixture.path)
      let run = try Run(VectorTest(), fixture.path)
      #expect(run.tally.failed == 1)
      #expect(run.failures.first?.contains(fixture.path.path) == true)
    }
    var folder = FixtureFolder()
    #expect(throws: FixtureError.self) { try folder.add("/dev/null") }
  }

  @Test("an archive that leads out of its folder is refused or stays in it, and links lead nowhere")
  func escapingArchives() throws {
    let directory = try TemporaryDirectory()
    let document = #"{"a":{"in":"dog","out":"0x83646f67"}}"#
    try Data(document.utf8).write(to: URL(filePath: directory.path + "/a.json"))
    try FileManager.default.createDirectory(
      atPath: directory.path + "/in", withIntermediateDirectories: true)
    let archive = directory.path + "/x.tar.gz"
    // A name with two dots, which tar takes out of the archive only if it is told to.
    let made = try run(
      "cd '\(directory.path)/in' && tar -P -czf '\(archive)' ../a.json")
    #expect(made == 0)
    var folder = FixtureFolder()
    #expect(throws: FixtureError.self) { try folder.add(archive) }
    folder.close()
    // A link to a folder outside.
    let linked = directory.path + "/y.tar"
    #expect(try run("cd '\(directory.path)' && ln -s / in/root && tar -cf y.tar in a.json") == 0)
    var other = FixtureFolder()
    defer { other.close() }
    try other.add(linked)
    #expect(other.files.count == 1)
  }

  @Test("an archive with a file longer than any fixture is refused by name")
  func hugeMember() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    #expect(
      try run("cd '\(path)' && truncate -s 513M big.json && tar -Sczf big.tar.gz big.json") == 0)
    var folder = FixtureFolder()
    #expect(throws: FixtureError.self) { try folder.add(path + "/big.tar.gz") }
  }

  private func run(_ command: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test("files are told by what they hold, whatever they are called")
  func renamed() throws {
    let tables = [
      #"[{"Input":"01020304","Expected":"ff","Name":"a","Gas":0}]"#: 0,
      // 2 + 3, and a word that only addition and others give.
      #"[{"X":"\#(word(2))","Y":"\#(word(3))","Expected":"\#(word(5))"}]"#: 1,
      #"{"a":{"in":[["do","verb"]],"root":"\#(Self.secureRoot)"}}"#: 1,
    ]
    for (text, passed) in tables {
      let fixture = try TemporaryFixture(text, named: "q7.json")
      let run = try Run(VectorTest(), fixture.path)
      #expect(run.tally.passed == passed, "\(text)")
    }
  }

  /// The root of the trie that holds "verb" under the hash of "do".
  private static let secureRoot =
    "0xaa04e584fe1a526c0110e47904b73e287ab08f87f1185f97fc72e157ba46ee07"

  private func word(_ byte: UInt8) -> String { String(repeating: "0", count: 63) + String(byte) }

  @Test("a test of another kind is passed over by the commands that run one kind")
  func otherKinds() throws {
    let fixture = try TemporaryFixture(#"{"a":{"in":"dog","out":"0x83646f67"}}"#)
    for suite: any Suite in [StateTest(), BlockTest()] {
      let run = try Run(suite, fixture.path)
      #expect(run.tally.text == "0 passed, 0 failed, 1 skipped")
    }
  }

  @Test("numbers of more than 256 bits are named as such")
  func oversized() throws {
    let text = #"{"a":{"in":{},"root":"0x:bigint 0x1\#(String(repeating: "0", count: 64))"}}"#
    let fixture = try TemporaryFixture(text)
    #expect(try Run(VectorTest(), fixture.path).failures.count == 1)
  }

  @Test("cases are reported in the files' order, however many threads run them")
  func order() throws {
    let folder = Project.ownVectors.appending(path: "conformance/state_tests.json")
    let first = try Run(StateTest(), folder)
    #expect(first.tally.passed > 100)
    #expect(try Run(StateTest(), folder).tally == first.tally)
  }
}
