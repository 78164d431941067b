import Conformance
import Foundation
import JSON
import TestSupport
import Testing

@Suite("The transition tool") struct TransitionTests {
  private static let path = Project.ownVectors.appending(path: "conformance/transitions.json")

  @Test("our own transitions end as Ethereum's executable specification says, or with geth's codes")
  func ownTransitions() throws {
    let run = try Run(VectorTest(), Self.path)
    #expect(run.failures == [])
    #expect(run.tally.passed == 56)
  }

  @Test(
    "each step of a transaction is that of the executable specification",
    arguments: ["plain_Homestead", "plain_Berlin", "plain_Osaka"])
  func steps(name: String) throws {
    let document = try JSON.parse([UInt8](Data(contentsOf: Self.path)))
    let test = try #require(document[name])
    let tool = try TransitionTool(Self.input(test))
    let folder = try TemporaryDirectory()
    let trace = TransitionTrace(folder: folder.path, writesSteps: true, countsInstructions: true)
    _ = try tool.run(trace: trace)
    #expect(trace.failure == nil)
    var count: Int64 = 0
    for (hash, wanted) in try #require(test["expected"]?["steps"]?.object) {
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      let file = try #require(files.first { $0.contains(hash) && $0.hasPrefix("trace-") })
      let text = try String(contentsOfFile: folder.path + "/" + file, encoding: .utf8)
      let lines = try text.split(separator: "\n").map { try JSON.parse(String($0)) }
      let steps = lines.filter { $0["pc"] != nil }
      let rows = try #require(wanted.array)
      #expect(steps.count == rows.count)
      for (step, row) in zip(steps, rows) where !Self.agrees(step, row) {
        Issue.record("\(hash): \(step), expected \(row)")
        break
      }
      #expect(lines.last?["gasUsed"] != nil)
      count += Int64(steps.count)
    }
    let counted = trace.instructionCounts.object?.compactMap { $0.value.int64 } ?? []
    #expect(counted.reduce(0, +) == count)
  }

  private static func agrees(_ step: JSON, _ row: JSON) -> Bool {
    let names = ["pc", "gas", "gasCost", "memSize", "depth", "refund", "stack"]
    for (index, name) in names.enumerated() {
      if let wanted = row[index], !wanted.isNull, step[name] != wanted { return false }
    }
    // What fails says so.
    return (row[2]?.isNull ?? false) == (step["error"] != nil)
  }

  private static func input(_ test: JSON) throws -> TransitionTool.Input {
    let members = try #require(test["input"])
    var input = TransitionTool.Input(
      alloc: try #require(members["alloc"]), env: try #require(members["env"]),
      transactions: .json(try #require(members["txs"])))
    input.forkName = try #require(test["fork"]?.string)
    return input
  }

  @Test("input of the wrong shape is refused with its place and geth's code, and never crashes")
  func hostile() throws {
    let huge = "0x" + String(repeating: "f", count: 64)
    let env: JSON = [
      "currentCoinbase": "0x0000000000000000000000000000000000000001",
      "currentGasLimit": "0x1c9c380", "currentNumber": "0x1", "currentTimestamp": "0x1",
      "currentDifficulty": "0x1", "currentBaseFee": "0x1",
    ]
    let shapes: [JSON] = [.null, true, 1, "x", [], [[]], ["x": 1], ["0x01": .object(.init())]]
    for shape in shapes {
      for place in 0..<3 {
        var input = TransitionTool.Input(alloc: [:], env: env, transactions: .json([]))
        if place == 0 { input.alloc = shape }
        if place == 1 { input.env = shape }
        if place == 2 { input.transactions = .json(.array([shape])) }
        #expect(throws: TransitionError.self) { try TransitionTool(input).run() }
      }
    }
    for name in ["currentNumber", "currentGasLimit", "currentTimestamp", "currentCoinbase"] {
      guard var object = env.object else { continue }
      object[name] = .string(huge)
      let input = TransitionTool.Input(alloc: [:], env: .object(object), transactions: .json([]))
      #expect(throws: TransitionError.self) { try TransitionTool(input).run() }
    }
    for bytes: [UInt8] in [[], [0x80], [0xc1], [0xf9, 0xff, 0xff], [0xc0, 0x00]] {
      let input = TransitionTool.Input(alloc: [:], env: env, transactions: .rlp(bytes))
      #expect(throws: TransitionError.self) { try TransitionTool(input).run() }
    }
  }

  @Test("numbers that no transaction can hold are rejected with the transaction's place")
  func oversized() throws {
    let text = try String(contentsOf: Self.path, encoding: .utf8)
    let test = try #require(try JSON.parse(text)["rejected_Berlin"])
    var input = try Self.input(test)
    var fields = try #require(test["input"]?["txs"]?[0]?.object)
    fields["nonce"] = "0x10000000000000000"
    input.transactions = .json([.object(fields)])
    let rejected = try TransitionTool(input).run().result["rejected"]
    #expect(rejected?[0]?["index"] == 0)
    #expect(rejected?[0]?["error"]?.string?.contains("nonce") == true)
  }
}
