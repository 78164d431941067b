import Glibc

/// Runs the suite that the first word names; `--json` prints one object a line.
func runBench(_ words: [String]) -> Int32 {
  let names = words.filter { !$0.hasPrefix("-") }
  guard names.count == 1, let suite = suites.first(where: { $0.name == names[0] }) else {
    print("usage: tools/bench SUITE [--json] [--full]")
    print("suites: " + suites.map { $0.name }.joined(separator: " "))
    return 2
  }
  var report = Report(
    suite: suite.name, isJSON: words.contains("--json"), isFull: words.contains("--full"))
  report.begin()
  suite.run(&report)
  return 0
}

exit(runBench(Array(CommandLine.arguments.dropFirst())))
