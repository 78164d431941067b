import EventLog
import JSON
import Ledger
import Node
import Primitives
import TransparencyLog

/// `opal import`: starts a log from what came from elsewhere.
let importCommand = Command(
  name: "import", summary: "start a log from a bundle, a genesis, or another chain's blocks",
  operands: "[FILE]",
  details: """
    What FILE is shows from its content:
      a bundle of 'opal export'  becomes a data directory from which a node goes on; each event is
                                 checked against the signed root, and --key names whom you trust
      blocks in RLP, as geth exports them, are executed one on top of the other, beginning at
                                 --genesis; a block whose header is not what its execution gives is
                                 refused, and the import stops there with exit code 1; what came
                                 before is kept, and the same command goes on from it
    With --genesis alone a chain begins that has no block yet.
    """,
  example: "opal import --genesis genesis.json chain.rlp --datadir .opal/history",
  options: [
    .init("--genesis", value: "FILE", help: "the chain's genesis.json, as geth takes it"),
    .init("--datadir", value: "PATH", help: "where the log is made (.opal/import)"),
    .init("--key", value: "VKEY", help: "whose signature of a bundle counts; may be repeated"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...1)
  let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/import")
  if let file = arguments.operands.first, try BundleAudit.isBundle(file) {
    try importBundle(file, directory, arguments)
  } else {
    try importChain(directory, arguments)
  }
  return 0
}

private func importBundle(
  _ file: String, _ directory: DataDirectory, _ arguments: Arguments
) throws(Failure) {
  guard try arguments.value("--genesis") == nil else {
    throw .usage("a bundle has its own genesis; --genesis is for blocks")
  }
  let bundle = try Failure.ofNode { () throws(NodeError) in try TarSource(path: file) }
  let keys = try TrustedKeys.read(arguments, bundle)
  let (count, checkpoint) = try BundleAudit.restore(bundle, keys: keys, into: directory)
  Terminal.say(
    "imported \(count) events into \(directory.path), with the root "
      + "\(checkpoint.head.root.hexadecimal); opal node --datadir \(directory.path) goes on")
}

private func importChain(_ directory: DataDirectory, _ arguments: Arguments) throws(Failure) {
  guard let genesis = try arguments.value("--genesis") else {
    throw .usage("--genesis is needed")
  }
  let home = try Home.find()
  let configuration = try home.importConfiguration(
    directory: directory, genesis: try home.read(genesis))
  let blocks = try arguments.operands.first.map { (file) throws(Failure) in try home.read(file) }
  try Failure.ofNode { () throws(NodeError) in
    let importer = try ChainImport(configuration)
    let count = try importer.run(blocks ?? []) { number, hash in
      Terminal.progress("importing: block \(number) \(hash.hexadecimal)")
    }
    Terminal.endProgress()
    Terminal.say(
      "imported \(count) blocks; the head is block \(importer.headNumber) "
        + importer.headHash.hexadecimal)
  }
}
