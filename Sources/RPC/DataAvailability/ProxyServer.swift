import DataAvailability
import HTTP

/// EigenDA's proxy over HTTP: the service's answers, on a port.
public final class ProxyServer: Sendable {
  private let server: HTTPServers

  /// The port on which it listens.
  public var port: UInt16 { server.port }

  /// Starts to serve.
  ///
  /// - Throws: `HTTPServerError` where the address cannot be had.
  public init(
    _ service: ProxyService, configuration: HTTPConfiguration
  ) throws(HTTPServerError) {
    server = try HTTPServers(configuration: configuration) { request, responder in
      // Coding a blob takes longer than the server's thread may wait.
      Task.detached {
        let response = service.respond(
          method: request.method, path: request.path, query: request.query, body: request.body)
        responder.respond(
          status: response.status, headers: ["Content-Type": response.contentType],
          body: response.body)
      }
    }
  }

  /// Stops; answers under way are finished for a while.
  public func stop() { server.stop() }
}
