/// The one answer to a request; from any thread, now or later.
///
/// A responder that is let go without an answer gives 500, so that no client waits for ever.
public final class HTTPResponder: Sendable {
  private let exchange: Exchange

  init(_ exchange: Exchange) { self.exchange = exchange }

  deinit {
    exchange.refuse(Refusal(status: 500, message: "the request was dropped without an answer"))
  }

  /// Whether the client is known to have gone, so that work for it may stop.
  public var isCancelled: Bool { exchange.isCancelled }

  /// Adds fields to the answer, whoever gives it.
  public func include(_ headers: HTTPHeaders) { exchange.include(headers) }

  /// Answers with a whole body.
  ///
  /// `Content-Length`, `Date` and `Connection` are set by the server; HEAD gets no body. The
  /// status is from 200 to 599. False where an answer was given before or the client has gone.
  @discardableResult
  public func respond(
    status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []
  ) -> Bool {
    precondition((200...599).contains(status), "a status from 200 to 599")
    return exchange.answer(.whole(status: status, headers: headers, body: body))
  }

  /// Answers a request that asks for a WebSocket with one, whose messages go to the session.
  ///
  /// Requests that ask wrongly are refused. `open` is called on the server's thread once the
  /// client was told, and must not block.
  public func upgrade(
    _ request: HTTPRequest, open: @escaping @Sendable (MessageConnection) -> any MessageSession
  ) {
    switch WebSocketHandshake.answer(to: request) {
    case .success(let headers): exchange.answer(.upgrade(headers: headers, open: open))
    case .failure(let refusal):
      include(refusal.headers)
      exchange.refuse(Refusal(status: refusal.status, message: refusal.message))
    }
  }

  /// Begins an answer whose body comes bit by bit.
  ///
  /// `onClose` is called once, on the server's thread, when the answer is over: sent to its end,
  /// or cut off because the client has gone or the server stops. It must not block.
  public func beginStream(
    status: Int, headers: HTTPHeaders = [:], onClose: (@Sendable () -> Void)? = nil
  ) -> HTTPStream {
    precondition((200...599).contains(status), "a status from 200 to 599")
    exchange.answer(.stream(status: status, headers: headers), onClose: onClose)
    return HTTPStream(exchange)
  }
}

/// The body of an answer that comes bit by bit.
///
/// One that is let go without `finish` is cut off, which the client can tell from an end.
public final class HTTPStream: Sendable {
  private let exchange: Exchange

  init(_ exchange: Exchange) { self.exchange = exchange }

  deinit { exchange.endStream(isWhole: false) }

  /// Whether the client has gone or was cut off, so that nothing written reaches it.
  public var isCancelled: Bool { exchange.isCancelled }

  /// Hands bytes to the client without waiting for it.
  ///
  /// False where the client has gone, or lags behind by more than the server allows and is cut
  /// off for it. A writer of much waits with `drained()` between its writes.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Bool { exchange.write(bytes) }

  /// Waits until the client has taken all but a little of what was written; false if it has gone.
  public func drained() async -> Bool { await exchange.drained() }

  /// Ends the body; what was written still reaches the client.
  public func finish() { exchange.endStream(isWhole: true) }
}
