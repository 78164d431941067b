import EVM
import Ledger
import Node
import Primitives
import TransparencyLog

/// `opal diff`: where two logs part.
let diffCommand = Command(
  name: "diff", summary: "name the first event, block, transaction, opcode and slot that differ",
  operands: "A B",
  details: """
    A and B are data directories, or bundles that 'opal export' wrote. The first event is found by
    the roots of the logs' Merkle trees; what both have in common is applied once, and from there on
    their blocks are compared, then their transactions, then each instruction of the first
    transaction that differs. Exit code 0 if the logs are the same, 3 if they differ.
    """,
  example: "opal diff .opal/demo .opal/history"
) { arguments throws(Failure) in
  try arguments.expectOperands(2...2)
  let first = try LogSide(arguments.operands[0])
  defer { first.remove() }
  let second = try LogSide(arguments.operands[1])
  defer { second.remove() }
  let comparison = try Failure.ofNode { () throws(NodeError) in
    try LogComparer(first.directory, second.directory).run { progress in
      Terminal.progress("replaying: event \(progress.events) of \(progress.lastSequence)")
    }
  }
  Terminal.endProgress()
  switch comparison {
  case .same(let count):
    Terminal.say("both logs have the same \(count) events")
    return 0
  case .extends(let common, let isFirstLonger, let count):
    Terminal.say(
      "the first \(common) events are the same; \(isFirstLonger ? "A" : "B") goes on to \(count)")
  case .parts(let difference):
    for line in difference.lines { Terminal.say(line) }
  }
  return 3
}

/// A log that is compared: a directory, or what a bundle was unpacked to.
private struct LogSide {
  let directory: DataDirectory
  private var temporary: String?

  init(_ path: String) throws(Failure) {
    guard !Folder.isFolder(path) else {
      directory = DataDirectory(path: path)
      return
    }
    guard try BundleAudit.isBundle(path) else {
      throw .usage("\(path) is neither a data directory nor a bundle")
    }
    let bundle = try Failure.ofNode { () throws(NodeError) in try TarSource(path: path) }
    let folder = try Failure.ofNode { () throws(NodeError) in
      try Files.makeTemporaryDirectory()
    }
    temporary = folder
    directory = DataDirectory(path: folder)
    let key = try Failure.ofNode { () throws(NodeError) in try LogBundle.key(bundle) }
    _ = try BundleAudit.restore(bundle, keys: [key], into: directory)
  }

  func remove() {
    if let temporary { Files.removeTemporaryDirectory(temporary) }
  }
}

extension LogDifference {
  /// The difference in words, from the event down.
  fileprivate var lines: [String] {
    var lines = ["event \(sequence) is the first that differs"] + Self.lines(fields)
    if let replayed { lines.append("  a replay gives \(replayed.hexadecimal)") }
    if let slot { lines += Self.lines(slot) }
    if let block { lines += Self.lines(block) }
    if let remark { lines.append("no further: \(remark)") }
    return lines
  }

  private static func lines(_ fields: [Field]) -> [String] {
    fields.flatMap { ["  \($0.name)", "    A \($0.first)", "    B \($0.second)"] }
  }

  private static func lines(_ slot: Slot) -> [String] {
    [
      "storage slot \(slot.slot.hexadecimal) of \(slot.address.hexadecimal)",
      "    A \(slot.first.hexadecimal)", "    B \(slot.second.hexadecimal)",
    ]
  }

  private static func lines(_ block: Block) -> [String] {
    var lines = ["block \(block.number) of \(block.layer.name) is the first that differs"]
    lines += Self.lines(block.fields)
    if let transaction = block.transaction {
      lines.append("transaction \(transaction.index) of the block is the first that differs")
      lines.append("    A \(transaction.hashes.first?.hexadecimal ?? "none")")
      lines.append("    B \(transaction.hashes.second?.hexadecimal ?? "none")")
      lines += Self.lines(transaction.fields)
      if let step = transaction.step { lines += Self.lines(step) }
    }
    if let slot = block.slot { lines += Self.lines(slot) }
    return lines
  }

  private static func lines(_ step: Step) -> [String] {
    let name =
      OpcodeTable(.osaka).entry(step.opcode).map { "\($0.name)" } ?? "opcode \(step.opcode)"
    var lines = [
      "opcode \(name) at \(step.position) of \(step.address.hexadecimal) is where they part: "
        + "step \(step.number), depth \(step.depth)"
    ]
    if let slot = step.slot { lines.append("  it names the slot \(slot.hexadecimal)") }
    return lines + Self.lines([step.outcome])
  }
}
