/// The fields of a message's head; names are compared without regard to case.
public struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
  /// The fields in their order: of a request the names are in lower case.
  public private(set) var fields: [(name: String, value: String)] = []

  /// No fields.
  public init() {}

  /// Fields in the order in which they are written.
  public init(dictionaryLiteral elements: (String, String)...) {
    reserveCapacity(elements.count + 2)
    for (name, value) in elements { append(name, value) }
  }

  /// Makes room for so many fields.
  mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

  /// Adds a field behind the others.
  public mutating func append(_ name: String, _ value: String) {
    fields.append((name: name, value: value))
  }

  /// Adds other fields behind these.
  public mutating func append(contentsOf other: HTTPHeaders) {
    fields.append(contentsOf: other.fields)
  }

  /// The value of the first field of that name, which is given in lower case.
  public subscript(_ name: String) -> String? {
    fields.first { $0.name == name || $0.name.lowercased() == name }?.value
  }
}

/// A request that has arrived whole.
public struct HTTPRequest: Sendable {
  /// The method as it was sent, such as `POST`.
  public var method: String

  /// The target up to its `?`, not percent-decoded.
  public var path: String

  /// The target behind its `?`, not percent-decoded; empty without one.
  public var query: String

  /// The fields of the head, names in lower case.
  public var headers: HTTPHeaders

  /// The body; chunks are put together.
  public var body: [UInt8]

  /// The client's numeric address and port: `127.0.0.1:51234`, `[::1]:51234`.
  public var remoteAddress: String

  /// A request made by hand, as tests of handlers need it.
  public init(
    method: String, path: String, query: String = "", headers: HTTPHeaders = [:],
    body: [UInt8] = [], remoteAddress: String = "127.0.0.1:0"
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.remoteAddress = remoteAddress
  }
}

/// Where a server listens and how much it takes.
public struct HTTPConfiguration: Sendable {
  /// A numeric address or a name that resolves to one; `0.0.0.0` and `::` are all interfaces.
  public var host: String

  /// Further addresses, on the same port, for an `HTTPServers`.
  public var furtherHosts: [String] = []

  /// The port; 0 lets the system choose.
  public var port: UInt16

  /// Larger request bodies are refused with 413.
  public var maximumBodySizeInBytes = 32 << 20

  /// Where all bodies being received together exceed this, a request is refused with 503.
  public var maximumTotalBodySizeInBytes = 512 << 20

  /// Larger request heads are refused with 431 or 414.
  public var maximumHeaderSizeInBytes = 16 << 10

  /// Further connections wait until one is closed.
  public var maximumConnectionCount = 1024

  /// How long a connection may take from one request's end to the next one's head, and how long
  /// a client may leave an answer unread.
  public var idleTimeoutInSeconds = 75

  /// How long a request's body may take.
  public var bodyTimeoutInSeconds = 120

  /// How much of a stream may wait for its client; one that lags further behind is cut off.
  public var maximumStreamBacklogInBytes = 4 << 20

  /// How much connections of messages, such as WebSockets, take.
  public var messages = MessageLimits()

  /// A certificate with its key, both in PEM, to be served over TLS; none for plain HTTP.
  public var tls: TLSIdentity?

  /// How long `stop` waits for answers that are under way.
  public var stopTimeoutInSeconds = 5

  /// A place to listen, with the usual limits.
  public init(host: String = "127.0.0.1", port: UInt16 = 0) {
    self.host = host
    self.port = port
  }
}

/// Who a server is to those that connect over TLS.
public struct TLSIdentity: Sendable {
  /// The certificate in PEM, followed by those that lead to its root.
  public var certificate: String
  /// The certificate's private key in PEM.
  public var key: String

  /// An identity of these parts, which are looked at when the server starts.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}

/// Why a server does not start.
public enum HTTPServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The host is no address of ours.
  case unknownHost(String)
  /// Another process listens there.
  case addressInUse(host: String, port: UInt16)
  /// The system refuses, with its reason.
  case cannotListen(host: String, port: UInt16, reason: String)

  /// What is wrong, for people.
  public var description: String {
    switch self {
    case .unknownHost(let host): "unknown host \(host)"
    case .addressInUse(let host, let port): "\(host) port \(port) is in use by another process"
    case .cannotListen(let host, let port, let reason):
      // A local socket is named by its path.
      "cannot listen on \(host)\(host.hasPrefix("/") ? "" : " port \(port)"): \(reason)"
    }
  }
}

extension HTTPRequest {
  /// Whether the request asks for a WebSocket.
  public var asksForWebSocket: Bool { WebSocketHandshake.isAsked(by: self) }
}
