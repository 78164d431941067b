import CMicrohttpd
import Glibc
import Synchronization

/// An HTTP/1.1 server: libmicrohttpd with one thread, behind a handler of requests.
///
/// The handler is called on the server's thread with each request that has arrived whole, and
/// must not block; it answers through the responder, there or later from any thread. Keep-alive,
/// pipelined requests, chunked bodies and `Expect: 100-continue` are the server's business. What
/// is no HTTP, or exceeds the limits, is refused without the handler.
public final class HTTPServer: Sendable {
  @safe private struct Running: @unchecked Sendable {
    // The library's daemon: created by `init`, destroyed by `stop`, both once.
    let daemon: OpaquePointer
    let descriptor: Int32
  }

  /// The port on which the server listens: the configured one, or the one the system chose.
  public let port: UInt16

  private let service: Service
  private let running: Mutex<Running?>
  private let watchdog: Watchdog

  /// Starts to listen and to serve.
  ///
  /// - Throws: `HTTPServerError` where the address cannot be had; nothing is left behind then.
  public init(
    configuration: HTTPConfiguration,
    handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void
  ) throws(HTTPServerError) {
    let socket = try ListeningSocket(host: configuration.host, port: configuration.port)
    let service = Service(configuration: configuration, handler: handler)
    let server = unsafe Unmanaged.passUnretained(service).toOpaque()
    // The library keeps the head of the request and that of the answer in one pool, all of which it
    // clears for each request.
    let poolSizeInBytes = configuration.maximumHeaderSizeInBytes + 16 << 10
    let daemon = unsafe withOptionalCString(configuration.tls?.key) { key in
      unsafe withOptionalCString(configuration.tls?.certificate) { certificate in
        unsafe opal_http_start(
          socket.descriptor, UInt32(clamping: configuration.maximumConnectionCount),
          UInt32(clamping: configuration.idleTimeoutInSeconds), poolSizeInBytes,
          continueRequest, server, key, certificate, beginRequest, finishRequest, noteConnection)
      }
    }
    guard let daemon = unsafe daemon else {
      close(socket.descriptor)
      throw .cannotListen(
        host: configuration.host, port: socket.port,
        reason: configuration.tls == nil
          ? "the server library refuses" : "the certificate and its key are not accepted")
    }
    self.service = service
    self.port = socket.port
    self.running = unsafe Mutex(Running(daemon: daemon, descriptor: socket.descriptor))
    service.messages.start()
    self.watchdog = Watchdog { service.cutOffLateConnections() }
  }

  deinit { stop() }

  /// Stops listening, lets the answers under way be finished for a while, cuts off the rest, and
  /// returns when no handler's answer is accepted any more.
  ///
  /// Blocks; not to be called from the handler or `onClose`. Calling it again does nothing.
  public func stop() {
    let running = running.withLock { running in
      defer { running = nil }
      return running
    }
    guard let running else { return }
    service.isStopping.store(true, ordering: .releasing)
    _ = unsafe MHD_quiesce_daemon(running.daemon)
    // Their exchanges are over when they are.
    service.messages.stop()
    waitForExchanges(milliseconds: 1000 * service.configuration.stopTimeoutInSeconds)
    // The library must not be stopped while a connection sleeps.
    for exchange in service.openExchanges {
      exchange.refuse(Refusal(status: 503, message: "the server is stopping"))
      exchange.endStream(isWhole: false)
    }
    waitForExchanges(milliseconds: 500)
    while service.wakers.load(ordering: .acquiring) > 0 { usleep(1_000) }
    watchdog.stop()
    unsafe MHD_stop_daemon(running.daemon)
    close(running.descriptor)
  }

  private func waitForExchanges(milliseconds: Int) {
    let end = monotonicMilliseconds() + milliseconds
    while monotonicMilliseconds() < end, !service.openExchanges.isEmpty { usleep(2_000) }
  }
}

/// Calls a body with a text as C has it, or with nothing.
private func withOptionalCString<Result>(
  _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
  guard let text else { return body(nil) }
  return unsafe text.withCString { unsafe body($0) }
}
