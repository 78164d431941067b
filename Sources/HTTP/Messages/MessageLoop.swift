import Glibc
import Synchronization

/// One thread that receives for all connections of messages, and sends what did not go at once.
final class MessageLoop: Sendable {
  private struct Arrival: Sendable {
    var connection: MessageConnection
    var session: any MessageSession
    var received: [UInt8]
  }

  private struct Shared {
    var arrivals: [Arrival] = []
    var isStopping = false
    var thread: pthread_t?
    var wakeWrite: Int32
  }

  let limits: MessageLimits
  private let wakeRead: Int32
  private let shared: Mutex<Shared>
  private let isAwake = Atomic<Bool>(false)
  private let backlogInBytes = Atomic<Int>(0)
  private let acceptor: Acceptor?

  /// A local socket that is listened on, and what to do with who connects.
  struct Acceptor: Sendable {
    var descriptor: Int32
    var accept: @Sendable (Int32) -> Void
  }

  init(limits: MessageLimits, acceptor: Acceptor? = nil) {
    var ends: (Int32, Int32) = (-1, -1)
    let isOpen = unsafe withUnsafeMutableBytes(of: &ends) {
      unsafe pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self)) == 0
    }
    precondition(isOpen, "a pipe for the loop of messages")
    for descriptor in [ends.0, ends.1] {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }
    self.limits = limits
    self.acceptor = acceptor
    wakeRead = ends.0
    shared = Mutex(Shared(wakeWrite: ends.1))
  }

  /// Starts the thread.
  func start() {
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { loop in
        if let loop = unsafe loop {
          unsafe Unmanaged<MessageLoop>.fromOpaque(loop).takeRetainedValue().run()
        }
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(status == 0, "a thread for the loop of messages")
    let started = thread
    shared.withLock { $0.thread = started }
  }

  /// Takes a connection over; false once stopped, and then the socket is still the caller's.
  func add(
    _ connection: MessageConnection, session: any MessageSession, received: [UInt8]
  ) -> Bool {
    let isTaken = shared.withLock { shared in
      guard !shared.isStopping else { return false }
      shared.arrivals.append(
        Arrival(connection: connection, session: session, received: received))
      return true
    }
    if isTaken { wake() }
    return isTaken
  }

  /// Makes the thread look at all connections again.
  func wake() {
    guard !isAwake.exchange(true, ordering: .acquiringAndReleasing) else { return }
    shared.withLock { shared in
      guard shared.wakeWrite >= 0 else { return }
      var byte: UInt8 = 1
      _ = unsafe Glibc.write(shared.wakeWrite, &byte, 1)
    }
  }

  /// Says goodbye to all, and returns when every connection is closed.
  func stop() {
    let thread = shared.withLock { shared in
      defer { shared.thread = nil }
      shared.isStopping = true
      return shared.thread
    }
    guard let thread else { return }
    wake()
    pthread_join(thread, nil)
    shared.withLock { shared in
      Glibc.close(shared.wakeWrite)
      shared.wakeWrite = -1
    }
    Glibc.close(wakeRead)
  }

  /// Takes a share of the memory for what waits for readers, if there is one left.
  func reserve(backlogInBytes size: Int, isForced: Bool = false) -> Bool {
    let total = backlogInBytes.add(size, ordering: .relaxed).newValue
    if isForced || total <= limits.maximumTotalBacklogInBytes { return true }
    release(backlogInBytes: size)
    return false
  }

  func release(backlogInBytes size: Int) { backlogInBytes.subtract(size, ordering: .relaxed) }

  // MARK: The thread

  private func run() {
    var peers: [MessagePeer] = []
    var end: Int?
    while true {
      let (arrivals, isStopping) = shared.withLock { shared in
        defer { shared.arrivals = [] }
        return (shared.arrivals, shared.isStopping)
      }
      peers += arrivals.map {
        MessagePeer($0.connection, session: $0.session, received: $0.received)
      }
      let now = monotonicMilliseconds()
      if isStopping, end == nil {
        end = now + 1000 * limits.closeTimeoutInSeconds
        for peer in peers {
          peer.connection.close(
            code: WebSocketCloseCode.goingAway, reason: "the server is stopping")
        }
      }
      if let end, peers.isEmpty || now > end { break }
      turn(&peers, timeout: end == nil ? 1_000 : 50, hasArrivals: !arrivals.isEmpty)
    }
    for peer in peers { peer.finish() }
  }

  /// Waits for something to do, and does it.
  private func turn(_ peers: inout [MessagePeer], timeout: Int32, hasArrivals: Bool) {
    var polled = [pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0)]
    let isFull = peers.count >= limits.maximumConnectionCount
    if let acceptor {
      polled.append(
        pollfd(fd: acceptor.descriptor, events: isFull ? 0 : Int16(POLLIN), revents: 0))
    }
    let first = polled.count
    for peer in peers {
      polled.append(pollfd(fd: peer.connection.descriptor, events: peer.events, revents: 0))
    }
    // What arrived with a connection may be a whole message already.
    _ = unsafe poll(&polled, nfds_t(polled.count), hasArrivals ? 0 : timeout)
    if polled[0].revents != 0 {
      var bytes = [UInt8](repeating: 0, count: 64)
      _ = unsafe Glibc.read(wakeRead, &bytes, bytes.count)
      // Not before: who finds the flag set writes nothing, and is looked at below.
      isAwake.store(false, ordering: .releasing)
    }
    if let acceptor, polled[1].revents != 0 { acceptor.accept(acceptor.descriptor) }
    let now = monotonicMilliseconds()
    var total = 0
    for (index, peer) in peers.enumerated() {
      let happened = Int32(polled[first + index].revents)
      let isReadable = happened & Int32(POLLIN) != 0
      peer.service(
        isReadable: isReadable,
        isHungUp: happened & Int32(POLLERR) | happened & Int32(POLLHUP)
          | happened & Int32(POLLNVAL) != 0, now: now)
      total += peer.heldSizeInBytes
      if total > limits.maximumTotalMessageSizeInBytes { peer.cutOff() }
    }
    for peer in peers where peer.isOver { peer.finish() }
    peers.removeAll { $0.isOver }
  }
}
