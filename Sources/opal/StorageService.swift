import Blobs
import Contracts
import Cryptography
import DataAvailability
import Derivation
import Glibc
import HTTP
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import Synchronization
import Threads

/// The data availability layer of a node: its network, and the proxy in front of it.
///
/// For development: the secrets of its operators, of its account and of the dev profile's points
/// are known to everybody.
struct StorageService {
  /// What `opal node --da certificates` and `opal da serve` take alike.
  static let options: [Command.Option] = [
    .init("--operators", value: "N", help: "how many operators hold chunks (8)"),
    .init("--points", value: "PROFILE", help: "mainnet, testsrs or dev (dev: INSECURE)"),
    .init("--points-folder", value: "PATH", help: "where the files of mainnet or testsrs are"),
    .init("--blob-limit", value: "N", help: "coefficients of the longest blob (4096)"),
    .init("--mainnet-shape", help: "code blobs into 8192 chunks (64, for at most 16 operators)"),
    .init("--reservation", value: "N", help: "reserve N symbols a second (none: pay on demand)"),
    .init("--da-admin", help: "the proxy answers /admin/: faults, reservations, failing over"),
  ]

  /// The account that pays for dispersals, and its key, which everybody knows.
  static let account: PrivateKey? = PrivateKey(
    Keccak256.hash(Bytes("opal: INSECURE disperser account".utf8)).bytes)

  let proxy: ProxyService

  /// Where points come from, as the options say.
  static func points(_ arguments: Arguments) throws(Failure) -> ReferencePoints {
    ReferencePoints(
      folder: try arguments.value("--points-folder"),
      cacheFolder: ReferencePoints.userCacheFolder, threads: Parallel.coreCount)
  }

  /// The layer's points of G1 that `--points` names as a file, or those for development.
  static func payloadPoints(_ arguments: Arguments) throws(Failure) -> PayloadPoints {
    guard let path = try arguments.value("--points") else { return .development }
    do throws(NodeError) {
      return try PayloadPoints(path: path)
    } catch {
      throw .failed(error.message)
    }
  }

  /// What a new layer begins with, and how a rollup that uses it judges its certificates.
  ///
  /// The verifier on L1 decides.
  static func document(
    _ arguments: Arguments
  ) throws(Failure) -> (document: StorageDocument, certificates: CertificateConfiguration) {
    let name = try arguments.value("--points") ?? "dev"
    guard let profile = ReferenceString.Profile(name: name) else {
      throw .usage("--points is mainnet, testsrs or dev, not \(name)")
    }
    let limit = Int(try arguments.number("--blob-limit", in: 2...1 << 19) ?? 4096)
    guard limit & (limit - 1) == 0 else { throw .usage("--blob-limit is no power of two") }
    let points = try points(arguments)
    do throws(NodeError) {
      let string = try points.string(profile, order: limit)
      return (
        StorageDocument(
          development: string, usesMainnetShape: arguments.has("--mainnet-shape")),
        CertificateConfiguration(
          verifier: CertificateVerifierContract.address,
          tau2: G2Words(string.verificationPoints.doublings2[0]))
      )
    } catch {
      throw .failed(error.message)
    }
  }

  /// The terms of a layer, over points that are its own.
  static func terms(
    _ document: StorageDocument, _ arguments: Arguments
  ) throws(Failure) -> StorageTerms {
    let points = try points(arguments)
    do throws(NodeError) {
      let order = document.profile == .development ? document.order : document.blobLimit
      let string = try points.string(document.profile, order: Int(order))
      guard let terms = document.terms(string) else {
        throw .file(
          path: points.folder ?? points.cacheFolder ?? "",
          reason: "the points are not those with which this layer began")
      }
      return terms
    } catch {
      throw .failed(error.message)
    }
  }

  /// Where an operator keeps its chunks.
  ///
  /// One whose folder cannot be made or entered keeps none, and so signs for none.
  static func store(_ id: Hash, in directory: DataDirectory) -> any ChunkStore {
    let folder = directory.path + "/operators/" + Hexadecimal.encode(id.bytes.prefix(8))
    do throws(ChunkStoreError) {
      return try DiskChunkStore(folder: folder)
    } catch {
      return BrokenChunkStore(error)
    }
  }

  /// Starts the layer of a node in whose world there is one.
  init(_ node: Node, _ arguments: Arguments) throws(Failure) {
    guard let record = NodeStorageRecord(node), let document = node.world.storage?.document,
      let key = Self.account
    else { throw .failed(StorageRefusal.none.message) }
    let terms = try Self.terms(document, arguments)
    let network = StorageNetwork(
      record, terms: terms, provers: ProverShelf(folder: ReferencePoints.userCacheFolder),
      cryptography: NativeCryptographyProvider.shared)
    network.threads = Parallel.coreCount
    let limit = UInt64(document.blobVersions[Int(document.blobVersion)].operatorLimit)
    let count = try arguments.number("--operators", in: 1...min(16, limit)) ?? 8
    var setup = DevelopmentNetwork(
      operatorCount: Int(count), terms: terms, account: key.address)
    setup.quorums = document.requiredQuorums
    let now = Self.now(node)
    do throws(StorageMisfit) {
      let changesAt = Self.blockOfChanges(node, now)
      try setup.begin(network, block: changesAt) {
        Self.store($0, in: node.configuration.directory)
      }
      if let rate = try? arguments.number("--reservation", in: 1...1 << 40) {
        try Self.reserve(rate, key.address, document.requiredQuorums, network, now)
      }
      try network.resume(timeInSeconds: now.nanoseconds / 1_000_000_000)
    } catch {
      throw .failed("the data availability layer: \(error)")
    }
    var options = ProxyOptions(payloadLimitInBytes: 31 * (terms.blobLengthLimit - 1))
    options.allowsAdministration = arguments.has("--da-admin")
    options.blobVersion = document.blobVersion
    options.quorums = document.requiredQuorums
    proxy = ProxyService(
      network, options: options,
      account: ProxyAccount(address: key.address) { key.sign($0).bytes65 },
      preimages: node.content
    ) { Self.now(node) }
  }

  private static func reserve(
    _ rate: UInt64, _ account: Address, _ quorums: Bytes, _ network: StorageNetwork,
    _ now: ProxyTime
  ) throws(StorageMisfit) {
    let reservation = Reservation(
      symbolsPerSecond: rate, start: 0, end: UInt64(Int64.max), quorums: quorums)
    if network.state.payments.reservation(of: account) == reservation { return }
    try network.decide(
      .reserved(
        account: account, reservation: reservation, timeInNanoseconds: now.nanoseconds))
  }

  /// The block from which on changes of the registry hold.
  ///
  /// The next one, so that what certificates refer to is final; the very first hold at once, as
  /// nothing refers to an empty registry.
  private static func blockOfChanges(_ node: Node, _ now: ProxyTime) -> UInt32 {
    let isEmpty = node.world.storage?.state.registry.changeCount == 0
    return isEmpty ? now.block : now.block &+ 1
  }

  /// Now, with the number of L1's head; without L1, of a chain of 12-second slots since 1970.
  static func now(_ node: Node) -> ProxyTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    let seconds = UInt64(time.tv_sec)
    let block = node.world.layerOne?.number ?? seconds / 12
    return ProxyTime(
      nanoseconds: seconds * 1_000_000_000 + UInt64(time.tv_nsec),
      block: UInt32(truncatingIfNeeded: block))
  }

  /// Serves the proxy on a port of these addresses.
  func serve(hosts: [String], port: UInt64) throws(Failure) -> ProxyServer {
    do throws(HTTPServerError) {
      var configuration = HTTPConfiguration(host: hosts[0], port: UInt16(port))
      configuration.furtherHosts = Array(hosts.dropFirst())
      return try ProxyServer(proxy, configuration: configuration)
    } catch {
      throw .failed(error.description)
    }
  }

  /// What points the layer stands on, for people.
  var pointsInWords: String {
    let (profile, proves) = proxy.withNetwork { network in
      (network.terms.string.profile, network.terms.string.provesLengths)
    }
    return "\(profile.name)" + (profile.isSecure ? "" : ": INSECURE")
      + (proves ? "" : ": lengths are verified and not proved, so no blobs are taken")
  }
}

/// The way of a batcher's payloads to the layer in the same process, which starts after the node.
final class StorageCarrier: Sendable {
  private let proxy = Mutex<ProxyService?>(nil)

  /// Brings payloads to this proxy from now on.
  func connect(_ service: ProxyService) { proxy.withLock { $0 = service } }

  /// Brings a payload to the layer; nil where it does not take it now.
  func disperse(_ payload: Bytes) -> Bytes? {
    guard let service = proxy.withLock({ $0 }) else { return nil }
    let answer = service.respond(method: "POST", path: "/put", query: "", body: payload)
    return answer.status == 200 ? answer.body : nil
  }
}
