import Glibc

/// The receiving side of a connection of messages; the loop's thread alone touches it.
final class MessagePeer {
  /// How far a connection has come.
  private enum Phase {
    case open
    /// The client will send no more; what it asked is answered still.
    case answering
    /// We have said goodbye, and read until the client has heard it.
    case closing(until: Int)
    case over
  }

  let connection: MessageConnection
  private let session: any MessageSession
  private var webSocket: WebSocketDecoder
  private var jsonStream: JSONStreamDecoder
  private var phase = Phase.open
  private var mayDispatch = true
  private var hasUnread = false
  private var standing: MessageConnection.Standing
  private var lastReception = monotonicMilliseconds()
  private var messageStart: Int?
  /// When the peer that is silent was pinged.
  private var pingTime: Int?
  private var hasDrained = false
  /// What is held of messages that are being received or answered.
  private(set) var heldSizeInBytes = 0

  init(_ connection: MessageConnection, session: any MessageSession, received: [UInt8]) {
    self.connection = connection
    self.session = session
    let limit = connection.limits.maximumMessageSizeInBytes
    standing = connection.flush()
    webSocket = WebSocketDecoder(sender: .client, maximumMessageSizeInBytes: limit)
    jsonStream = JSONStreamDecoder(maximumMessageSizeInBytes: limit)
    append(received[...])
    hasUnread = !received.isEmpty
  }

  var isOver: Bool {
    if case .over = phase { return true }
    return false
  }

  /// What the loop is to wait for.
  var events: Int16 {
    var events: Int16 = 0
    if wantsInput { events |= Int16(POLLIN) }
    if standing.hasOutput { events |= Int16(POLLOUT) }
    return events
  }

  private var wantsInput: Bool {
    switch phase {
    case .open: mayDispatch
    case .closing: true
    case .answering, .over: false
    }
  }

  /// Does what can be done now.
  func service(isReadable: Bool, isHungUp: Bool, now: Int) {
    look()
    if standing.hasFailed || (isHungUp && !isReadable) { phase = .over }
    switch phase {
    case .open:
      read(isReadable: isReadable, now: now)
      if standing.isEnding, !standing.hasOutput { sayGoodbye(now: now) }
    case .answering:
      if standing.isIdle { phase = .over }
    case .closing(let end):
      if now > end || (isReadable && !discard()) { phase = .over }
    case .over: break
    }
    if !isOver { checkTimes(now: now) }
    look()
    if hasDrained, !isOver {
      hasDrained = false
      session.connectionDrained()
    }
    heldSizeInBytes =
      webSocket.heldSizeInBytes + jsonStream.heldSizeInBytes + standing.answeredSizeInBytes
  }

  /// Sends what can be sent, and looks at how things stand.
  private func look() {
    standing = connection.flush()
    if standing.hasDrained { hasDrained = true }
  }

  /// Ends the connection from the loop's side, without goodbye.
  func cutOff() { phase = .over }

  /// Lets the session and the socket go.
  func finish() {
    connection.closeSocket()
    session.connectionClosed()
  }

  // MARK: Reading

  private func read(isReadable: Bool, now: Int) {
    var isReadable = isReadable
    repeat {
      dispatchAll()
      guard case .open = phase, mayDispatch, isReadable else { break }
      isReadable = receive(now: now)
    } while hasUnread
    connection.setReaderWaiting(!mayDispatch)
    // An answer may have been given between the look and the note.
    if !mayDispatch {
      look()
      if standing.mayDispatch { dispatchAll() }
    }
  }

  /// Takes a portion from the socket; false where there is no more for now.
  private func receive(now: Int) -> Bool {
    let size = 1 << 16
    var isAtEnd = false
    let portion = unsafe [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
      let received = unsafe recv(connection.descriptor, bytes.baseAddress, size, 0)
      isAtEnd = received == 0 || received < 0 && ![EAGAIN, EWOULDBLOCK, EINTR].contains(errno)
      count = max(0, received)
    }
    if isAtEnd {
      connection.setReaderWaiting(true)
      look()
      let isAnswering = connection.framing == .jsonStream && !standing.isIdle
      phase = isAnswering ? .answering : .over
      return false
    }
    guard !portion.isEmpty else { return false }
    lastReception = now
    pingTime = nil
    hasUnread = true
    append(portion[...])
    // One portion a turn, so that nobody who sends without end keeps the others waiting.
    return false
  }

  private func append(_ bytes: ArraySlice<UInt8>) {
    switch connection.framing {
    case .webSocket: webSocket.append(bytes)
    case .jsonStream: jsonStream.append(bytes)
    }
  }

  /// Hands on all whole messages, as long as there is room for their answers.
  private func dispatchAll() {
    while case .open = phase {
      look()
      mayDispatch = standing.mayDispatch
      guard mayDispatch else { return }
      do throws(WebSocketDecoder.Violation) {
        guard try dispatchNext() else {
          hasUnread = false
          noteMessageStart()
          return
        }
      } catch {
        connection.close(code: error.code, reason: error.message)
        look()
        hasUnread = false
        return
      }
    }
  }

  private func noteMessageStart() {
    let isAmid =
      connection.framing == .webSocket ? webSocket.isAmidMessage : jsonStream.isAmidMessage
    if !isAmid {
      messageStart = nil
    } else if messageStart == nil {
      messageStart = lastReception
    }
  }

  private func dispatchNext() throws(WebSocketDecoder.Violation) -> Bool {
    guard connection.framing == .webSocket else {
      do throws(JSONStreamDecoder.Violation) {
        guard let text = try jsonStream.next() else { return false }
        hand(text)
        return true
      } catch {
        throw WebSocketDecoder.Violation(
          code: WebSocketCloseCode.protocolError, message: "\(error)")
      }
    }
    switch try webSocket.next() {
    case nil: return false
    case .text(let message), .binary(let message): hand(message)
    case .ping(let payload): connection.sendFrame(WebSocketFrame.encode(.pong, payload))
    case .pong: break
    case .close(let code, _): connection.close(code: code ?? WebSocketCloseCode.normal)
    }
    return true
  }

  private func hand(_ message: [UInt8]) {
    messageStart = nil
    connection.beginMessage(sizeInBytes: message.count)
    session.receive(message, MessageResponder(connection, sizeInBytes: message.count))
  }

  // MARK: Ending

  /// All is sent: the client may hang up.
  private func sayGoodbye(now: Int) {
    shutdown(connection.descriptor, Int32(SHUT_WR))
    phase = .closing(until: now + 1000 * connection.limits.closeTimeoutInSeconds)
  }

  /// Reads and forgets, so that the client gets our last words and no reset; false at the end.
  private func discard() -> Bool {
    var portion = [UInt8](repeating: 0, count: 1 << 14)
    let count = unsafe recv(connection.descriptor, &portion, portion.count, 0)
    return count > 0 || count < 0 && [EAGAIN, EWOULDBLOCK, EINTR].contains(errno)
  }

  private func checkTimes(now: Int) {
    let limits = connection.limits
    if standing.hasOutput, now - standing.lastProgress > 1000 * limits.writeTimeoutInSeconds {
      phase = .over
    }
    guard case .open = phase, mayDispatch else { return }
    if let start = messageStart, now - start > 1000 * limits.messageTimeoutInSeconds {
      connection.close(
        code: WebSocketCloseCode.policyViolation, reason: "the message took too long")
    }
    guard connection.framing == .webSocket, !standing.isEnding else { return }
    // From the ping on, not from the last reception: a thread that comes late must not cut off
    // who was never asked.
    if let pingTime {
      if now - pingTime > 1000 * limits.pingIntervalInSeconds { phase = .over }
    } else if now - lastReception > 1000 * limits.pingIntervalInSeconds {
      pingTime = now
      connection.sendFrame(WebSocketFrame.encode(.ping, []))
    }
  }
}
