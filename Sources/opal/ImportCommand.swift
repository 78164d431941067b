import EventLog
import Ledger
import Node
import Primitives

/// `opal import`: brings foreign Ethereum history into a log.
let importCommand = Command(
  name: "import", summary: "bring another chain's blocks into a log, checking each hash",
  operands: "CHAIN.RLP",
  details: """
    Reads blocks in RLP, one after the other as geth exports them, executes each on top of the
    last, and appends it to the log as an event. A block whose header is not what its execution
    gives is refused, and the import stops there with exit code 1; what came before is kept, and
    the same command goes on from it.
    """,
  example: "opal import --genesis genesis.json chain.rlp --datadir .opal/history",
  options: [
    .init("--genesis", value: "FILE", help: "the chain's genesis.json, as geth takes it"),
    .init("--datadir", value: "PATH", help: "where the log is made (.opal/import)"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(1...1)
  guard let genesis = try arguments.value("--genesis") else {
    throw .usage("--genesis is needed")
  }
  let home = try Home.find()
  let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/import")
  let configuration = try home.importConfiguration(
    directory: directory, genesis: try home.read(genesis))
  let importer: ChainImport
  do throws(NodeError) {
    importer = try ChainImport(configuration)
    let count = try importer.run(
      try Files.read(arguments.operands[0])
    ) { number, hash in
      Terminal.progress("importing: block \(number) \(hash.hexadecimal)")
    }
    Terminal.endProgress()
    Terminal.say(
      "imported \(count) blocks; the head is block \(importer.headNumber) "
        + importer.headHash.hexadecimal)
  } catch {
    throw .failed(error.message)
  }
  return 0
}
