import Derivation
import Execution
import HTTP
import Ledger
import Node
import Primitives
import RPC

/// `opal follow`: the rollup's chain from L1 alone, in a process of its own.
let followCommand = Command(
  name: "follow", summary: "derive a rollup's chain from L1 alone, and serve reads of it",
  details: """
    Asks an L1 node for blocks, receipts and the data beside them, records the answers in a log of
    its own, and derives the same L2 blocks as everybody else, whatever the sequencer says. It makes
    no blocks and takes no transactions. Many followers let reads scale past one machine. What it
    takes on trust is L1's headers; blobs, data and receipts are checked against them, and
    certificates by L1's verifier on the state that L1's node proves. Where the
    rollup's documents are asked of the L1 node, its contracts must bear witness to L2's genesis, and
    --fingerprint pins all the rest.
    """,
  example: "opal follow --l1 http://127.0.0.1:8546 --datadir .opal/follower --port 9545",
  options: [
    .init("--l1", value: "URL", help: "the L1 node's JSON-RPC (needed)"),
    .init("--da", value: "URL", help: "who has the data beside L1 (the L1 node)"),
    .init("--datadir", value: "PATH", help: "keep the chain here (.opal/follower)"),
    .init("--genesis", value: "FILE", help: "L2's genesis.json (asked of the L1 node)"),
    .init("--rollup-config", value: "FILE", help: "rollup.json (asked of the L1 node)"),
    .init(
      "--points", value: "FILE", help: "the DA layer's powers of tau in G1 (the development ones)"),
    .init("--fingerprint", value: "HASH", help: "follow the rollup of this fingerprint or none"),
    .init("--quiet", "-q", help: "no banner"),
  ] + ServerOptions.all.under("serving")
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  let session = try FollowSession(arguments)
  if !arguments.has("--quiet") { session.sayBanner() }
  Signals.wait()
  session.stop()
  return 0
}

/// A follower that runs until it is told to stop.
struct FollowSession {
  private let node: Node
  private let server: NodeServer
  private let follower: RollupFollower
  private let hosts: [String]
  private let address: String

  init(_ arguments: Arguments) throws(Failure) {
    Signals.block()
    guard let address = try arguments.value("--l1") else { throw .usage("--l1 is missing") }
    self.address = address
    let serving = try ServerOptions.configuration(arguments)
    hosts = [serving.http.host] + serving.http.furtherHosts
    let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/follower")
    let source: L1Source
    let points = try StorageService.payloadPoints(arguments)
    do throws(NodeClientError) {
      source = try L1Source(l1: address, da: try? arguments.value("--da"), points: points)
    } catch {
      throw .usage(error.message)
    }
    var configuration = NodeConfiguration(
      directory: directory, isDurable: true,
      genesis: GenesisDeclaration(documents: [], settler: .zero), wallet: Wallet(keys: []),
      serviceWallet: Wallet(keys: []), sequencers: [],
      report: { Terminal.complain("opal: " + $0) })
    if !directory.holdsLog {
      let (genesis, rollup) = try FollowSession.beginning(arguments, source)
      configuration.genesis.documents = [.init(layer: .two, json: genesis)]
      configuration.rollup = RollupServices(document: rollup)
    }
    node = try NodeSession.open(configuration)
    try FollowSession.check(node, arguments)
    try FollowSession.check(points, for: node)
    follower = RollupFollower(node: node, source: source)
    let payers = try Home.find().payers(directory)
    do throws(HTTPServerError) {
      server = try NodeServer(serving, node: node, engine: nil, models: nil, payers: payers)
    } catch {
      node.stop()
      throw .failed(error.description)
    }
    follower.start()
  }

  /// Refuses a rollup that is not the one that was named.
  private static func check(_ node: Node, _ arguments: Arguments) throws(Failure) {
    guard let text = try arguments.value("--fingerprint") else { return }
    let found = node.world.rollup?.document.fingerprint
    guard let wanted = Hash(hexadecimal: text) else {
      node.stop()
      throw .usage("--fingerprint is no hash")
    }
    guard wanted == found else {
      node.stop()
      throw .failed(
        "the rollup has the fingerprint \(found?.hexadecimal ?? "of none"), not that")
    }
  }

  /// Refuses points that are not those of the layer whose certificates the rollup's rules judge.
  private static func check(_ points: PayloadPoints, for node: Node) throws(Failure) {
    guard let rules = node.world.rollup?.configuration.altDA?.certificates,
      !points.fit(rules.tau2)
    else { return }
    node.stop()
    throw .failed(
      "payloads are held to the DA layer's points, which these are not: name them by --points")
  }

  /// The documents with which the rollup began: from files, or from the L1 node.
  private static func beginning(
    _ arguments: Arguments, _ source: L1Source
  ) throws(Failure) -> (genesis: Bytes, rollup: RollupDocument) {
    switch (try arguments.value("--genesis"), try arguments.value("--rollup-config")) {
    case (let genesis?, let rollup?):
      let home = try Home.find()
      let (text, document) = (try home.read(genesis), try home.read(rollup))
      do throws(GenesisError) {
        return (text, try RollupDocument(parsing: document))
      } catch {
        throw .failed("\(rollup): \(error.message)")
      }
    case (nil, nil):
      do throws(NodeClientError) {
        return try source.beginning()
      } catch {
        throw .failed(error.message)
      }
    default: throw .usage("--genesis and --rollup-config belong together")
    }
  }

  func stop() {
    follower.stop()
    server.stop()
    node.stop()
  }

  func sayBanner() {
    let world = node.world
    Terminal.say("\(opalVersion)\n")
    Terminal.say("Chain       \(world.layerTwo?.specification.chainID ?? 0), derived from L1")
    Terminal.say("L1          \(address)")
    Terminal.say("Fingerprint \(world.rollup?.document.fingerprint.hexadecimal ?? "none")")
    Terminal.say("Head        \(world.layerTwo?.number ?? 0), event \(world.sequence)")
    Terminal.say("Data        \(node.configuration.directory.path)")
    let addresses = hosts.map { "\($0):\(server.port)" }
    Terminal.say("\nListening on \(addresses.joined(separator: ", "))")
  }
}
