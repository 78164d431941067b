import Derivation
import EventLog
import HTTP
import Ledger
import Node
import Primitives
import RPC

/// What `--rollup` and the options beside it come to.
enum RollupOptions {
  static let all: [Command.Option] = [
    .init("--rollup", help: "an OP Stack rollup with its L1 instead of a plain chain"),
    .init("--l1-port", value: "N", help: "serve L1 on this port (8546)"),
    .init(
      "--da", value: "KIND",
      help: "where batches go: calldata, blobs, commitments or certificates (calldata)"),
    .init(
      "--da-port", value: "N", help: "with certificates: serve EigenDA's proxy on this port (3100)"),
    .init(
      "--da-proxy", value: "URL",
      help: "batches to the DA layer behind it; with commitments: by their Keccak-256"),
    .init(
      "--rollup-config", value: "FILE",
      help: "begin with this rollup.json's constants"),
    .init(
      "--l1-confirmations", value: "N",
      help: "L1 blocks on top of an L2 block's origin (0)"),
    .init(
      "--batches", value: "FORM", choices: ["span", "singular"], help: "span or singular (span)"),
    .init(
      "--compression", value: "NAME", choices: ["zlib", "brotli"], help: "zlib or brotli (brotli)"),
  ]

  /// The node's configuration.
  static func configuration(
    _ arguments: Arguments, home: Home, directory: DataDirectory, isDurable: Bool
  ) throws(Failure) -> NodeConfiguration {
    guard try arguments.value("--genesis") == nil else {
      throw .usage("--rollup has a genesis of its own; --genesis is for a plain chain")
    }
    let (mode, interval) = try MiningOptions.mode(arguments)
    guard interval == nil else {
      throw .usage("a rollup's --block-time is a whole number of seconds")
    }
    let blockTime = try arguments.number("--block-time", in: 1...86_400)
    if case .mixed = mode {
      throw .usage(
        "a rollup makes its blocks in its block time; --mixed-mining is for a plain chain")
    }
    let carrier = try carrier(arguments, directory)
    let isKeccak = try arguments.value("--da") == "commitments"
    let proxy = try arguments.value("--da-proxy")
    let isOwnLayer = carrier == .layer && proxy == nil
    let layer = isOwnLayer && !directory.holdsLog ? try StorageService.document(arguments) : nil
    var configuration = try home.rollupConfiguration(
      directory: directory, isDurable: isDurable, mode: mode,
      document: try arguments.value("--rollup-config").map { (path) throws(Failure) in
        try home.read(path)
      }
    ) { document in
      if let blockTime { document.configuration.blockTime = blockTime }
      if isKeccak { document.useCommitments() }
      if carrier == .layer, !isKeccak {
        document.useCommitments(.generic, certificates: layer?.certificates)
      }
    }
    configuration.rollup?.disperse = try disperse(arguments)
    configuration.storage = layer?.document
    configuration.rollup?.batcher?.carrier = carrier
    configuration.rollup?.batcher?.compression =
      switch try arguments.value("--compression") {
      case nil, "brotli": .brotli
      case "zlib": .zlib
      case let other?: throw .usage("--compression is zlib or brotli, not \(other)")
      }
    configuration.rollup?.batcher?.form =
      switch try arguments.value("--batches") {
      case nil, "span": .span
      case "singular": .singular
      case let other?: throw .usage("--batches is span or singular, not \(other)")
      }
    if mode == .manual {
      configuration.sequencers[0].mode = .manual
    }
    configuration.sequencers[1].originConfirmations =
      try arguments.number("--l1-confirmations") ?? 0
    return configuration
  }

  /// Refuses a way of batches that the rollup in the directory was not declared with: nobody would
  /// derive what it posts.
  static func check(_ node: Node) throws(Failure) {
    guard let rollup = node.world.rollup, let batcher = node.configuration.rollup?.batcher,
      batcher.carrier == .commitments || batcher.carrier == .layer,
      rollup.configuration.altDA == nil
    else { return }
    node.stop()
    throw .failed(
      "the rollup in the directory began without commitments; leave --da and --da-proxy")
  }

  /// Whether the log in a directory is of a rollup, which then needs no option.
  static func holdsRollup(_ directory: DataDirectory) -> Bool {
    holds(.rollupDeclared, at: 2, directory)
  }

  /// Whether the event of a sequence in a directory's log is of a kind.
  private static func holds(
    _ kind: Event.Kind, at sequence: UInt64, _ directory: DataDirectory
  ) -> Bool {
    guard directory.holdsLog, let log = try? LogReader(path: directory.log) else { return false }
    let found = try? log.read { (log) throws(EventLogError) in
      log.count >= sequence ? try log.row(at: sequence).kind : 0
    }
    return found == kind.rawValue
  }

  /// How payloads get to the DA layer behind a proxy.
  private static func disperse(
    _ arguments: Arguments
  ) throws(Failure) -> (@Sendable (Bytes) -> Bytes?)? {
    guard let address = try arguments.value("--da-proxy") else { return nil }
    do throws(HTTPClientError) {
      let proxy = try ProxyClient(address: address)
      let isKeccak = try? arguments.value("--da") == "commitments"
      return { payload in
        let stored = isKeccak == true ? proxy.storePreimage(payload) : proxy.store(payload)
        guard case .commitment(let commitment) = stored else { return nil }
        return commitment
      }
    } catch {
      throw .usage(error.message)
    }
  }

  private static func carrier(
    _ arguments: Arguments, _ directory: DataDirectory
  ) throws(Failure) -> Batcher.Carrier {
    let named = try arguments.value("--da")
    if try arguments.value("--da-proxy") != nil {
      guard named == nil || named == "commitments" else {
        throw .usage("--da-proxy takes certificates, or with --da commitments Keccak-256 alone")
      }
      return .layer
    }
    let hasLayer = holds(.storageDeclared, at: 3, directory)
    switch named {
    case nil: return hasLayer ? .layer : .calldata
    case "calldata": return .calldata
    case "blobs": return .blobs
    case "commitments": return .commitments
    case "certificates":
      guard hasLayer || !directory.holdsLog else {
        throw .usage("\(directory.path) was begun without a data availability layer")
      }
      return .layer
    case let other?:
      throw .usage("--da is calldata, blobs, commitments or certificates, not \(other)")
    }
  }

  /// How the first layer is served: like the second, on a port of its own.
  static func layerOneServing(
    _ serving: NodeServer.Configuration, port: UInt64
  ) -> NodeServer.Configuration {
    var serving = serving
    serving.layer = .one
    serving.http.port = UInt16(port)
    serving.localSocketPath = nil
    return serving
  }
}
