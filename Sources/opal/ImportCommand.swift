import EventLog
import JSON
import Ledger
import Node
import Primitives
import RPC
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
      a genesis.json of geth's   begins a chain that has no block yet; so does --genesis alone
      what anvil's --dump-state writes, or anvil_dumpState answers, begins a chain with the dump's
                                 accounts, blocks, transactions and receipts, as they are: nobody
                                 executes them again; --genesis names other rules than Prague's
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

private func importChain(
  _ directory: DataDirectory, _ arguments: Arguments
) throws(Failure) {
  let home = try Home.find()
  var blocks = try arguments.operands.first.map { (file) throws(Failure) in try home.read(file) }
  var genesis = try arguments.value("--genesis").map { (file) throws(Failure) in
    try home.read(file)
  }
  if let file = blocks, AnvilState.isDump(file) {
    let base = if let genesis { genesis } else { try home.genesis("dev.json") }
    return try importDump(file, base: base, home, directory)
  }
  if let file = blocks, let document = try startingDocument(file) {
    guard genesis == nil else { throw .usage("the file is a genesis itself, and so is --genesis") }
    (genesis, blocks) = (document, nil)
  }
  guard let genesis else { throw .usage("--genesis is needed") }
  let configuration = try home.importConfiguration(directory: directory, genesis: genesis)
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

/// Begins a chain with what a dump has.
private func importDump(
  _ dump: Bytes, base: Bytes, _ home: Home, _ directory: DataDirectory
) throws(Failure) {
  let document: StateDocument
  do throws(RPCError) {
    document = try AnvilState.read(dump)
  } catch {
    throw .failed("the dump cannot be read: \(error.message)")
  }
  let configuration = try home.importConfiguration(
    directory: directory, genesis: try AnvilDump.genesis(base: base))
  try Failure.ofNode { () throws(NodeError) in
    let importer = try ChainImport(configuration)
    try importer.load(document)
    for line in AnvilDump.account(of: document) { Terminal.say(line) }
    Terminal.say(
      "the head is block \(importer.headNumber) \(importer.headHash.hexadecimal)")
  }
}

/// The genesis that a file is; nil for blocks.
private func startingDocument(_ file: Bytes) throws(Failure) -> Bytes? {
  // Blocks are lists in RLP, whose first byte is never that of a text.
  guard let first = file.first, first < 0x80 else { return nil }
  let json: JSON
  do throws(JSONError) {
    json = try JSON.parse(file)
  } catch {
    throw .failed("the file is neither blocks nor JSON: \(error.message) at byte \(error.offset)")
  }
  guard json["alloc"] != nil else {
    throw .failed("the file is neither a bundle, blocks, a genesis, nor a dump of anvil's")
  }
  return file
}
