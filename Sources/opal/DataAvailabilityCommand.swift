import Blobs
import Cryptography
import DataAvailability
import Glibc
import HTTP
import NativeCryptography
import Node
import Pairings
import Primitives
import RPC

/// `opal da`: the data availability layer by itself.
let dataAvailabilityCommand = Command(
  name: "da", summary: "the data availability layer: show, serve, sample, simulate it",
  operands: "[serve | sample | simulate | plot]",
  details: """
    Alone, it shows the operators of a folder: stakes, chunks, health, and what was dispersed.
      serve     answers as EigenDA's proxy does (POST /put, GET /get/COMMITMENT); operators run in
                this process and keep their chunks below --datadir
      sample    lets a light client ask for a few chunks of each certified blob, and says how sure
                it may be that the blob can be had
      simulate  runs networks with random faults and stops at the first broken rule
      plot      writes the picture of confidence against samples, formula beside simulation
    The network is for development: the secrets of its operators and of its reference string are
    known to everybody.
    """,
  example: "opal da simulate --seeds 100",
  options: [
    .init("--datadir", value: "PATH", help: "the network's folder (.opal/da)"),
    .init("--operators", value: "N", help: "serve: how many operators (8)"),
    .init("--blob-limit", value: "N", help: "coefficients of the longest blob (4096)"),
    .init(
      "--test-points", value: "FOLDER", help: "take EigenDA's test points: blobs of 2048 at most"),
    .init("--host", value: "ADDRESS", help: "serve: where to listen (127.0.0.1)"),
    .init("--port", value: "PORT", help: "serve: where to listen (3100)"),
    .init("--admin", help: "serve: /admin/eigenda-dispersal-backend answers"),
    .init("--samples", value: "N", help: "sample: how many chunks to ask for (16)"),
    .init("--seeds", value: "N", help: "simulate: how many networks (1000)"),
    .init("--seed", value: "N", help: "sample, simulate: the first seed (0)"),
    .init("--threads", value: "N", help: "simulate: networks at a time (one per core)"),
    .init("--output", value: "FILE", help: "plot: the file (docs/da-sampling.svg)"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...1)
  switch arguments.operands.first {
  case nil: try StorageCommand(arguments).show()
  case "serve": try StorageCommand(arguments).serve()
  case "sample": try StorageCommand(arguments).sample()
  case "simulate": return try StorageSimulationCommand.run(arguments)
  case "plot": try StorageSimulationCommand.plot(arguments)
  case .some(let verb): throw .usage("opal da does not know '\(verb)'")
  }
  return 0
}

/// What `opal da` does with a network's folder.
struct StorageCommand {
  private let arguments: Arguments
  private let network: StorageNetwork
  private let account: PrivateKey

  init(_ arguments: Arguments) throws(Failure) {
    self.arguments = arguments
    let path = try arguments.value("--datadir") ?? ".opal/da"
    let limit = Int(try arguments.number("--blob-limit", in: 2...1 << 19) ?? 4096)
    guard limit & (limit - 1) == 0 else { throw .usage("--blob-limit is no power of two") }
    let count = Int(try arguments.number("--operators", in: 1...16) ?? 8)
    let secret = Keccak256.hash(Bytes("opal: INSECURE disperser account".utf8))
    guard let account = PrivateKey(secret.bytes) else { throw .failed("no account") }
    self.account = account
    let folder: StorageFolder
    do throws(StorageFolderError) {
      folder = try StorageFolder(path: path, state: DevelopmentNetwork.initialState)
    } catch {
      throw .failed("\(path): \(error)")
    }
    let string = try Self.points(arguments, limit: limit, cacheFolder: path)
    let terms = DevelopmentNetwork.terms(string)
    network = StorageNetwork(
      folder.state, terms: terms, cryptography: NativeCryptographyProvider.shared
    ) { event in
      // An event that cannot be kept must not have happened: the process ends here.
      guard (try? folder.append(event)) != nil else { fatalError("events cannot be written") }
    }
    network.threads = Parallel.coreCount
    let setup = DevelopmentNetwork(
      operatorCount: count, terms: terms, account: account.address)
    do throws(StorageMisfit) {
      try setup.begin(network, block: Self.now().block) { id -> any ChunkStore in
        if let store = try? DiskChunkStore(folder: folder.chunkFolder(of: id)) { return store }
        return MemoryChunkStore()
      }
      try network.resume(timeInSeconds: Self.now().nanoseconds / 1_000_000_000)
    } catch {
      throw .failed("\(path): \(error)")
    }
  }

  /// EigenDA's test points from a folder that is named, or the development points.
  private static func points(
    _ arguments: Arguments, limit: Int, cacheFolder: String
  ) throws(Failure) -> ReferenceString {
    guard let folder = try arguments.value("--test-points") else {
      return DevelopmentPoints.string(
        order: limit, cacheFolder: cacheFolder, threads: Parallel.coreCount)
    }
    let first: Bytes
    let second: Bytes
    do throws(NodeError) {
      first = try Files.read(folder + "/testsrs.g1.3000.point")
      second = try Files.read(folder + "/testsrs.g2.3000.point")
    } catch {
      throw .failed(error.message)
    }
    do throws(ReferenceStringError) {
      return try ReferenceString.reading(.test, g1: first, g2: second)
    } catch {
      throw .failed("\(folder): the points are not EigenDA's test points: \(error)")
    }
  }

  /// Now, with the number that a chain of 12-second slots since 1970 would have reached.
  static func now() -> ProxyTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    let seconds = UInt64(time.tv_sec)
    return ProxyTime(
      nanoseconds: seconds * 1_000_000_000 + UInt64(time.tv_nsec),
      block: UInt32(truncatingIfNeeded: seconds / 12))
  }

  func show() {
    let state = network.state
    Terminal.say("operator            quorum 0     quorum 1     blobs   chunks   health")
    for id in state.registry.operatorIDs { Terminal.say(line(id)) }
    var counts: [String: Int] = [:]
    for blob in state.blobs.values { counts[blob.status.name, default: 0] += 1 }
    let words = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    Terminal.say("")
    Terminal.say("blobs         \(words.isEmpty ? "none" : words.joined(separator: ", "))")
    Terminal.say("batches       \(state.batches.count)")
    Terminal.say("paid          \(state.payments.spent(by: account.address).decimalString) wei")
    Terminal.say("events        \(state.eventCount), fingerprint \(state.fingerprint.hexadecimal)")
    let name = network.terms.string.profile.name
    Terminal.say(
      "points        \(name)" + (network.terms.string.profile.isSecure ? "" : ": INSECURE"))
  }

  private func line(_ id: Hash) -> String {
    let state = network.state
    var text = Hexadecimal.encodePrefixed(id.bytes.prefix(8))
    for (quorum, width) in [(UInt8(0), 10), (1, 13)] {
      let stakes = state.registry.stakes(in: quorum, at: .max)
      let own = stakes.first { $0.id == id }?.stake ?? .zero
      text += pad(own.decimalString, width)
    }
    var blobs = 0
    var chunks = 0
    if let store = network.nodes[id]?.store {
      for key in (try? store.blobKeys()) ?? [] {
        guard let held = try? store.chunks(for: key) else { continue }
        blobs += 1
        chunks += held.chunks.count
      }
    }
    let fault = state.fault(of: id)
    let health = fault == .none ? "good" : "\(fault)"
    text += pad(String(blobs), 10) + pad(String(chunks), 9) + "   "
    return text + (network.nodes[id] == nil ? "not in this process" : health)
  }

  private func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }

  func serve() throws(Failure) {
    Signals.block()
    let port = UInt16(try arguments.number("--port", in: 0...65_535) ?? 3100)
    let host = try arguments.value("--host") ?? "127.0.0.1"
    var options = ProxyOptions(
      payloadLimitInBytes: 31 * (network.terms.blobLengthLimit - 1))
    options.allowsAdministration = arguments.has("--admin")
    let key = account
    let service = ProxyService(
      network, options: options,
      account: ProxyAccount(address: key.address) { key.sign($0).bytes65 }
    ) { StorageCommand.now() }
    let server: ProxyServer
    do throws(HTTPServerError) {
      server = try ProxyServer(
        service, configuration: HTTPConfiguration(host: host, port: port))
    } catch {
      throw .failed(error.description)
    }
    let warning = network.terms.string.profile.isSecure ? "" : ": INSECURE"
    Terminal.say(
      "EigenDA proxy on http://\(host):\(server.port), points \(network.terms.string.profile.name)"
        + warning)
    Signals.wait()
    server.stop()
  }

  func sample() throws(Failure) {
    let count = Int(try arguments.number("--samples", in: 1...1 << 20) ?? 16)
    let seed = try arguments.number("--seed") ?? 0
    let state = network.state
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
