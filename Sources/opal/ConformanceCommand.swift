import Conformance
import JSON
import Synchronization

/// What the commands that run conformance tests have in common.
enum ConformanceCommand {
  /// What these commands take beside paths.
  static let operands = "PATH..."

  /// Their options.
  static let options: [Command.Option] = [
    .init("--json", help: "one line of JSON for each case"),
    .init("--threads", value: "N", help: "files to run at a time (one per core)"),
  ]

  /// What they say of their paths and results.
  static let pathsAndResults = """
    A PATH is a file, a folder (every .json file in it and below), or a .tar, .tar.gz or .tar.xz
    of one, which the system's tar unpacks into a temporary folder. A case that fails is told with
    its file, its name, its fork and the first field that differs; the last line counts. Exit code
    1 if a case fails, or if none was run.
    """

  /// What is counted and said while files are run.
  private final class Report: Sendable {
    private let state = Mutex(Tally())
    private let isJSON: Bool
    private let count: Int

    init(isJSON: Bool, count: Int) {
      self.isJSON = isJSON
      self.count = count
    }

    var tally: Tally { state.withLock { $0 } }

    func add(_ index: Int, _ results: [CaseResult]) {
      var lines: [String] = []
      let tally = state.withLock { tally in
        for result in results { tally.add(result.verdict) }
        return tally
      }
      for result in results {
        if isJSON {
          lines.append(ConformanceCommand.json(result))
        } else if let line = ConformanceCommand.text(result) {
          lines.append(line)
        }
      }
      if !lines.isEmpty {
        Terminal.endProgress()
        Terminal.say(lines.joined(separator: "\n"))
      }
      Terminal.progress("file \(index + 1) of \(count): \(tally.text)")
    }
  }

  /// Runs a suite over the paths that the arguments name, and returns the exit code.
  static func run(
    _ suite: any Suite, _ arguments: Arguments, endings: [String] = [".json"]
  ) throws(Failure) -> Int32 {
    guard !arguments.operands.isEmpty else { throw .usage("it needs a PATH") }
    let threads = try arguments.number("--threads", in: 1...1024)
    var folder = FixtureFolder(endings: endings)
    defer { folder.close() }
    do throws(FixtureError) {
      for path in arguments.operands { try folder.add(path) }
    } catch {
      throw .failed(error.description)
    }
    let report = Report(isJSON: arguments.has("--json"), count: folder.files.count)
    ParallelRun(threads: threads.map { Int($0) }).run(folder.files, with: suite) {
      report.add($0, $1)
    }
    Terminal.endProgress()
    let tally = report.tally
    if tally.passed + tally.failed == 0 { Terminal.complain("no case was run") }
    Terminal.say(tally.text)
    return tally.isGood ? 0 : 1
  }

  /// A line for a case that did not pass.
  private static func text(_ result: CaseResult) -> String? {
    let fork = result.fork.isEmpty ? "" : " [\(result.fork)]"
    let label = result.name.isEmpty ? result.file : "\(result.file) \(result.name)\(fork)"
    switch result.verdict {
    case .passed: return nil
    case .skipped(let reason): return "skipped \(label): \(reason)"
    case .failed(let difference):
      return "FAILED \(label): \(difference.field): expected \(short(difference.expected)), "
        + "got \(short(difference.got))"
    }
  }

  /// A value cut to what a line holds.
  private static func short(_ text: String) -> String {
    text.utf8.count > 400 ? String(text.prefix(400)) + "…" : text
  }

  private static func json(_ result: CaseResult) -> String {
    var object: JSONObject = .init()
    object["file"] = .string(result.file)
    object["name"] = .string(result.name)
    object["fork"] = .string(result.fork)
    switch result.verdict {
    case .passed: object["result"] = "passed"
    case .skipped(let reason):
      object["result"] = "skipped"
      object["reason"] = .string(reason)
    case .failed(let difference):
      object["result"] = "failed"
      object["field"] = .string(difference.field)
      object["expected"] = .string(difference.expected)
      object["got"] = .string(difference.got)
    }
    return String(decoding: JSON.object(object).serialized(), as: UTF8.self)
  }
}

/// The commands for those who check Opal against the field.
let conformanceCommands = [
  stateTestCommand, blockTestCommand, vectorTestCommand, rpcTestCommand, executeCommand,
  evmCommand, t8nCommand, fuzzCommand,
]
