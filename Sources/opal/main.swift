import Glibc
import RPC

/// All commands under their headings, in the order in which a newcomer meets them.
private let headings: [(title: String, commands: [Command])] = [
  ("the node", [demoCommand, nodeCommand, followCommand, dataAvailabilityCommand]),
  (
    "evidence",
    [
      replayCommand, auditCommand, logCommand, proveCommand, inspectCommand, importCommand,
      exportCommand, diffCommand, viewsCommand, simulateCommand,
    ]
  ),
  ("asking a node, ours or another", clientCommands),
  ("the field's tests", conformanceCommands),
  ("the rest", [benchServerCommand, benchTransactionsCommand, completionsCommand]),
]

/// All commands.
let commands = headings.flatMap(\.commands)

/// What `opal` alone and `opal --help` say.
func overview() -> String {
  var lines = [
    "opal: a chain on which data and models are paid for their use", "",
    "usage: opal COMMAND [options]",
  ]
  let width = (commands.map(\.name.count).max() ?? 0) + 2
  for (title, commands) in headings {
    lines += ["", title + ":"]
    for command in commands {
      let padding = String(repeating: " ", count: width - command.name.count)
      lines.append("  \(command.name)\(padding)\(command.summary)")
    }
  }
  lines += ["", "'opal COMMAND --help' tells more. Start with: opal demo"]
  return lines.joined(separator: "\n")
}

/// Runs the command that the words name, and returns the exit code.
func runOpal(_ words: [String]) -> Int32 {
  guard let name = words.first, !["--help", "-h", "help"].contains(name) else {
    Terminal.say(overview())
    return words.isEmpty ? 2 : 0
  }
  if ["--version", "-V", "version"].contains(name) {
    Terminal.say(opalVersion)
    return 0
  }
  guard let command = commands.first(where: { $0.name == name }) else {
    let meant = Spelling.nearest(to: name, among: commands.map(\.name))
    Terminal.complain(
      "opal: there is no command '\(name)'"
        + (meant.map { "; is \($0) meant?" } ?? "\n\n" + overview()))
    return 2
  }
  let rest = Array(words.dropFirst())
  if rest.contains("--help") || rest.contains("-h") {
    Terminal.say(command.help)
    return 0
  }
  do throws(Failure) {
    return try command.run(try Arguments(rest, for: command))
  } catch {
    Terminal.endProgress()
    switch error {
    case .usage(let message):
      Terminal.complain("opal \(name): \(message)\n'opal \(name) --help' tells what it takes")
      return 2
    case .failed(let message):
      Terminal.complain("opal \(name): \(message)")
      return 1
    }
  }
}

exit(runOpal(Array(CommandLine.arguments.dropFirst())))
