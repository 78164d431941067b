import Contracts
import Cryptography
import JSON
import Primitives
import RPC
import Tracers

/// `opal trace`: which contract called which in a transaction.
let traceCommand = Command(
  name: "trace", summary: "show the calls of a transaction as a tree", operands: "HASH",
  details: """
    One line a call: gas, contract, function, and below it the calls it made and what it gave
    back. With --artifacts, functions and custom errors have the names that the source gives them.
    """,
  example: "opal trace 0xc901199a468e0814b1841581c96f37b42ef84c4081ac0c7ab3f6a2db1f891b80",
  options: [
    .init("--artifacts", value: "DIR", help: "a folder of solc's, hardhat's or foundry's artifacts")
  ] + Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(1...1)
  let remote = try Remote(arguments)
  let trace = try remote.ask(
    "debug_traceTransaction", .string(arguments.operands[0]),
    ["tracer": "callTracer", "tracerConfig": ["withLog": true]])
  if remote.isJSON {
    remote.show(trace)
    return 0
  }
  let book = try arguments.value("--artifacts").map { (path) throws(Failure) in
    try Artifacts.read(path)
  }
  for line in CallTree(book: book ?? ArtifactBook()).lines(of: trace) { Terminal.say(line) }
  return trace["error"] == nil ? 0 : 1
}

/// The lines of a call tree.
struct CallTree {
  let book: ArtifactBook

  private struct Open {
    var call: JSON
    var indentation: String
  }

  /// The lines of a trace of geth's callTracer, with a stack of its own instead of recursion.
  func lines(of trace: JSON) -> [String] {
    var lines: [String] = []
    var rest: [(call: JSON?, line: String, indentation: String)] = [(trace, "", "")]
    while let (call, line, indentation) = rest.popLast() {
      guard let call else {
        lines.append(line)
        continue
      }
      lines.append(indentation + head(call))
      let inner = indentation + "  │ "
      rest.append((nil, indentation + "  └ " + ending(call), ""))
      for log in (call["logs"]?.array ?? []).reversed() {
        rest.append((nil, inner + "emits " + words(of: log), ""))
      }
      for child in (call["calls"]?.array ?? []).reversed() { rest.append((child, "", inner)) }
    }
    return lines
  }

  private func bytes(_ value: JSON?) -> Bytes {
    value?.string.flatMap { Hexadecimal.decode($0) } ?? []
  }

  private func words(of log: JSON) -> String {
    let topics = (log["topics"]?.array ?? []).compactMap {
      $0.string.flatMap(Hash.init(hexadecimal:))
    }
    return book.describe(topics: topics, data: bytes(log["data"])) ?? topics.first?.hexadecimal
      ?? "a log"
  }

  private func decimal(_ value: JSON?) -> String {
    value?.string.flatMap { UInt256(hexadecimal: $0) }?.decimalString ?? "0"
  }

  private func head(_ call: JSON) -> String {
    let kind = call["type"]?.string ?? "CALL"
    let to = call["to"]?.string.flatMap { Address(hexadecimal: $0) }?.checksummed ?? "nobody"
    let input = bytes(call["input"])
    var text = "[\(decimal(call["gasUsed"]))] "
    if kind.hasPrefix("CREATE") {
      text += "new \(to) (\(input.count) bytes)"
    } else if let named = book.describe(call: input) {
      text += "\(to) \(named)"
    } else if input.isEmpty {
      text += "\(to) (no data)"
    } else {
      text += "\(to) \(Hexadecimal.encodePrefixed(input.prefix(4)))(\(input.count) bytes)"
    }
    if let value = call["value"]?.string, let wei = UInt256(hexadecimal: value), !wei.isZero {
      text += " {\(wei.inEther) ether}"
    }
    return kind == "CALL" ? text : text + " [\(kind.lowercased())]"
  }

  private func ending(_ call: JSON) -> String {
    let output = bytes(call["output"])
    if let error = call["error"]?.string {
      let reason = RevertReason.decode(output) ?? book.describe(error: output)
      return "✗ \(error)" + (reason.map { ": " + $0 } ?? "")
    }
    if call["type"]?.string?.hasPrefix("CREATE") ?? false {
      return "← \(output.count) bytes of code"
    }
    if let entry = book.function(bytes(call["input"])), !entry.outputs.isEmpty,
      let values = try? ABI.decode(entry.outputs, output)
    {
      return "← " + values.map(\.text).joined(separator: ", ")
    }
    if output.isEmpty { return "← ()" }
    let shown = Hexadecimal.encodePrefixed(output.prefix(64))
    return "← " + shown + (output.count > 64 ? "… (\(output.count) bytes)" : "")
  }
}

/// Artifacts in a folder.
enum Artifacts {
  /// Reads all JSON files below a folder; those that are no artifacts say nothing.
  static func read(_ path: String) throws(Failure) -> ArtifactBook {
    var book = ArtifactBook()
    var folders = [path]
    var count = 0
    while let folder = folders.popLast() {
      for name in try Folder.entries(folder) {
        let entry = folder + "/" + name
        if Folder.isFolder(entry) {
          if folders.count < 10_000 { folders.append(entry) }
        } else if name.hasSuffix(".json"), count < 100_000 {
          count += 1
          guard let text = try? Home.readFile(entry), let json = try? JSON.parse(text) else {
            continue
          }
          book.add(json, fileName: String(name.dropLast(5)))
        }
      }
    }
    guard book.count > 0 else { throw .failed("\(path) holds no artifacts") }
    return book
  }
}
