import Contracts
import Cryptography
import EVM
import Execution
import HTTP
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC

/// `opal node`: a development chain, served by JSON-RPC.
let nodeCommand = Command(
  name: "node", summary: "run a chain with its engine, and serve both over HTTP",
  details: """
    A plain Ethereum chain for development: ten funded accounts, a block for each transaction
    unless --block-time says otherwise. JSON-RPC and models in OpenAI's wire format are on one
    port. Without --datadir the chain is thrown away at the end; with it, every acknowledged
    transaction survives a crash, and the next start goes on from it.
    """,
  example: "opal node --datadir .opal/node --port 8545",
  options: [
    .init("--datadir", value: "PATH", help: "keep the chain here (none: throw it away)"),
    .init("--genesis", "--init", value: "FILE", help: "another genesis.json for the chain"),
    .init(
      "--auto-impersonate", "--auto-unlock", help: "send transactions in anybody's name"),
    .init("--print-traces", help: "show the calls of each transaction as a tree"),
    .init("--disable-console-log", help: "say nothing of what contracts say by console.log"),
    .init("--require-payer", help: "refuse model requests that name no payer"),
    .init(
      "--witness", value: "URL,KEY",
      help: "have this witness cosign the log's checkpoints; may be repeated"),
    .init("--quiet", "-q", "--silent", help: "no banner, and nothing of new blocks"),
  ] + MiningOptions.all.under("blocks") + ChainOptions.all.under("the chain")
    + StateOptions.all.under("its state")
    + ForkOptions.all.under("another node's chain") + RollupOptions.all.under("a rollup")
    + StorageService.options.under("its data availability layer")
    + ServerOptions.fees.under("what it suggests to pay")
    + ServerOptions.all.under("serving") + AnvilOptions.all.under("anvil's, which change nothing"),
  refused: AnvilOptions.refused
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  try AnvilOptions.check(arguments)
  let session = try NodeSession(arguments)
  let isSilent = arguments.has("--quiet") || arguments.has("--json")
  let console = isSilent ? nil : try session.listenToConsole(arguments)
  defer { console?.stop() }
  if !isSilent { session.sayBanner() }
  try session.describe(arguments)
  try session.waitForEnd(arguments)
  try session.stop(arguments)
  return 0
}

/// A node that runs until it is told to stop.
struct NodeSession {
  private let node: Node
  private let server: NodeServer
  private let layerOneServer: NodeServer?
  private let storage: (service: StorageService, server: ProxyServer)?
  private let isRollup: Bool
  private let hosts: [String]
  private let temporary: String?
  private let mode: Sequencer.Mode
  private let interval: UInt64?
  private let courier: WitnessCourier?
  private let phrase: String

  init(_ arguments: Arguments) throws(Failure) {
    // Before any thread starts, so that all inherit it and `sigwait` is the only receiver.
    Signals.block()
    let home = try Home.find()
    (mode, interval) = try MiningOptions.mode(arguments)
    let serving = try ServerOptions.configuration(arguments)
    hosts = [serving.http.host] + serving.http.furtherHosts
    let given = try arguments.value("--datadir")
    do throws(NodeError) {
      temporary = given == nil ? try Files.makeTemporaryDirectory() : nil
    } catch {
      throw .failed(error.message)
    }
    let directory = DataDirectory(path: given ?? temporary ?? "")
    courier = try WitnessCourier(directory, arguments)
    let loaded = try StateOptions.prepare(directory, arguments)
    phrase = try ChainOptions.phrase(arguments)
    let wallet = try ChainOptions.wallet(arguments, phrase: phrase)
    let named = try arguments.value("--genesis")
    isRollup = arguments.has("--rollup") || RollupOptions.holdsRollup(directory)
    let base = if let named { try home.read(named) } else { try home.genesis("dev.json") }
    let changed = try ChainOptions.genesis(
      arguments, from: base, wallet: wallet,
      beginning: named == nil && !isRollup ? ChainOptions.beginning(of: directory) : nil)
    if isRollup, changed != nil {
      throw .usage("--rollup makes its own genesis, which takes none of the chain's options")
    }
    let document = changed ?? (named == nil ? nil : base)
    let layerOnePort = try arguments.number("--l1-port", in: 0...65_535) ?? 8546
    var configuration =
      isRollup
      ? try RollupOptions.configuration(
        arguments, home: home, directory: directory, isDurable: given != nil)
      : try home.developmentConfiguration(
        directory: directory, isDurable: given != nil, mode: mode, genesis: document)
    if !isRollup {
      configuration.wallet = wallet
      try ForkOptions.prepare(&configuration, arguments, isKept: given != nil)
    } else if loaded != nil || arguments.has("--fork-url") {
      throw .usage("a rollup follows from L1 alone: it neither loads a state nor forks")
    }
    let carrier = StorageCarrier()
    if configuration.rollup?.batcher?.carrier == .layer,
      configuration.rollup?.disperse == nil
    {
      configuration.rollup?.disperse = { carrier.disperse($0) }
    }
    if let index = configuration.sequencers.firstIndex(where: { $0.layer == .two }) {
      configuration.sequencers[index].order = try MiningOptions.order(arguments)
      configuration.sequencers[index].transactionLimit = try MiningOptions.limit(arguments)
    }
    configuration.sealingIntervalInMilliseconds = interval
    node = try NodeSession.open(configuration)
    if named != nil || ChainOptions.areGiven(arguments) { try NodeSession.checkGenesis(of: node) }
    try RollupOptions.check(node)
    do throws(Failure) {
      if arguments.has("--auto-impersonate") { try MiningOptions.impersonateAll(on: node) }
      try ForkOptions.begin(node, arguments)
      if let loaded { try StateOptions.load(loaded, into: node) }
    } catch {
      node.stop()
      if let temporary { Files.removeTemporaryDirectory(temporary) }
      throw error
    }
    storage = try NodeSession.storage(of: node, hosts: hosts, arguments)
    if let storage { carrier.connect(storage.service.proxy) }
    let payers = try home.payers(directory)
    let engine = Engine(
      node: node, key: DevelopmentRole.engine.key, payers: payers,
      development: arguments.has("--require-payer") ? nil : DevelopmentPayer())
    let models = ModelService(
      sources: [.init(name: Home.modelName, directory: home.modelDirectory)],
      created: configuration.clock() / 1000)
    do throws(HTTPServerError) {
      server = try NodeServer(
        serving, node: node, engine: engine, models: models, payers: payers)
      layerOneServer =
        isRollup
        ? try NodeServer(
          RollupOptions.layerOneServing(serving, port: layerOnePort), node: node, engine: nil,
          models: nil, payers: payers)
        : nil
    } catch {
      node.stop()
      throw .failed(error.description)
    }
    courier?.start { [node] in node.checkpoint { _ in } }
  }

  /// The data availability layer, where the node's world has one.
  private static func storage(
    of node: Node, hosts: [String], _ arguments: Arguments
  ) throws(Failure) -> (StorageService, ProxyServer)? {
    guard node.world.storage != nil else { return nil }
    do throws(Failure) {
      let service = try StorageService(node, arguments)
      let port = try arguments.number("--da-port", in: 0...65_535) ?? 3100
      return (service, try service.serve(hosts: hosts, port: port))
    } catch {
      node.stop()
      throw error
    }
  }

  static func open(_ configuration: NodeConfiguration) throws(Failure) -> Node {
    do throws(NodeError) {
      let node = try Node(configuration) { progress in
        Terminal.progress("replaying: event \(progress.events) of \(progress.lastSequence)")
      }
      Terminal.endProgress()
      return node
    } catch {
      throw .failed(error.message)
    }
  }

  /// Refuses a directory whose chain began otherwise than the document that was named.
  private static func checkGenesis(of node: Node) throws(Failure) {
    let named = node.configuration.genesis.documents.first { $0.layer == .two }
    let declared = ChainOptions.declared(in: node.log)
    guard let named, let genesis = try? GenesisDocument.parse(named.json),
      genesis.block().hash == node.world.layerTwo?.genesisHash,
      genesis.specification == declared?.specification
    else {
      node.stop()
      throw .failed(NodeError.otherGenesis(path: node.configuration.directory.path).message)
    }
  }

  /// Shows new blocks, what contracts say to the console, and calls if asked.
  func listenToConsole(_ arguments: Arguments) throws(Failure) -> ConsoleListener {
    let book = try arguments.value("--artifacts").map { (path) throws(Failure) in
      try Artifacts.read(path)
    }
    var lines: (@Sendable (JSON) -> [String])?
    if arguments.has("--print-traces") {
      let tree = CallTree(book: book ?? ArtifactBook())
      lines = { tree.lines(of: $0) }
    }
    return ConsoleListener(
      node: node, lines: lines, artifacts: book,
      hearsConsole: !arguments.has("--disable-console-log")
    ) { Terminal.offer($0) }
  }

  /// Waits for the end, and dumps the state as often as is asked for.
  func waitForEnd(_ arguments: Arguments) throws(Failure) {
    guard let target = try StateOptions.target(arguments), !StateOptions.isOwn(target),
      let seconds = try arguments.number("--state-interval", in: 1...86_400)
    else { return Signals.wait() }
    while !Signals.wait(seconds: seconds) {
      do throws(Failure) {
        try StateOptions.dump(node, to: target)
      } catch {
        if case .failed(let reason) = error { Terminal.complain("opal: \(reason)") }
      }
    }
  }

  /// Finishes what is under way, signs the log, dumps the state where that is asked for, and throws
  /// away what is not to be kept.
  func stop(_ arguments: Arguments) throws(Failure) {
    server.stop()
    layerOneServer?.stop()
    storage?.server.stop()
    let target = try StateOptions.target(arguments)
    var failure: Failure?
    if let target, !StateOptions.isOwn(target) {
      do throws(Failure) { try StateOptions.dump(node, to: target) } catch { failure = error }
    }
    node.stop()
    courier?.finish()
    if let target, StateOptions.isOwn(target) {
      do throws(NodeError) {
        try StateArchive.pack(node.configuration.directory, to: target)
      } catch {
        failure = .failed(error.message)
      }
    }
    if let temporary { Files.removeTemporaryDirectory(temporary) }
    if let failure { throw failure }
  }

  /// Tells programs what the banner tells people, where that is asked for.
  func describe(_ arguments: Arguments) throws(Failure) {
    let description = StateOptions.description(
      node, mnemonic: phrase,
      path: try arguments.value("--derivation-path") ?? "m/44'/60'/0'/0/")
    if let path = try arguments.value("--config-out") {
      do throws(NodeError) {
        try Files.write(description.serialized() + [0x0a], to: path, permissions: 0o600)
      } catch {
        throw .failed(error.message)
      }
    }
    guard arguments.has("--json"), var members = description.object else { return }
    members["listening"] = .string("\(hosts[0]):\(server.port)")
    Terminal.say(String(decoding: JSON.object(members).serialized(), as: UTF8.self))
  }

  /// Says what a person needs to begin: accounts, keys, and where to ask.
  func sayBanner() {
    let world = node.world
    Terminal.say("\(opalVersion)\n\nAccounts")
    let state = world.layerTwo?.head.state
    for (index, account) in node.wallet.accounts.enumerated() {
      let balance = (try? state?.account(account))??.balance ?? .zero
      Terminal.say("(\(index)) \(account.checksummed) (\(balance.inEther) ETH)")
    }
    let isPublic = phrase == Mnemonic.development
    Terminal.say("\nPrivate keys\(isPublic ? " (known to everybody: for development only)" : "")")
    for (index, account) in node.wallet.accounts.enumerated() {
      guard let key = node.wallet.key(of: account) else { continue }
      Terminal.say("(\(index)) \(Hexadecimal.encodePrefixed(key.bytes))")
    }
    Terminal.say("\nMnemonic    \(phrase)")
    if let chain = world.layerTwo {
      let fork = chain.specification.fork(of: chain.head.header)
      Terminal.say("Chain       \(chain.specification.chainID), \(fork)")
    }
    if let number = world.layerTwo?.forkNumber, let remote = node.fork.remote {
      Terminal.say("Forked      from block \(number) of \(remote.url)")
    }
    if let chain = world.layerTwo {
      Terminal.say("Gas limit   \(chain.head.header.gasLimit)")
      if chain.head.header.baseFee != nil {
        Terminal.say("Base fee    \(chain.baseFeeOfNextBlock.decimalString) wei")
      }
      let size = chain.specification.codeSizeLimit
      if size != BlockEnvironment.usualCodeSizeLimit {
        Terminal.say("Contracts   of at most \(size) bytes")
      }
      Terminal.say("Genesis     at \(chain.genesisTimestamp) s")
    }
    Terminal.say("Blocks      \(MiningOptions.words(for: mode, interval: interval))")
    Terminal.say("Head        \(world.layerTwo?.number ?? 0), event \(world.sequence)")
    Terminal.say(
      temporary == nil
        ? "Data        \(node.configuration.directory.path)"
        : "Data        thrown away at the end; --datadir keeps it")
    Terminal.say("Models      \(Home.modelName), at /v1/chat/completions and /v1/completions")
    Terminal.say("\nListening on \(addresses(server.port))")
    if let rollup = world.rollup {
      Terminal.say("Fingerprint \(rollup.document.fingerprint.hexadecimal), for opal follow")
    }
    if let layerOneServer {
      Terminal.say(
        "L1 (chain \(world.layerOne?.specification.chainID ?? 0)) on "
          + addresses(layerOneServer.port)
      )
    }
    if let storage {
      Terminal.say(
        "EigenDA proxy on \(addresses(storage.server.port)), "
          + "points \(storage.service.pointsInWords)")
    }
  }

  /// The addresses on which a port is served.
  private func addresses(_ port: UInt16) -> String {
    hosts.map { "\($0):\(port)" }.joined(separator: ", ")
  }
}
