import Glibc

/// Runs the suite that the first word names.
///
/// `--json` prints one object a line and `--markdown` the rows of a table; `--full` measures longer;
/// `--only=TEXT` measures what has the text in its name. A suite may have options of its own, which
/// it finds in the words.
func runBench(_ words: [String]) -> Int32 {
  if words.first == ReplayBench.makingWord { return ReplayBench.make(words) }
  let names = words.filter { !$0.hasPrefix("-") }
  guard names.count == 1, let suite = suites.first(where: { $0.name == names[0] }) else {
    print("usage: tools/bench SUITE [--json | --markdown] [--full] [--only=TEXT]")
    print("suites: " + (suites.map { $0.name } + ["rpc"]).joined(separator: " "))
    return 2
  }
  var report = Report(
    suite: suite.name, format: Report.Format(words), isFull: words.contains("--full"),
    only: words.first { $0.hasPrefix("--only=") }.map { String($0.dropFirst(7)) } ?? "",
    words: words)
  report.begin()
  suite.run(&report)
  return report.hasFailed ? 1 : 0
}

exit(runBench(Array(CommandLine.arguments.dropFirst())))
