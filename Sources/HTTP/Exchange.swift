import CMicrohttpd
import Glibc
import Synchronization

/// What the server itself answers instead of the handler.
struct Refusal: Sendable {
  var status: Int
  var message: String

  /// The refusal as an answer; its body suits JSON-RPC clients and OpenAI's alike.
  var answer: Answer {
    let body =
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":""# + message + "\"}}"
    return .whole(
      status: status, headers: ["content-type": "application/json"], body: [UInt8](body.utf8))
  }
}

/// What is to be sent.
enum Answer: Sendable {
  case whole(status: Int, headers: HTTPHeaders, body: [UInt8])
  case stream(status: Int, headers: HTTPHeaders)
  case upgrade(
    headers: HTTPHeaders, open: @Sendable (MessageConnection) -> any MessageSession)
}

/// A connection of libmicrohttpd's; it is touched under the exchange's lock, or by the one who wakes
/// it up, while the library has not yet said that the request is over.
@safe struct ConnectionHandle: @unchecked Sendable {
  // An address that the library owns and locks.
  let pointer: OpaquePointer
}

/// One request and its answer, from the request line to the last byte sent.
///
/// The library's thread and the handler's threads meet here, under one lock. The library calls
/// in for the answer; if there is none yet, the connection is suspended, and who brings the
/// answer resumes it. The same goes for each portion of a stream.
final class Exchange: Sendable {
  /// How far the request has come.
  enum Phase: Sendable {
    case head, body, answering
  }

  struct State: Sendable {
    var phase = Phase.head
    var request: HTTPRequest
    var refusal: Refusal?
    var bodySizeInBytes = 0
    var droppedSizeInBytes = 0
    var handle: ConnectionHandle?
    var isSuspended = false
    var included = HTTPHeaders()
    var answer: Answer?
    var isQueued = false
    var isClosed = false
    var stream = StreamBuffer()
    var onClose: (@Sendable () -> Void)?
    var waiters: [CheckedContinuation<Bool, Never>] = []

    /// Takes the connection that is to be woken up, if one sleeps.
    mutating func sleeper() -> ConnectionHandle? {
      guard isSuspended else { return nil }
      isSuspended = false
      return handle
    }
  }

  let service: Service
  let connection: Connection
  let state: Mutex<State>

  init(service: Service, connection: Connection, target: String) {
    self.service = service
    self.connection = connection
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let request = HTTPRequest(
      method: "", path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "",
      remoteAddress: connection.remoteAddress)
    state = Mutex(State(request: request))
  }

  /// Adds fields to the answer that is yet to be given.
  func include(_ headers: HTTPHeaders) {
    state.withLock { $0.included.append(contentsOf: headers) }
  }

  /// Changes the state, then wakes up the connection that the change has something for.
  ///
  /// Not under the lock: the library's thread would wake up only to wait for it. A connection that
  /// sleeps stays where it is until somebody wakes it, who is one alone, since `sleeper()` gives it
  /// once; the library is not stopped meanwhile.
  func change<Result: Sendable>(
    _ body: (inout State) -> (Result, wakesUp: ConnectionHandle?)
  ) -> Result {
    service.wakers.add(1, ordering: .acquiringAndReleasing)
    defer { service.wakers.subtract(1, ordering: .releasing) }
    let (result, handle) = state.withLock { body(&$0) }
    if let handle { unsafe MHD_resume_connection(handle.pointer) }
    return result
  }

  /// Gives the answer, if none was given and the client is still there.
  @discardableResult
  func answer(_ answer: Answer, onClose: (@Sendable () -> Void)? = nil) -> Bool {
    let isAccepted = change { state in
      guard state.answer == nil, !state.isClosed else { return (false, nil) }
      state.answer = answer
      state.onClose = onClose
      return (true, state.sleeper())
    }
    if !isAccepted { onClose?() }
    return isAccepted
  }

  /// Gives the server's own answer, if none was given.
  func refuse(_ refusal: Refusal) { answer(refusal.answer) }

  /// Whether the client is known to have gone.
  var isCancelled: Bool {
    state.withLock { state in
      if state.isClosed || state.stream.isCutOff { return true }
      // The library does not watch a suspended connection. Its socket is not closed before the
      // library has told this exchange, which takes the lock.
      var poll = pollfd(fd: connection.descriptor, events: 0, revents: 0)
      return unsafe Glibc.poll(&poll, 1, 0) > 0
        && Int32(poll.revents) & (Int32(POLLERR) | Int32(POLLHUP)) != 0
    }
  }

  /// The request is over: nothing of the library's may be touched any more.
  func close() {
    let (onClose, waiters) = state.withLock { state in
      state.isClosed = true
      state.isSuspended = false
      state.handle = nil
      let ending = (state.onClose, state.waiters)
      state.onClose = nil
      state.waiters = []
      state.stream = StreamBuffer()
      service.release(bodySizeInBytes: state.bodySizeInBytes)
      state.bodySizeInBytes = 0
      return ending
    }
    for waiter in waiters { waiter.resume(returning: false) }
    onClose?()
  }
}
