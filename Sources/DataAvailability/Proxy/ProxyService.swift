import Blobs
import Cryptography
import Primitives
import Synchronization

/// An answer of the proxy.
public struct ProxyResponse: Equatable, Sendable {
  /// The status of HTTP.
  public var status: Int
  /// The media type of the body.
  public var contentType: String
  /// The body.
  public var body: Bytes

  /// An answer.
  public init(status: Int, contentType: String = "application/octet-stream", body: Bytes) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  static func text(_ status: Int, _ message: String) -> Self {
    Self(status: status, contentType: "text/plain; charset=utf-8", body: Bytes(message.utf8))
  }

  static func json(_ status: Int, _ text: String) -> Self {
    Self(status: status, contentType: "application/json", body: Bytes(text.utf8))
  }
}

/// What a proxy is set up with.
public struct ProxyOptions: Sendable {
  /// Longer payloads are refused.
  public var payloadLimitInBytes: Int
  /// A certificate of version 4 is stale when its reference block is this far behind the L1 block
  /// that has it.
  public var recencyWindowInBlocks: UInt64 = 14_400
  /// How new certificates are laid out.
  public var version = Certificate.Version.v3
  /// The version of blobs that are dispersed.
  public var blobVersion: UInt16 = 0
  /// The quorums of blobs that are dispersed.
  public var quorums: Bytes = [0, 1]
  /// Longer preimages of Keccak commitments are refused.
  public var preimageLimitInBytes = 16 << 20
  /// Whether `/admin` answers.
  public var allowsAdministration = false
  /// The usual options.
  public init(payloadLimitInBytes: Int) { self.payloadLimitInBytes = payloadLimitInBytes }
}

/// Who pays for what a proxy disperses, and how it signs.
public struct ProxyAccount: Sendable {
  /// The account.
  public let address: Address
  /// Its signature over a hash: r, s and v in 65 bytes.
  public let sign: @Sendable (Hash) -> Bytes

  /// An account that signs so.
  public init(address: Address, sign: @escaping @Sendable (Hash) -> Bytes) {
    self.address = address
    self.sign = sign
  }
}

/// The time as a network needs it.
public struct ProxyTime: Equatable, Sendable {
  /// Nanoseconds since 1970.
  public var nanoseconds: UInt64
  /// The number of the last L1 block.
  public var block: UInt32

  /// A moment.
  public init(nanoseconds: UInt64, block: UInt32) {
    self.nanoseconds = nanoseconds
    self.block = block
  }

  var seconds: UInt64 { nanoseconds / 1_000_000_000 }
}

/// EigenDA's proxy: payloads in, commitments out, and back; whoever speaks to the real one can
/// speak to this, by its URL alone.
///
/// The routes, the modes of commitments (standard, OP generic, OP Keccak) and the statuses are
/// those of `api/proxy`. Answers are raw bytes, as the clients expect, although the OP
/// specification says hexadecimal.
public final class ProxyService: Sendable {
  /// What the lock guards: the caller gives the network up, so nobody else touches it.
  struct Content: @unchecked Sendable {
    let network: StorageNetwork
    /// When expired blobs were last thrown away, in seconds since 1970.
    var lastPruning: UInt64 = 0
    var lastPaymentInNanoseconds: UInt64 = 0
  }

  let content: Mutex<Content>
  let options: ProxyOptions
  let account: ProxyAccount
  let preimages: any PreimageStore
  let clock: @Sendable () -> ProxyTime

  /// A proxy in front of a network, which nobody else may use from now on.
  public init(
    _ network: StorageNetwork, options: ProxyOptions, account: ProxyAccount,
    preimages: any PreimageStore, clock: @escaping @Sendable () -> ProxyTime
  ) {
    self.preimages = preimages
    content = Mutex(Content(network: network))
    self.options = options
    self.account = account
    self.clock = clock
  }

  /// Lets somebody look at the network, or change it, between two requests.
  public func withNetwork<Value: Sendable>(
    _ body: (StorageNetwork) -> Value
  ) -> Value {
    content.withLock { body($0.network) }
  }

  /// Answers a request: the method, the path and the query as they were sent, and the body.
  public func respond(
    method: String, path: String, query: String, body: Bytes
  ) -> ProxyResponse {
    let query = Query(query)
    switch (method, path) {
    case ("GET", "/health"): return .text(200, "")
    case ("GET", "/config"): return configuration
    case ("POST", "/put"), ("POST", "/put/"):
      return put(body, isStandard: query["commitment_mode"] == "standard")
    case ("GET", let path) where path.hasPrefix("/get/"):
      return get(String(path.dropFirst(5)), query)
    case ("POST", let path) where path.hasPrefix("/put/"):
      return putPreimage(String(path.dropFirst(5)), body)
    case (_, let path) where path.hasPrefix("/admin/"):
      guard options.allowsAdministration else { return .text(403, "the admin API is not enabled") }
      return administer(method, String(path.dropFirst(7)), body)
    default: return .text(404, "404 page not found")
    }
  }

  private var configuration: ProxyResponse {
    .json(
      200,
      #"{"version":"opal","chain_id":"","directory_address":"","cert_verifier_address":"","#
        + #""max_payload_size_bytes":\#(options.payloadLimitInBytes),"#
        + #""apis_enabled":["op-generic","op-keccak","standard"],"read_only_mode":false}"#)
  }

  // MARK: Preimages of Keccak commitments

  private func putPreimage(_ text: String, _ body: Bytes) -> ProxyResponse {
    guard let bytes = Hexadecimal.decode(text), bytes.count == 33, bytes[0] == 0 else {
      return .text(400, "the commitment is not 00 and 32 bytes in hexadecimal")
    }
    let digest = Keccak256.hash(body)
    guard digest.bytes[...] == bytes[1...] else {
      return .text(400, "the commitment is not the Keccak-256 of the body")
    }
    // Nothing is dispersed here, but who fails over does so for all that it stores.
    guard withNetwork({ $0.fault != .down }) else { return .text(503, "not available") }
    guard body.count <= options.preimageLimitInBytes else {
      return .text(400, "the body is longer than \(options.preimageLimitInBytes) bytes")
    }
    return preimages.keepPreimage(body)
      ? .text(200, "") : .text(500, "the preimage cannot be kept")
  }

  func preimage(_ bytes: ArraySlice<UInt8>) -> ProxyResponse {
    guard let digest = Hash(checking: bytes) else {
      return .text(400, "a Keccak commitment has 32 bytes")
    }
    guard let body = preimages.preimage(of: digest) else {
      return .text(400, "there is no preimage of this commitment")
    }
    return ProxyResponse(status: 200, body: body)
  }

  /// The parts of a query that are asked for; the first counts where one is repeated.
  struct Query {
    private var values: [String: String] = [:]

    init(_ text: String) {
      for part in text.split(separator: "&") {
        let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(pair[0])
        if values[name] == nil { values[name] = pair.count > 1 ? String(pair[1]) : "" }
      }
    }

    subscript(_ name: String) -> String? { values[name] }
  }
}
