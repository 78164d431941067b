import CMicrohttpd
import Glibc
import Synchronization

/// A server of JSON texts on a local socket (IPC), open to the user who started it.
public final class LocalSocketServer: Sendable {
  /// Where the socket is.
  public let path: String

  private let descriptor: Int32
  private let loop: MessageLoop

  /// Starts to listen; a socket that nobody listens on any more is replaced.
  ///
  /// `open` is called with each connection, on the server's thread, and must not block.
  ///
  /// - Throws: `HTTPServerError` where the path cannot be had.
  public init(
    path: String, limits: MessageLimits,
    open: @escaping @Sendable (MessageConnection) -> any MessageSession
  ) throws(HTTPServerError) {
    self.path = path
    let descriptor = try Self.listen(path)
    self.descriptor = descriptor
    let box = LoopBox()
    loop = MessageLoop(
      limits: limits,
      acceptor: .init(descriptor: descriptor) { listener in
        guard let loop = box.loop else { return }
        Self.accept(from: listener, into: loop, limits: limits, open: open)
      })
    box.loop = loop
    loop.start()
  }

  deinit { stop() }

  /// Says goodbye to all, and takes the socket away.
  public func stop() {
    loop.stop()
    if closing.exchange(true, ordering: .acquiringAndReleasing) { return }
    close(descriptor)
    unsafe unlink(path)
  }

  private let closing = Atomic<Bool>(false)

  /// The loop, which is made after its acceptor.
  private final class LoopBox: @unchecked Sendable {
    // Set before the loop's thread starts, and read on that thread only.
    weak var loop: MessageLoop?
  }

  private static func listen(_ path: String) throws(HTTPServerError) -> Int32 {
    var address = sockaddr_un()
    let place = [UInt8](path.utf8)
    guard !place.isEmpty, place.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw .cannotListen(
        host: path, port: 0, reason: "the path of a local socket has from 1 to 107 bytes")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: place) }
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { throw failure(path) }
    var status = unsafe call(bind, descriptor, &address)
    if status != 0, errno == EADDRINUSE {
      // Whoever left it behind is gone if nobody takes a connection.
      let probe = socket(AF_UNIX, type, 0)
      let isAlive = unsafe call(connect, probe, &address) == 0 || errno != ECONNREFUSED
      close(probe)
      if isAlive {
        close(descriptor)
        throw .addressInUse(host: path, port: 0)
      }
      unsafe unlink(path)
      status = unsafe call(bind, descriptor, &address)
    }
    guard status == 0, unsafe chmod(path, 0o600) == 0, Glibc.listen(descriptor, SOMAXCONN) == 0
    else {
      let failure = failure(path)
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  private static func call(
    _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ descriptor: Int32,
    _ address: inout sockaddr_un
  ) -> Int32 {
    unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe function(
        descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(bytes.count))
    }
  }

  private static func failure(_ path: String) -> HTTPServerError {
    .cannotListen(host: path, port: 0, reason: unsafe String(cString: strerror(errno)))
  }

  private static func accept(
    from listener: Int32, into loop: MessageLoop, limits: MessageLimits,
    open: @Sendable (MessageConnection) -> any MessageSession
  ) {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { return }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    let connection = MessageConnection(
      remoteAddress: "", limits: limits, framing: .jsonStream, descriptor: descriptor,
      origin: .own, loop: loop)
    let session = open(connection)
    guard loop.add(connection, session: session, received: []) else {
      connection.closeSocket()
      return session.connectionClosed()
    }
  }
}
