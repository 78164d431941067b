import Glibc
import Synchronization

/// A thread that does one thing each second until it is stopped.
final class Watchdog: Sendable {
  private final class Work: Sendable {
    let descriptor: Int32
    let body: @Sendable () -> Void

    init(descriptor: Int32, body: @escaping @Sendable () -> Void) {
      self.descriptor = descriptor
      self.body = body
    }

    func run() {
      var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      while unsafe Glibc.poll(&poll, 1, 1_000) == 0 { body() }
      close(descriptor)
    }
  }

  /// Where closing it ends the thread, and the thread; nothing once stopped.
  private let running: Mutex<(descriptor: Int32, thread: pthread_t)?>

  init(_ body: @escaping @Sendable () -> Void) {
    var ends: (Int32, Int32) = (-1, -1)
    let isOpen = unsafe withUnsafeMutableBytes(of: &ends) {
      unsafe pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self)) == 0
    }
    precondition(isOpen, "a pipe for the watchdog")
    for descriptor in [ends.0, ends.1] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    let work = Work(descriptor: ends.0, body: body)
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { work in
        if let work = unsafe work {
          unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run()
        }
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    precondition(status == 0, "a thread for the watchdog")
    running = Mutex((descriptor: ends.1, thread: thread))
  }

  func stop() {
    let running = running.withLock { running in
      defer { running = nil }
      return running
    }
    guard let running else { return }
    close(running.descriptor)
    pthread_join(running.thread, nil)
  }
}
