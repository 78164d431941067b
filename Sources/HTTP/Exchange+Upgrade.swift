import Glibc
import Synchronization

extension Exchange {
  /// The client was told that the connection is a WebSocket: messages begin.
  func upgrade(descriptor: Int32, origin: SocketOrigin, received: [UInt8]) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    var yes: Int32 = 1
    unsafe setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    let message = MessageConnection(
      remoteAddress: connection.remoteAddress, limits: service.configuration.messages,
      framing: .webSocket, descriptor: descriptor, origin: origin, loop: service.messages)
    guard case .upgrade(_, let open)? = state.withLock({ $0.answer }) else {
      return message.closeSocket()
    }
    let session = open(message)
    guard service.messages.add(message, session: session, received: received) else {
      message.close(code: WebSocketCloseCode.goingAway, reason: "the server is stopping")
      _ = message.flush()
      message.closeSocket()
      return session.connectionClosed()
    }
  }
}
