import HTTP
import JSON

/// Hands requests to what is served at their path, after the checks that all have in common.
public struct HTTPRouter: Sendable {
  /// Answers the requests of one method and path.
  public typealias Handler = @Sendable (HTTPRequest, HTTPResponder) -> Void

  /// What is served: a method, a path, and who answers.
  public struct Route: Sendable {
    var method: String
    var path: String
    var handler: Handler

    /// A route; the path is compared as it is sent.
    public init(_ method: String, _ path: String, _ handler: @escaping Handler) {
      self.method = method
      self.path = path
      self.handler = handler
    }
  }

  private let policy: AccessPolicy
  private let routes: [String: [Route]]
  private let webSocket: Handler?

  /// A router to these routes; `webSocket` answers the requests for one, at any path.
  public init(policy: AccessPolicy, routes: [Route], webSocket: Handler? = nil) {
    self.policy = policy
    self.webSocket = webSocket
    self.routes = Dictionary(grouping: routes, by: \.path)
  }

  /// Answers a request; the handler of an `HTTPServer`.
  public func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
    let origin = request.headers["origin"]
    guard policy.allows(host: request.headers["host"]) else {
      return refuse(responder, 403, "invalid host specified")
    }
    guard policy.allows(origin: origin) else {
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
      return webSocket(request, responder)
    }
    guard let candidates = routes[request.path] else {
      return refuse(responder, 404, "nothing is served at this path")
    }
    let method = request.method == "HEAD" ? "GET" : request.method
    if let route = candidates.first(where: { $0.method == method }) {
      return route.handler(request, responder)
    }
    responder.include(["allow": candidates.map(\.method).joined(separator: ", ")])
    refuse(responder, 405, "this path is not served to \(request.method)")
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
      HTTPRouter.Route("POST", path) { request, responder in
        let beginning = begin(request.body)
        if case .done(let reply) = beginning {
          respond(reply, responder)
        } else {
          Task { respond(await finish(beginning), responder) }
        }
      }
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

  private func respond(_ reply: [UInt8]?, _ responder: HTTPResponder) {
    if let reply {
      responder.respond(status: 200, headers: ["content-type": "application/json"], body: reply)
    } else {
      responder.respond(status: 204)
    }
  }
}
