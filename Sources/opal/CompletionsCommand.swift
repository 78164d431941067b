/// `opal completions`: what a shell needs to complete opal's words.
let completionsCommand = Command(
  name: "completions", summary: "print the completion script of a shell",
  operands: "bash|zsh|fish",
  details: "Load it from the shell's start-up file, or put it where the shell looks for such.",
  example: "source <(opal completions bash)"
) { arguments throws(Failure) in
  try arguments.expectOperands(1...1)
  switch arguments.operands[0] {
  case "bash": Terminal.say(Completions.bash)
  case "zsh": Terminal.say(Completions.zsh)
  case "fish": Terminal.say(Completions.fish)
  default: throw .usage("'\(arguments.operands[0])' is not one of bash, zsh and fish")
  }
  return 0
}

/// The scripts, made from the commands themselves.
private enum Completions {
  private static func words(_ command: Command) -> String {
    (command.options.flatMap(\.names) + ["--help"]).filter { $0.hasPrefix("--") }
      .joined(separator: " ")
  }

  private static var names: String { commands.map(\.name).joined(separator: " ") }

  static var bash: String {
    let cases = commands.map { "    \($0.name)) words=\"\(words($0))\" ;;" }
    return """
      _opal() {
        local words current=${COMP_WORDS[COMP_CWORD]}
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W "\(names) --help" -- "$current"))
          return
        fi
        case ${COMP_WORDS[1]} in
      \(cases.joined(separator: "\n"))
        esac
        case $current in
          -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
          *) COMPREPLY=($(compgen -f -- "$current")) ;;
        esac
      }
      complete -o filenames -F _opal opal
      """
  }

  static var zsh: String {
    let list = commands.map { "    '\($0.name):\(quoted($0.summary))'" }
    let cases = commands.map { command in
      let options = command.options.map { option in
        let value = option.value.map { ":\($0.replacing(":", with: " ")):_files" } ?? ""
        return "'\(option.names[0])[\(bracketed(option.help))]\(value)'"
      }
      return "    \(command.name)) _arguments \(options.joined(separator: " ")) '*:file:_files' ;;"
    }
    return """
      #compdef opal
      _opal() {
        local -a commands=(
      \(list.joined(separator: "\n"))
        )
        if (( CURRENT == 2 )); then
          _describe command commands
          return
        fi
        shift words
        (( CURRENT-- ))
        case $words[1] in
      \(cases.joined(separator: "\n"))
        esac
      }
      compdef _opal opal
      """
  }

  static var fish: String {
    var lines = ["complete -c opal -f"]
    for command in commands {
      lines.append(
        "complete -c opal -n __fish_use_subcommand -a \(command.name) -d '\(quoted(command.summary))'"
      )
      for option in command.options {
        for name in option.names where name.hasPrefix("--") {
          let value = option.value == nil ? "" : " -r -F"
          lines.append(
            "complete -c opal -n '__fish_seen_subcommand_from \(command.name)' "
              + "-l \(name.dropFirst(2))\(value) -d '\(quoted(option.help))'")
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String { text.replacing("'", with: "’") }

  private static func bracketed(_ text: String) -> String {
    quoted(text).replacing("[", with: "(").replacing("]", with: ")").replacing(":", with: " ")
  }
}
