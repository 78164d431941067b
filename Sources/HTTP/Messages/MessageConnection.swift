import CMicrohttpd
import Glibc
import Synchronization

/// How messages are told apart on a connection.
enum MessageFraming: Sendable {
  /// A WebSocket.
  case webSocket
  /// JSON texts, one after the other, each of ours with a line feed behind it.
  case jsonStream
}

/// Where a connection's socket comes from, and so who closes it.
@safe enum SocketOrigin: @unchecked Sendable {
  // The library's handle of a connection that began as HTTP; used once, to give it back.
  case upgrade(OpaquePointer)
  case own
}

/// A connection over which messages go both ways: a WebSocket, or a local socket.
///
/// Sends never wait: what the socket does not take is kept, up to a limit, beyond which the
/// connection is ended, so that a client that does not read costs no memory.
public final class MessageConnection: Sendable {
  /// The client's numeric address and port, empty for a local socket.
  public let remoteAddress: String

  let limits: MessageLimits
  let framing: MessageFraming
  let descriptor: Int32
  private let origin: SocketOrigin
  private let loop: MessageLoop
  private let state = Mutex(Outbox())

  init(
    remoteAddress: String, limits: MessageLimits, framing: MessageFraming, descriptor: Int32,
    origin: SocketOrigin, loop: MessageLoop
  ) {
    self.remoteAddress = remoteAddress
    self.limits = limits
    self.framing = framing
    self.descriptor = descriptor
    self.origin = origin
    self.loop = loop
  }

  /// Whether nothing that is sent can reach the client any more.
  public var isClosed: Bool { state.withLock { $0.isClosed || $0.isEnding } }

  /// What was sent and not yet taken by the socket.
  public var backlogInBytes: Int { state.withLock { $0.sizeInBytes } }

  /// Sends a message; false where the connection is over, or is ended for lagging too far behind.
  @discardableResult
  public func send(_ message: [UInt8]) -> Bool {
    switch framing {
    case .webSocket: sendFrame(WebSocketFrame.encode(.text, message))
    case .jsonStream: sendFrame(message + [0x0a])
    }
  }

  /// Ends the connection once all that was sent before is taken.
  public func close(code: UInt16 = WebSocketCloseCode.normal, reason: String = "") {
    state.withLock { end(&$0, code: code, reason: reason) }
    loop.wake()
  }

  /// Sends bytes that are framed already.
  @discardableResult
  func sendFrame(_ frame: [UInt8]) -> Bool {
    let (isTaken, mustWake) = state.withLock { state -> (Bool, Bool) in
      guard !state.isClosed, !state.isEnding else { return (false, false) }
      let isFirst = state.sizeInBytes == 0
      let isTooMuch = !isFirst && state.sizeInBytes + frame.count > limits.maximumBacklogInBytes
      if isTooMuch || !loop.reserve(backlogInBytes: frame.count) {
        loop.release(backlogInBytes: state.dropUnsent())
        end(
          &state, code: WebSocketCloseCode.policyViolation,
          reason: "the client reads too slowly")
        return (false, true)
      }
      if isFirst { state.lastProgress = monotonicMilliseconds() }
      state.append(frame)
      if isFirst { write(&state) }
      if state.sizeInBytes > 0 { state.hasWaited = true }
      return (true, state.sizeInBytes > 0)
    }
    if mustWake { loop.wake() }
    return isTaken
  }

  /// Says goodbye, after which nothing more is taken.
  private func end(_ state: inout Outbox, code: UInt16, reason: String) {
    guard !state.isClosed, !state.isEnding else { return }
    state.isEnding = true
    guard framing == .webSocket else { return }
    let frame = WebSocketFrame.close(code: code, reason: reason)
    _ = loop.reserve(backlogInBytes: frame.count, isForced: true)
    state.append(frame)
  }

  /// Hands the socket what it takes.
  private func write(_ state: inout Outbox) {
    while let portion = state.next {
      let count = unsafe portion.withUnsafeBytes {
        unsafe Glibc.send(
          descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        )
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno != EAGAIN, errno != EWOULDBLOCK {
        state.hasFailed = true
        loop.release(backlogInBytes: state.dropAll())
      }
      guard count > 0 else { return }
      state.lastProgress = monotonicMilliseconds()
      loop.release(backlogInBytes: count)
      state.advance(count)
    }
  }
}

extension MessageConnection {
  // MARK: What the loop's thread does

  /// What the loop wants to know of the outgoing side.
  struct Standing {
    var hasOutput: Bool
    var isEnding: Bool
    var hasFailed: Bool
    var mayDispatch: Bool
    var isIdle: Bool
    /// Whether all has gone for the first time since something had to wait.
    var hasDrained: Bool
    var lastProgress: Int
    var answeredSizeInBytes: Int
  }

  /// Writes what can be written, and tells how things stand.
  func flush() -> Standing {
    state.withLock { state in
      if state.sizeInBytes > 0, !state.isClosed { write(&state) }
      let hasDrained = state.hasWaited && state.sizeInBytes == 0
      if hasDrained { state.hasWaited = false }
      return Standing(
        hasOutput: state.sizeInBytes > 0, isEnding: state.isEnding, hasFailed: state.hasFailed,
        mayDispatch: !state.isEnding && state.messageCount < limits.concurrentMessages
          && state.sizeInBytes <= limits.pausingBacklogInBytes,
        isIdle: state.messageCount == 0 && state.sizeInBytes == 0, hasDrained: hasDrained,
        lastProgress: state.lastProgress, answeredSizeInBytes: state.messageSizeInBytes)
    }
  }

  /// A message is handed to the session.
  func beginMessage(sizeInBytes: Int) {
    state.withLock { state in
      state.messageCount += 1
      state.messageSizeInBytes += sizeInBytes
    }
  }

  /// A message was answered, so that the next may be read.
  func endMessage(sizeInBytes: Int) {
    let mustWake = state.withLock { state in
      let wasFull = state.messageCount >= limits.concurrentMessages
      state.messageCount -= 1
      state.messageSizeInBytes -= sizeInBytes
      return wasFull || state.isReaderWaiting
    }
    if mustWake { loop.wake() }
  }

  /// The loop has stopped reading until answers are given.
  func setReaderWaiting(_ isWaiting: Bool) {
    state.withLock { $0.isReaderWaiting = isWaiting }
  }

  /// Gives the socket back; nobody touches it after this.
  func closeSocket() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      loop.release(backlogInBytes: state.dropAll())
      return !state.isClosed
    }
    guard isFirst else { return }
    switch origin {
    case .upgrade(let handle): _ = unsafe opal_http_close_upgrade(handle)
    case .own: Glibc.close(descriptor)
    }
  }
}

/// What waits to be sent.
private struct Outbox {
  private var frames: [[UInt8]] = []
  private var first = 0
  private var offset = 0

  private(set) var sizeInBytes = 0
  var lastProgress = 0
  /// Messages that were received and are not answered.
  var messageCount = 0
  var messageSizeInBytes = 0
  var isReaderWaiting = false
  /// Something did not go at once.
  var hasWaited = false
  /// The last frame is among the others.
  var isEnding = false
  /// The socket takes nothing any more.
  var hasFailed = false
  var isClosed = false

  mutating func append(_ frame: [UInt8]) {
    frames.append(frame)
    sizeInBytes += frame.count
  }

  /// What is to be written next.
  var next: ArraySlice<UInt8>? {
    first < frames.count ? frames[first][offset...] : nil
  }

  mutating func advance(_ count: Int) {
    sizeInBytes -= count
    offset += count
    guard offset == frames[first].count else { return }
    frames[first] = []
    first += 1
    offset = 0
    if first == frames.count || first > 1_024 {
      frames.removeFirst(first)
      first = 0
    }
  }

  /// Drops all but the frame that was begun; returns how much that was.
  mutating func dropUnsent() -> Int {
    let kept = offset > 0 ? [frames[first]] : []
    let left = offset > 0 ? frames[first].count - offset : 0
    defer { sizeInBytes = left }
    frames = kept
    first = 0
    return sizeInBytes - left
  }

  /// Drops all; returns how much that was.
  mutating func dropAll() -> Int {
    defer { sizeInBytes = 0 }
    frames = []
    (first, offset) = (0, 0)
    return sizeInBytes
  }
}
