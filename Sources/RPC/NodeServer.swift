import Contracts
import HTTP
import JSON
import Ledger
import Node

/// Everything that a node serves on one port.
public final class NodeServer: Sendable {
  /// The port on which it listens.
  public var port: UInt16 { server.port }

  private let server: HTTPServers
  private let models: ModelService?
  private let hub: SubscriptionHub
  private let localSocket: LocalSocketServer?

  /// What is served, and to whom.
  public struct Configuration: Sendable {
    /// The address and limits of the server.
    public var http: HTTPConfiguration
    /// Which names and web pages are answered.
    public var access: AccessPolicy
    /// How much subscribers are told.
    public var subscriptions = SubscriptionLimits()
    /// How much one request may ask for and get.
    public var requests = JSONRPCLimits()
    /// How much the Ethereum methods do for one caller.
    public var ethereum = EthereumLimits()
    /// The layer that is served.
    public var layer = Layer.two
    /// What custom errors are called; only geth's words if nil.
    public var artifacts: ArtifactBook?
    /// Where a local socket for JSON-RPC is to be; none if nil.
    public var localSocketPath: String?

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
    let layer = configuration.layer
    let methods = ethereumMethods(
      node: node, layer: layer, limits: configuration.ethereum
    ).merging(opalMethods(node: node, engine: engine, payers: payers)) { first, _ in first }
      .merging(layer == .one ? layerOneMethods(node: node) : rollupMethods(node: node)) {
        first, _ in first
      }.merging(miningMethods(node: node, layer: layer)) { first, _ in first }
      .merging(derivationMethods(node: node)) { first, _ in first }
      .merging(subscriptionMethods(node: node, limits: configuration.ethereum)) { first, _ in first
      }
    let dispatcher = JSONRPCDispatcher(
      methods: methods, limits: configuration.requests, artifacts: configuration.artifacts)
    var routes = dispatcher.routes(
      about: [
        "name": "opal", "version": .string(opalVersion),
        "post": "JSON-RPC 2.0 to this address",
        "methods": .array(dispatcher.methodNames.map { .string($0) }),
      ])
    routes += logRoutes(node: node)
    if let engine, let models {
      routes +=
        CompletionRoutes(
          engine: engine, models: models, clock: node.configuration.clock
        ).routes
    }
    let hub = SubscriptionHub(node: node, layer: layer, limits: configuration.subscriptions)
    let open: @Sendable (MessageConnection) -> any MessageSession = { connection in
      RPCSession(connection, dispatcher: dispatcher, hub: hub)
    }
    let router = HTTPRouter(policy: configuration.access, routes: routes) {
      request, responder, admission in
      responder.upgrade(request) { connection in
        RPCSession(
          connection, dispatcher: dispatcher, hub: hub, isReading: admission != .full)
      }
    }
    self.models = models
    self.hub = hub
    do throws(HTTPServerError) {
      let local = try configuration.localSocketPath.map { (path) throws(HTTPServerError) in
        try LocalSocketServer(path: path, limits: configuration.http.messages, open: open)
      }
      localSocket = local
      do throws(HTTPServerError) {
        server = try HTTPServers(configuration: configuration.http) { router.handle($0, $1) }
      } catch {
        local?.stop()
        throw error
      }
    } catch {
      hub.stop()
      models?.stop()
      throw error
    }
  }

  /// Stops to listen, and finishes what is under way.
  public func stop() {
    localSocket?.stop()
    server.stop()
    hub.stop()
    models?.stop()
  }
}
