import Execution
import JSON
import Primitives

/// Runs of the transition tool with what must come out.
let transitionVectors: [VectorKind] = [
  VectorKind({ $0.has("fork", "input", "expected") }, eachCase: TransitionVectors.verdict)
]

/// One run: fork and reward, the members of standard input, and those of the output.
///
/// A member of the result that the case does not list is not compared; the accounts are, all of
/// them. A case may name an exit code in their place.
enum TransitionVectors {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let expected = try test.field("expected")
    let code = try expected.optional("exitCode")?.uint64()
    do throws(TransitionError) {
      let output = try TransitionTool(try input(test)).run()
      if let code {
        return .failed(Difference("exitCode", expected: String(code), got: "0"))
      }
      return try judge(expected, output)
    } catch {
      guard let code else {
        return .failed(Difference("exitCode", expected: "0", got: error.message))
      }
      return .compare("exitCode", String(code), String(error.kind.rawValue))
    }
  }

  private static func input(_ test: Fixture) throws(TransitionError) -> TransitionTool.Input {
    try reading("case") { () throws(FixtureError) in
      let fields = try test.field("input")
      let transactions: TransitionTool.Transactions
      if let list = fields.optional("txsRlp") {
        transactions = .rlp(try list.bytes())
      } else {
        transactions = .json(try fields.field("txs").json)
      }
      var input = TransitionTool.Input(
        alloc: try fields.field("alloc").json, env: try fields.field("env").json,
        transactions: transactions)
      input.forkName = try test.field("fork").text()
      input.reward = try test.optional("reward")?.uint256()
      return input
    }
  }

  private static func judge(
    _ expected: Fixture, _ output: TransitionTool.Output
  ) throws(TransitionError) -> Verdict {
    try reading("case/expected") { () throws(FixtureError) in
      for (name, wanted) in try expected.field("result").members() {
        let got = output.result[name] ?? .null
        if got != wanted.json {
          return .compare(name, text(wanted.json), text(got))
        }
      }
      let rejected = output.result["rejected"]?.array ?? []
      let indexes = JSON.array(rejected.compactMap { $0["index"] })
      if let wanted = expected.optional("rejected"), wanted.json != indexes {
        return .compare("rejected", text(wanted.json), text(indexes))
      }
      let isExceptional = output.result["blockException"] != nil
      if let wanted = expected.json["blockException"]?.bool, wanted != isExceptional {
        return .check("blockException", wanted, isExceptional)
      }
      let wanted = try expected.field("alloc").accounts()
      let got = try Fixture(output.alloc).accounts()
      return .all(
        .compare("alloc", UInt256(UInt64(wanted.count)), UInt256(UInt64(got.count))),
        .compare(
          "alloc", try Fixture(expected.field("alloc").json).state().root,
          try Fixture(output.alloc).state().root))
    }
  }

  private static func text(_ json: JSON) -> String {
    String(decoding: json.serialized(), as: UTF8.self)
  }
}
