import HTTP
import JSON
import Node

/// Hands requests to what is served at their path, after the checks that all have in common.
public struct HTTPRouter: Sendable {
  /// Answers the requests of one method and path.
  public typealias Handler = @Sendable (HTTPRequest, HTTPResponder) -> Void

  /// The same, where what is asked for decides whether a page of another origin may ask.
  public typealias AdmittingHandler =
    @Sendable (HTTPRequest, HTTPResponder, AccessPolicy.Admission) -> Void

  /// What is served: a method, a path, and who answers.
  public struct Route: Sendable {
    var method: String
    var path: String
    var handler: AdmittingHandler
    /// Whether pages of other origins on this machine are answered.
    var isOpen: Bool
    /// Whether requests must carry a token, where the policy asks for one.
    var needsToken: Bool
    /// Whether all paths below the path are served, too.
    var servesBelow: Bool

    /// A route; the path is compared as it is sent, or with `servesBelow` only its beginning.
    public init(
      _ method: String, _ path: String, needsToken: Bool = false, servesBelow: Bool = false,
      _ handler: @escaping Handler
    ) {
      self.servesBelow = servesBelow
      self.method = method
      self.needsToken = needsToken
      self.path = path
      self.handler = { request, responder, _ in handler(request, responder) }
      isOpen = method == "GET"
    }

    /// A route that itself looks at what a request may do.
    public init(
      _ method: String, _ path: String, needsToken: Bool = false,
      admitting handler: @escaping AdmittingHandler
    ) {
      servesBelow = false
      self.method = method
      self.needsToken = needsToken
      self.path = path
      self.handler = handler
      isOpen = true
    }
  }

  private let policy: AccessPolicy
  private let routes: [String: [Route]]
  private let prefixes: [String]
  private let webSocket: AdmittingHandler?
  private let clock: @Sendable () -> UInt64

  /// A router to these routes; `webSocket` answers the requests for one, at any path.
  ///
  /// `clock` gives the time in milliseconds, by which tokens are judged.
  public init(
    policy: AccessPolicy, routes: [Route], webSocket: AdmittingHandler? = nil,
    clock: @escaping @Sendable () -> UInt64 = NodeConfiguration.systemClock
  ) {
    self.policy = policy
    self.clock = clock
    self.webSocket = webSocket
    self.routes = Dictionary(grouping: routes, by: \.path)
    prefixes = routes.filter(\.servesBelow).map(\.path)
  }

  /// Answers a request; the handler of an `HTTPServer`.
  public func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
    let origin = request.headers["origin"]
    guard policy.allows(host: request.headers["host"]) else {
      return refuse(responder, 403, "invalid host specified")
    }
    let admission = policy.admission(origin: origin, host: request.headers["host"])
    guard admission != .none else {
      return refuse(responder, 403, "origin not allowed")
    }
    if let origin {
      responder.include(["access-control-allow-origin": origin, "vary": "origin"])
      if request.method == "OPTIONS", request.headers["access-control-request-method"] != nil {
        responder.respond(status: 204, headers: preflight(request.headers))
        return
      }
    }
    if request.asksForWebSocket {
      guard let webSocket else {
        return refuse(responder, 501, "WebSocket is not served; send JSON-RPC by POST")
      }
      if let refusal = refusalOfToken(request) { return refuse(responder, 401, refusal) }
      return webSocket(request, responder, admission)
    }
    let below = prefixes.first { request.path.hasPrefix($0) }
    guard let candidates = routes[request.path] ?? below.flatMap({ routes[$0] }) else {
      return refuse(responder, 404, "nothing is served at this path")
    }
    let method = request.method == "HEAD" ? "GET" : request.method
    if let route = candidates.first(where: { $0.method == method }) {
      if route.needsToken, let refusal = refusalOfToken(request) {
        return refuse(responder, 401, refusal)
      }
      guard admission == .full || route.isOpen else {
        return refuse(
          responder, 403, "not answered to pages of other origins; see --allow-origin")
      }
      return route.handler(request, responder, admission)
    }
    responder.include(["allow": candidates.map(\.method).joined(separator: ", ")])
    refuse(responder, 405, "this path is not served to \(request.method)")
  }

  private func refusalOfToken(_ request: HTTPRequest) -> String? {
    policy.tokens?.refusal(
      ofAuthorization: request.headers["authorization"], now: clock() / 1000)
  }

  /// What a browser wants to know before it sends a page's request (CORS).
  private func preflight(_ asked: HTTPHeaders) -> HTTPHeaders {
    var headers: HTTPHeaders = [
      "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
      "access-control-allow-headers": asked["access-control-request-headers"]
        ?? "content-type, authorization",
      "access-control-max-age": "86400",
    ]
    if asked["access-control-request-private-network"] == "true" {
      headers.append("access-control-allow-private-network", "true")
    }
    return headers
  }

  private func refuse(_ responder: HTTPResponder, _ status: Int, _ message: String) {
    responder.respond(
      status: status, json: ["error": ["code": -32600, "message": .string(message)]])
  }
}

extension HTTPResponder {
  /// Answers with JSON.
  @discardableResult
  public func respond(status: Int, json: JSON) -> Bool {
    respond(
      status: status, headers: ["content-type": "application/json"], body: json.serialized())
  }
}

extension JSONRPCDispatcher {
  /// The routes of a JSON-RPC server: `POST` to any of the paths runs requests, and `GET` of the
  /// first tells people what they have found.
  ///
  /// Errors of JSON-RPC are answered with status 200, as clients expect; a body of notifications
  /// only with 204.
  public func routes(at paths: [String] = ["/"], about: JSON) -> [HTTPRouter.Route] {
    var routes = paths.map { path in
      HTTPRouter.Route(
        "POST", path, needsToken: true,
        admitting: { request, responder, admission in
          let isReading = admission != .full
          let isCompressed =
            request.headers["accept-encoding"]?.lowercased().contains("gzip") ?? false
          guard request.headers["content-encoding"] == nil else {
            Task { await answerCompressed(request, isCompressed, isReading, responder) }
            return
          }
          let beginning = begin(request.body, isReading: isReading)
          if case .done(let reply) = beginning {
            respond(reply, isCompressed, responder)
          } else if !run(beginning, respond: { respond($0, isCompressed, responder) }) {
            Task { await finish(beginning) { respond($0, isCompressed, responder) } }
          }
        })
    }
    if let path = paths.first {
      routes.append(
        HTTPRouter.Route("GET", path) { _, responder in
          responder.respond(
            status: 200, headers: ["content-type": "application/json"],
            body: about.serializedForPeople() + [0x0a])
        })
    }
    return routes
  }

  /// Smaller answers gain nothing by being compressed.
  private static let leastCompressedSizeInBytes = 4_096

  private func respond(_ reply: [UInt8]?, _ isCompressed: Bool, _ responder: HTTPResponder) {
    guard let reply else {
      responder.respond(status: 204)
      return
    }
    var headers: HTTPHeaders = ["content-type": "application/json"]
    if isCompressed, reply.count >= Self.leastCompressedSizeInBytes {
      let compressed = Gzip.compress(reply)
      if !compressed.isEmpty {
        headers.append("content-encoding", "gzip")
        headers.append("vary", "accept-encoding")
        responder.respond(status: 200, headers: headers, body: compressed)
        return
      }
    }
    responder.respond(status: 200, headers: headers, body: reply)
  }

  /// Answers a request whose own body is compressed.
  private func answerCompressed(
    _ request: HTTPRequest, _ isCompressed: Bool, _ isReading: Bool,
    _ responder: HTTPResponder
  ) async {
    let problem: (status: Int, message: String)
    if request.headers["content-encoding"]?.lowercased() == "gzip" {
      do throws(Gzip.Failure) {
        let body = try Gzip.decompress(
          request.body, limitInBytes: limits.decompressedSizeInBytes)
        await finish(begin(body, isReading: isReading)) { respond($0, isCompressed, responder) }
        return
      } catch {
        switch error {
        case .malformed: problem = (400, "the body is no gzip")
        case .tooLarge(let limit): problem = (413, "decompressed body larger than \(limit) bytes")
        }
      }
    } else {
      problem = (415, "of content encodings only gzip is understood")
    }
    responder.respond(
      status: problem.status,
      json: ["error": ["code": -32600, "message": .string(problem.message)]])
  }
}
