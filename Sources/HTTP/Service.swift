import Glibc
import Synchronization

/// What the library's callbacks share: the limits, the handler, and who is connected.
final class Service: Sendable {
  let configuration: HTTPConfiguration
  let handler: @Sendable (HTTPRequest, HTTPResponder) -> Void
  let isStopping = Atomic<Bool>(false)
  /// How many are about to wake up a connection of the library's.
  let wakers = Atomic<Int>(0)
  /// The connections that are WebSockets.
  let messages: MessageLoop

  /// Bodies that were received, in whole or in part, and whose requests are not over.
  private let totalBodySizeInBytes = Atomic<Int>(0)
  private let connections = Mutex<[ObjectIdentifier: Connection]>([:])
  private let exchanges = Mutex<[ObjectIdentifier: Exchange]>([:])

  init(
    configuration: HTTPConfiguration,
    handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void
  ) {
    self.configuration = configuration
    self.handler = handler
    messages = MessageLoop(limits: configuration.messages)
  }

  func add(_ connection: Connection) {
    connection.allow(seconds: configuration.idleTimeoutInSeconds)
    connections.withLock { $0[ObjectIdentifier(connection)] = connection }
  }

  /// Called before the socket is closed, so that nobody touches another one by its number.
  func remove(_ connection: Connection) {
    connections.withLock { $0[ObjectIdentifier(connection)] = nil }
  }

  /// Cuts off the connections that took too long.
  func cutOffLateConnections() {
    let now = monotonicMilliseconds()
    connections.withLock { connections in
      for connection in connections.values where connection.isLate(at: now) {
        shutdown(connection.descriptor, Int32(SHUT_RDWR))
      }
    }
  }

  func add(_ exchange: Exchange) {
    exchanges.withLock { $0[ObjectIdentifier(exchange)] = exchange }
  }

  func remove(_ exchange: Exchange) {
    exchanges.withLock { $0[ObjectIdentifier(exchange)] = nil }
  }

  /// The requests that wait for their answer or its end.
  var openExchanges: [Exchange] { exchanges.withLock { [Exchange]($0.values) } }

  /// Takes a share of the memory for bodies, if there is one left.
  func reserve(bodySizeInBytes: Int) -> Bool {
    let total = totalBodySizeInBytes.add(bodySizeInBytes, ordering: .relaxed).newValue
    if total <= configuration.maximumTotalBodySizeInBytes { return true }
    release(bodySizeInBytes: bodySizeInBytes)
    return false
  }

  func release(bodySizeInBytes: Int) {
    totalBodySizeInBytes.subtract(bodySizeInBytes, ordering: .relaxed)
  }
}

/// A client's socket and by when it must have got on.
///
/// The library's own timeout starts again with each byte, so a client that drips bytes would
/// hold its connection for ever; this one does not.
final class Connection: Sendable {
  let descriptor: Int32
  let remoteAddress: String
  private let deadline = Atomic<Int>(.max)

  init(descriptor: Int32, remoteAddress: String) {
    self.descriptor = descriptor
    self.remoteAddress = remoteAddress
  }

  func allow(seconds: Int) {
    deadline.store(monotonicMilliseconds() + 1000 * seconds, ordering: .relaxed)
  }

  /// It is the handler's turn, or the library's, which times unread answers out.
  func allowAnyTime() { deadline.store(.max, ordering: .relaxed) }

  func isLate(at now: Int) -> Bool { now > deadline.load(ordering: .relaxed) }
}

/// Milliseconds since some moment, never running backwards.
func monotonicMilliseconds() -> Int {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}
