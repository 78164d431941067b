/// One of opal's commands: its words, its options, and what it does.
struct Command: Sendable {
  /// The word that names it.
  let name: String
  /// What it does, in a line.
  let summary: String
  /// The arguments without a dash, as the usage line shows them.
  var operands = ""
  /// What it does in more words, and what its exit code says.
  var details = ""
  /// A command line that works as it stands.
  let example: String
  /// The options it takes.
  var options: [Option] = []
  /// Options of other tools' that it does not take, each with the reason that is given.
  var refused: [(names: [String], reason: String)] = []
  /// Does it; returns the process's exit code.
  let run: @Sendable (Arguments) throws(Failure) -> Int32

  /// An option of a command.
  struct Option: Sendable {
    /// The option's words, the long one first: `--port`, `-p`.
    let names: [String]
    /// What its value is, as the help shows it; nil for a switch.
    let value: String?
    /// What it does, in a line.
    let help: String
    /// The value where the option is given without one; nil where it must have one.
    var valueLeftOut: String?
    /// The values that there are, where they can be listed.
    var choices: [String] = []
    /// Under which heading the help lists it.
    var heading = "options"

    /// An option with these words.
    ///
    /// Where it may stand without a value, the value that is then taken is `leftOut`.
    init(
      _ names: String..., value: String? = nil, leftOut: String? = nil, choices: [String] = [],
      help: String
    ) {
      self.choices = choices
      self.names = names
      self.value = value
      self.help = help
      valueLeftOut = leftOut
    }
  }

  /// The command's help.
  var help: String {
    var lines = [
      "\(summary)", "", "usage: opal \(name)\(operands.isEmpty ? "" : " " + operands) [options]",
    ]
    if !details.isEmpty { lines += ["", details] }
    let all = [Option("--help", "-h", help: "show this")] + options
    var headings: [String] = []
    for option in all where !headings.contains(option.heading) { headings.append(option.heading) }
    for heading in headings {
      lines += ["", heading + ":"]
      for option in all where option.heading == heading { lines += option.lines }
    }
    lines += ["", "example:", "  \(example)"]
    return lines.joined(separator: "\n")
  }
}

extension Command.Option {
  /// What the help says of it; words that leave no room have a line of their own.
  fileprivate var lines: [String] {
    let shown = valueLeftOut == nil ? value : value.map { "[\($0)]" }
    let words = "  " + names.joined(separator: ", ") + (shown.map { " " + $0 } ?? "")
    let column = 30
    let indent = String(repeating: " ", count: column)
    var said: [String] = []
    for word in help.split(separator: " ") {
      if let last = said.last, last.count + word.count < 100 - column {
        said[said.count - 1] = last + " " + word
      } else {
        said.append(String(word))
      }
    }
    let lines = said.map { indent + $0 }
    guard words.count <= column - 2, let first = said.first else { return [words] + lines }
    let room = String(repeating: " ", count: column - words.count)
    return [words + room + first] + lines.dropFirst()
  }
}

extension [Command.Option] {
  /// The same options, listed under a heading of their own.
  func under(_ heading: String) -> Self {
    map { option in
      var option = option
      option.heading = heading
      return option
    }
  }
}

/// Why a command could not do its work.
enum Failure: Error {
  /// The command line is not one that the command takes: exit code 2.
  case usage(String)
  /// Something went wrong, said in words: exit code 1.
  case failed(String)
}

/// A parsed command line: options with their values, and operands in order.
struct Arguments: Sendable {
  /// The arguments without a dash.
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// Sorts words into the options that a command declares and operands.
  ///
  /// `--name value`, `--name=value`, `-n value` and `-nvalue` are taken; `--` ends the options.
  init(_ words: [String], for command: Command) throws(Failure) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let (option, name, value) = try Self.option(word, of: command)
      let key = option.names[0]
      if option.value == nil {
        guard value == nil else { throw .usage("\(name) takes no value") }
        values[key] = [""]
      } else if let value {
        values[key, default: []].append(value)
      } else if let usual = option.valueLeftOut {
        let hasValue = rest.first.map { !$0.hasPrefix("-") } ?? false
        values[key, default: []].append(hasValue ? rest.removeFirst() : usual)
      } else if let value = rest.popFirst() {
        values[key, default: []].append(value)
      } else {
        throw .usage("\(name) needs a value")
      }
    }
  }

  /// The option that a word names, as it is spelt there, and the value that hangs on it, if any.
  private static func option(
    _ word: String, of command: Command
  ) throws(Failure) -> (Command.Option, name: String, value: String?) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if let option = command.options.first(where: { $0.names.contains(name) }) {
      return (option, name, parts.count == 2 ? String(parts[1]) : nil)
    }
    let short = String(word.prefix(2))
    if !word.hasPrefix("--"),
      let option = command.options.first(where: { $0.value != nil && $0.names.contains(short) })
    {
      return (option, short, String(word.dropFirst(2)))
    }
    if let (_, reason) = command.refused.first(where: { $0.names.contains(name) }) {
      throw .usage("\(name) is not taken: \(reason)")
    }
    let known = command.options.flatMap(\.names)
    let meant = Spelling.nearest(to: name, among: known).map { "; is \($0) meant?" } ?? ""
    throw .usage("opal \(command.name) has no option \(name)\(meant)")
  }

  /// Whether a switch was given.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The value of an option, nil if it was not given.
  func value(_ name: String) throws(Failure) -> String? {
    guard let given = values[name] else { return nil }
    guard given.count == 1 else { throw .usage("\(name) is given \(given.count) times") }
    return given[0]
  }

  /// All values of an option that may be repeated.
  func values(_ name: String) -> [String] { values[name] ?? [] }

  /// The value of an option as a whole number within bounds.
  func number(
    _ name: String, in bounds: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(Failure) -> UInt64? {
    guard let text = try value(name) else { return nil }
    guard let number = UInt64(text), bounds.contains(number) else {
      throw .usage(
        "\(name) is '\(text)', not a whole number from \(bounds.lowerBound) to "
          + "\(bounds.upperBound)")
    }
    return number
  }

  /// Refuses operands beyond those that a command takes.
  func expectOperands(_ counts: ClosedRange<Int>) throws(Failure) {
    guard counts.contains(operands.count) else {
      let wanted =
        counts.lowerBound == counts.upperBound
        ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
      throw .usage("expected \(wanted) operands, got \(operands.count)")
    }
  }
}
