import EventLog
import Ledger
import Node
import Primitives
import TransparencyLog

/// `opal export`: takes a log, or its chain, elsewhere.
let exportCommand = Command(
  name: "export", summary: "write the log, or a range of it, as one file that proves itself",
  operands: "FILE",
  details: """
    The bundle is a tar archive of the log's public tiles, its events, its signed checkpoint, keys,
    the chains' specifications and what the events refer to: 'opal audit FILE' checks it where
    there is nothing else, and 'opal import FILE' makes a data directory of it. Events that no
    checkpoint covers yet are left out. With --from or --to it is of a range of events.
    With --chain-rlp the file has the blocks of the chain instead, as geth exports and imports them,
    and --from and --to are block numbers. With --genesis it is the chain's genesis document.
    """,
  example: "opal export --datadir .opal/demo evidence.tar",
  options: [
    .init("--datadir", value: "PATH", help: "where the log is (.opal/demo)"),
    .init("--from", value: "N", help: "the first event or block (1)"),
    .init("--to", value: "N", help: "the last event or block (the last)"),
    .init("--chain-rlp", help: "write the blocks, in RLP"),
    .init("--genesis", help: "write the genesis document, in JSON"),
    .init("--layer", value: "1|2", help: "of which chain, with the two options above (2)"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(1...1)
  let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/demo")
  let path = arguments.operands[0]
  let (from, to) = (
    try arguments.number("--from", in: 1...1 << 62), try arguments.number("--to", in: 1...1 << 62)
  )
  let layer: Layer = try arguments.number("--layer", in: 1...2) == 1 ? .one : .two
  switch (arguments.has("--chain-rlp"), arguments.has("--genesis")) {
  case (true, true): throw .usage("--chain-rlp and --genesis exclude each other")
  case (true, false):
    let (count, head) = try Failure.ofNode { () throws(NodeError) in
      var export = try ChainExport(directory, layer: layer, to: path)
      return try export.run(from: from ?? 1, to: to ?? .max) { progress in
        Terminal.progress("exporting: event \(progress.events) of \(progress.lastSequence)")
      }
    }
    Terminal.endProgress()
    Terminal.say("wrote \(count) blocks to \(path); the head is \(head.hexadecimal)")
  case (false, true): try exportGenesis(of: directory, layer, to: path)
  case (false, false): try exportBundle(of: directory, from: from, to: to, path)
  }
  return 0
}

private func exportGenesis(
  of directory: DataDirectory, _ layer: Layer, to path: String
) throws(Failure) {
  let document = try Failure.ofNode { () throws(NodeError) in
    try LogBundle.genesis(directory, layer)
  }
  guard let document else { throw .failed("the log declares no genesis of \(layer.name)") }
  try Failure.ofNode { () throws(NodeError) in try Files.write(document, to: path) }
  Terminal.say("wrote \(document.count) bytes to \(path)")
}

private func exportBundle(
  of directory: DataDirectory, from: UInt64?, to: UInt64?, _ path: String
) throws(Failure) {
  let signed = try Failure.ofNode { () throws(NodeError) in
    try LogBundle.signedSize(directory)
  }
  var range: ClosedRange<UInt64>?
  if from != nil || to != nil {
    let (first, last) = (from ?? 1, to ?? signed)
    guard first <= last, last <= signed else {
      throw .failed("\(signed) events are signed; asked for \(first) to \(last)")
    }
    range = first...last
  }
  let written = try Failure.ofNode { () throws(NodeError) in
    try LogBundle.write(directory, events: range, to: path) { done, all in
      Terminal.progress("exporting: event \(done) of \(all)")
    }
  }
  Terminal.endProgress()
  Terminal.say(
    "wrote events \(written.range.lowerBound) to \(written.range.upperBound), proved by the "
      + "checkpoint of \(written.checkpoint.head.size) events with root "
      + "\(written.checkpoint.head.root.hexadecimal), to \(path)")
  if !written.isReplayable {
    Terminal.say(
      "it proves that these events stand in the log, not what followed from them: they begin where "
        + "the log does not say how the world stood")
  }
}
