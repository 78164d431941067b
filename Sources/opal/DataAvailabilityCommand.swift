import Blobs
import DataAvailability
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import Threads

/// `opal da`: the data availability layer by itself.
let dataAvailabilityCommand = Command(
  name: "da", summary: "the data availability layer: show, serve, sample, simulate it",
  operands: "[serve | sample | simulate | plot]",
  details: """
    Alone, it shows the operators of a folder: stakes, chunks, health, and what was dispersed.
    The folder is one of `serve`, or of a node that runs the layer (opal node --da certificates);
    whoever writes it may be running.
      serve     answers as EigenDA's proxy does (POST /put, GET /get/COMMITMENT); operators run in
                this process, keep their chunks below --datadir, and their events in its log
      sample    lets a light client ask for a few chunks of each certified blob, and says how sure
                it may be that the blob can be had
      simulate  runs networks with random faults; the last lines are the count of events and the
                commitment that they come to, and the exit code is 1 where a rule was broken
      plot      writes the picture of confidence against samples, formula beside simulation
    The network is for development: the secrets of its operators, and of the points of the dev
    profile, are known to everybody.
    """,
  example: "opal da simulate --seeds 100",
  options: [
    .init("--datadir", value: "PATH", help: "the network's folder, or a node's (.opal/da)"),
    .init("--host", value: "ADDRESS", help: "serve: where to listen (127.0.0.1)"),
    .init("--port", value: "PORT", help: "serve: where to listen (3100)"),
    .init("--samples", value: "N", help: "sample: how many chunks to ask for (16)"),
    .init("--seeds", value: "N", help: "simulate: how many networks (1000)"),
    .init("--seed", value: "N", help: "sample, simulate: the first seed (0)"),
    .init("--threads", value: "N", help: "simulate: networks at a time (one per core)"),
    .init("--output", value: "FILE", help: "plot: the file (docs/da-sampling.svg)"),
  ] + StorageService.options.under("the layer")
) { arguments throws(Failure) in
  try arguments.expectOperands(0...1)
  switch arguments.operands.first {
  case nil: try StorageView(arguments).show()
  case "serve": try StorageServer.run(arguments)
  case "sample": try StorageView(arguments).sample()
  case "simulate": return try StorageSimulationCommand.run(arguments)
  case "plot": try StorageSimulationCommand.plot(arguments)
  case .some(let verb): throw .usage("opal da does not know '\(verb)'")
  }
  return 0
}

/// `opal da serve`: a node without chains, whose log has the layer's events.
enum StorageServer {
  static func run(_ arguments: Arguments) throws(Failure) {
    Signals.block()
    let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/da")
    let port = try arguments.number("--port", in: 0...65_535) ?? 3100
    let host = try arguments.value("--host") ?? "127.0.0.1"
    var configuration = NodeConfiguration(
      directory: directory, isDurable: true,
      genesis: GenesisDeclaration(documents: [], settler: .zero), wallet: Wallet(keys: []),
      serviceWallet: Wallet(keys: []), sequencers: [],
      report: { Terminal.complain("opal: " + $0) })
    if !directory.holdsLog {
      configuration.storage = try StorageService.document(arguments).document
    }
    let node = try NodeSession.open(configuration)
    defer { node.stop() }
    let service = try StorageService(node, arguments)
    let server = try service.serve(hosts: [host], port: port)
    Terminal.say(
      "EigenDA proxy on http://\(host):\(server.port), points \(service.pointsInWords)")
    Signals.wait()
    server.stop()
  }
}

/// What `opal da` and `opal da sample` see of a folder, whether or not somebody writes it.
struct StorageView {
  private let arguments: Arguments
  private let snapshot: StorageSnapshot
  private let directory: DataDirectory

  init(_ arguments: Arguments) throws(Failure) {
    self.arguments = arguments
    directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/da")
    do throws(NodeError) {
      guard let snapshot = try StorageSnapshot.read(directory) else {
        throw .refused("\(directory.path): \(StorageRefusal.none.message)")
      }
      self.snapshot = snapshot
    } catch {
      throw .failed(error.message)
    }
  }

  /// The network with the operators whose stores are in the folder.
  private func network() throws(Failure) -> StorageNetwork {
    let network = StorageNetwork(
      MemoryRecord(snapshot.state), terms: try StorageService.terms(snapshot.document, arguments),
      cryptography: NativeCryptographyProvider.shared)
    DevelopmentNetwork.connect(network) { StorageService.store($0, in: directory) }
    return network
  }

  func show() throws(Failure) {
    let (state, document) = (snapshot.state, snapshot.document)
    let health = OperatorHealth.all(try network())
    var title = pad("operator", 18, isLeft: true)
    for quorum in state.registry.quorumNumbers { title += pad("quorum \(quorum)", 12) }
    Terminal.say(title + pad("blobs", 9) + pad("chunks", 9) + "   health")
    for known in health { Terminal.say(line(known)) }
    var counts: [String: Int] = [:]
    for blob in state.blobs.values { counts[blob.status.name, default: 0] += 1 }
    let words = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    Terminal.say("")
    Terminal.say("blobs         \(words.isEmpty ? "none" : words.joined(separator: ", "))")
    Terminal.say("batches       \(state.batches.count)")
    if let account = StorageService.account?.address {
      let payments = state.payments
      Terminal.say("account       \(account.hexadecimal)")
      Terminal.say("paid          \(payments.spent(by: account).decimalString) wei on demand")
      if let reservation = payments.reservation(of: account) {
        Terminal.say(
          "reserved      \(reservation.symbolsPerSecond) symbols/s, "
            + "\(payments.bucketLevel(of: account) ?? 0) in the bucket")
      }
    }
    Terminal.say("certified by  \(document.confirmationPercent) % of each quorum's stake")
    Terminal.say("events        \(state.eventCount), fingerprint \(state.fingerprint.hexadecimal)")
    Terminal.say(
      "points        \(document.profile.name)"
        + (document.profile.isSecure ? "" : ": INSECURE"))
  }

  private func line(_ known: OperatorHealth) -> String {
    var text = pad(Hexadecimal.encodePrefixed(known.id.bytes.prefix(8)), 18, isLeft: true)
    for quorum in snapshot.state.registry.quorumNumbers {
      let stake = known.stakes.first { $0.quorum == quorum }?.stake ?? .zero
      text += pad(stake.decimalString, 12)
    }
    text += pad(String(known.blobCount), 9) + pad(String(known.chunkCount), 9) + "   "
    if !known.isReachable { return text + "not in this folder" }
    if known.damagedCount > 0 { return text + "\(known.damagedCount) damaged files" }
    return text + (known.fault == .none ? "good" : known.fault.name)
  }

  private func pad(_ text: String, _ width: Int, isLeft: Bool = false) -> String {
    let space = String(repeating: " ", count: max(1, width - text.count))
    return isLeft ? text + space : space + text
  }

  func sample() throws(Failure) {
    let count = Int(try arguments.number("--samples", in: 1...1 << 20) ?? 16)
    let seed = try arguments.number("--seed") ?? 0
    let (network, state) = (try network(), snapshot.state)
    var isComplete = true
    for (blobKey, blob) in state.blobs.sorted(by: { $0.key < $1.key })
    where blob.status == .complete {
      guard let batch = blob.batch.flatMap({ state.batches[$0] }),
        let report = network.sample(
          blob.certificate.header, at: batch.header.referenceBlock, count: count, seed: seed)
      else { continue }
      isComplete = isComplete && report.valid == report.asked
      let percent = (report.confidence * 1_000_000).rounded() / 10_000
      Terminal.say(
        "\(blobKey.hexadecimal)  \(report.valid) of \(report.asked) samples valid, "
          + "\(report.needed) of \(report.held) chunks needed: available with \(percent) %")
    }
    if !isComplete { throw .failed("some samples were not answered, or not validly") }
  }
}
