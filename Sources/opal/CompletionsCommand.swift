/// `opal completions`: what a shell needs to complete opal's words.
let completionsCommand = Command(
  name: "completions", summary: "print the completion script of a shell",
  operands: "bash|zsh|fish",
  details: """
    For good:
    bash   opal completions bash > ~/.local/share/bash-completion/completions/opal
    zsh    opal completions zsh > FOLDER/_opal, a folder of $fpath
    fish   opal completions fish > ~/.config/fish/completions/opal.fish
    """,
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

extension Command {
  /// The words of which the first operand is one; none where it is something else.
  fileprivate var operandChoices: [String] {
    let parts = operands.filter { $0 != "[" && $0 != "]" }.split(separator: "|")
    let words = parts.compactMap { $0.split(separator: " ").first }
    return words.filter { word in
      word.first?.isLowercase == true
        && word.utf8.allSatisfy {
          (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
        }
    }.map { String($0) }
  }

  /// Whether its operands may be files.
  fileprivate var takesFiles: Bool {
    ["FILE", "PATH", "DIR", "LOG", "ARTIFACT", ".rlp", "BUNDLE", "A B"].contains {
      operands.contains($0)
    }
  }

  /// The options with the one that every command has.
  fileprivate var allOptions: [Option] { [Option("--help", "-h", help: "show this")] + options }
}

extension Command.Option {
  /// Whether its value is a file or a folder.
  fileprivate var isFile: Bool { ["FILE", "PATH", "DIR"].contains(value) }
}

/// The scripts, made from the commands themselves.
private enum Completions {
  private static var names: String { commands.map(\.name).joined(separator: " ") }

  static var bash: String {
    let cases = commands.map { command in
      var lines = ["    \(command.name))"]
      let words = command.allOptions.flatMap(\.names).filter { $0.hasPrefix("--") }
      lines.append("      options=\"\(words.joined(separator: " "))\"")
      if !command.operandChoices.isEmpty {
        lines.append("      operands=\"\(command.operandChoices.joined(separator: " "))\"")
      }
      lines.append("      case $previous in")
      for option in command.options where !option.choices.isEmpty {
        lines.append(
          "        \(option.names.joined(separator: "|"))) "
            + "values=\"\(option.choices.joined(separator: " "))\" ;;")
      }
      lines += ["      esac", "      ;;"]
      return lines.joined(separator: "\n")
    }
    return """
      _opal() {
        local options= operands= values=
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
        COMPREPLY=()
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W "\(names) --help" -- "$current"))
          return
        fi
        case ${COMP_WORDS[1]} in
      \(cases.joined(separator: "\n"))
        esac
        if [ -n "$values" ]; then
          COMPREPLY=($(compgen -W "$values" -- "$current"))
        elif [[ $current == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$current"))
        elif [ -n "$operands" ] && [ "$COMP_CWORD" -eq 2 ]; then
          COMPREPLY=($(compgen -W "$operands" -- "$current"))
        else
          compopt -o filenames
          COMPREPLY=($(compgen -f -- "$current"))
        fi
      }
      complete -F _opal opal
      """
  }

  static var zsh: String {
    let list = commands.map { "    '\($0.name):\(plain($0.summary))'" }
    let cases = commands.map { command in
      var lines = ["    \(command.name)) _arguments \\"]
      for option in command.allOptions {
        // Words of one option exclude each other, unless it may be repeated, which any may.
        for name in option.names {
          lines.append("      '*\(name)[\(plain(option.help))]\(zshValue(option))' \\")
        }
      }
      if !command.operandChoices.isEmpty {
        lines.append("      '1:word:(\(command.operandChoices.joined(separator: " ")))' \\")
      }
      lines.append("      '*:file:_files' ;;")
      return lines.joined(separator: "\n")
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
      # Found by its name in $fpath, this file is the function; else it is read as it stands.
      if [ "$funcstack[1]" = _opal ]; then _opal "$@"; else compdef _opal opal; fi
      """
  }

  private static func zshValue(_ option: Command.Option) -> String {
    guard let value = option.value else { return "" }
    let action =
      option.choices.isEmpty
      ? option.isFile ? "_files" : " " : "(\(option.choices.joined(separator: " ")))"
    return (option.valueLeftOut == nil ? ":" : "::") + plain(value) + ":" + action
  }

  static var fish: String {
    var lines = ["complete -c opal -f"]
    for command in commands {
      lines.append(
        "complete -c opal -n __fish_use_subcommand -a \(command.name) "
          + "-d '\(plain(command.summary))'")
      let condition = "complete -c opal -n '__fish_seen_subcommand_from \(command.name)'"
      if command.takesFiles { lines.append(condition + " -F") }
      if !command.operandChoices.isEmpty {
        lines.append(condition + " -a '\(command.operandChoices.joined(separator: " "))'")
      }
      for option in command.allOptions {
        let names = option.names.map { name in
          if name.hasPrefix("--") { return "-l \(name.dropFirst(2))" }
          return (name.utf8.count == 2 ? "-s " : "-o ") + name.dropFirst()
        }
        lines.append(
          condition + " \(names.joined(separator: " "))\(fishValue(option)) "
            + "-d '\(plain(option.help))'")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func fishValue(_ option: Command.Option) -> String {
    guard option.value != nil, option.valueLeftOut == nil else { return "" }
    if !option.choices.isEmpty { return " -x -a '\(option.choices.joined(separator: " "))'" }
    return option.isFile ? " -r -F" : " -x"
  }

  /// A text without what a shell would take for its own.
  private static func plain(_ text: String) -> String {
    text.replacing("'", with: "’").replacing("[", with: "(").replacing("]", with: ")")
      .replacing(":", with: " ").replacing("\\", with: "/")
  }
}
