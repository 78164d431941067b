import HTTP
import JSON
import Ledger
import Node

/// Everything that a node serves on one port.
public final class NodeServer: Sendable {
  /// The port on which it listens.
  public var port: UInt16 { server.port }

  private let server: HTTPServer
  private let models: ModelService?
  private let hub: SubscriptionHub

  /// What is served, and to whom.
  public struct Configuration: Sendable {
    /// The address and limits of the server.
    public var http: HTTPConfiguration
    /// Which names and web pages are answered.
    public var access: AccessPolicy
    /// How much subscribers are told.
    public var subscriptions = SubscriptionLimits()

    /// A configuration.
    public init(http: HTTPConfiguration, access: AccessPolicy) {
      self.http = http
      self.access = access
    }
  }

  /// Starts to serve a node; with an engine and models, also the routes in OpenAI's format.
  ///
  /// - Throws: `HTTPServerError` where the address cannot be had.
  public init(
    _ configuration: Configuration, node: Node, engine: Engine?, models: ModelService?,
    payers: PayerBook
  ) throws(HTTPServerError) {
    let methods = ethereumMethods(
      node: node, layer: .two
    ).merging(opalMethods(node: node, engine: engine, payers: payers)) { first, _ in first }
      .merging(subscriptionMethods(node: node)) { first, _ in first }
    let dispatcher = JSONRPCDispatcher(methods: methods)
    var routes = dispatcher.routes(
      about: [
        "name": "opal", "version": .string(ethereumClientVersion),
        "post": "JSON-RPC 2.0 to this address",
        "methods": .array(dispatcher.methodNames.map { .string($0) }),
      ])
    if let engine, let models {
      routes +=
        CompletionRoutes(
          engine: engine, models: models, clock: node.configuration.clock
        ).routes
    }
    let hub = SubscriptionHub(node: node, layer: .two, limits: configuration.subscriptions)
    let open: @Sendable (MessageConnection) -> any MessageSession = { connection in
      RPCSession(connection, dispatcher: dispatcher, hub: hub)
    }
    let router = HTTPRouter(policy: configuration.access, routes: routes) { request, responder in
      responder.upgrade(request, open: open)
    }
    self.models = models
    self.hub = hub
    server = try HTTPServer(configuration: configuration.http) { router.handle($0, $1) }
  }

  /// Stops to listen, and finishes what is under way.
  public func stop() {
    server.stop()
    hub.stop()
    models?.stop()
  }
}
