/// One handler behind a server on each of several addresses of this machine, all on one port.
public final class HTTPServers: Sendable {
  /// The port on which all of them listen.
  public let port: UInt16

  private let servers: [HTTPServer]

  /// Starts to listen and to serve on `host` and `furtherHosts`; limits hold for each of them.
  ///
  /// Where the port is 0, the system chooses it for the first address.
  ///
  /// - Throws: `HTTPServerError` where an address cannot be had; nothing is left behind then.
  public init(
    configuration: HTTPConfiguration,
    handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void
  ) throws(HTTPServerError) {
    var own = configuration
    var servers: [HTTPServer] = []
    do throws(HTTPServerError) {
      for host in [configuration.host] + configuration.furtherHosts {
        own.host = host
        let server = try HTTPServer(configuration: own, handler: handler)
        own.port = server.port
        servers.append(server)
      }
    } catch {
      for server in servers { server.stop() }
      throw error
    }
    self.servers = servers
    port = own.port
  }

  /// Stops all of them, as `HTTPServer/stop()` does.
  public func stop() {
    for server in servers { server.stop() }
  }
}
