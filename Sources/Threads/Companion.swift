import Glibc
import Synchronization

/// A thread that stands by for short pieces of work, one at a time.
///
/// Starting a thread takes about as long as hashing a hundred events; waking one takes a tenth of that.
public final class Companion: Sendable {
  private let desk = Desk()
  private let isThere: Bool

  /// Has a thread stand by; where the system gives none, whoever asks does the work.
  public init() {
    let argument = unsafe Unmanaged.passRetained(desk)
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Desk>.fromOpaque(argument).takeRetainedValue().serve()
        return nil
      }, argument.toOpaque())
    isThere = status == 0
    if isThere { pthread_detach(thread) } else { unsafe argument.release() }
  }

  deinit { desk.end() }

  /// Runs `other` on the companion's thread while `here` runs on this one, and waits for both.
  ///
  /// - Throws: what `here` throws, once `other` is done too.
  public func beside<Other: Sendable, Here, Failure: Error>(
    _ other: @escaping @Sendable () -> Other, _ here: () throws(Failure) -> Here
  ) throws(Failure) -> (other: Other, here: Here) {
    guard isThere else {
      let found = other()
      return (found, try here())
    }
    let found = Found<Other>()
    desk.begin { found.value.withLock { $0 = other() } }
    let result: Result<Here, Failure>
    do throws(Failure) { result = .success(try here()) } catch { result = .failure(error) }
    desk.wait()
    return (found.value.withLock { $0 } ?? other(), try result.get())
  }

  private final class Found<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
  }
}

/// Where work is left for a thread, and where it says that it is done.
@safe private final class Desk: @unchecked Sendable {
  private let work = Mutex<(@Sendable () -> Void)?>(nil)
  private let begun = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() {
    unsafe sem_init(begun, 0, 0)
    unsafe sem_init(done, 0, 0)
  }

  deinit {
    unsafe sem_destroy(begun)
    unsafe sem_destroy(done)
    unsafe begun.deallocate()
    unsafe done.deallocate()
  }

  func begin(_ body: @escaping @Sendable () -> Void) {
    work.withLock { $0 = body }
    unsafe sem_post(begun)
  }

  func wait() {
    while unsafe sem_wait(done) != 0 {}
  }

  /// Lets the thread go, which waits for work.
  func end() { unsafe sem_post(begun) }

  /// Does what is left here, until there is nothing when it is woken.
  func serve() {
    while true {
      while unsafe sem_wait(begun) != 0 {}
      guard
        let body = work.withLock({ work in
          defer { work = nil }
          return work
        })
      else { return }
      body()
      unsafe sem_post(done)
    }
  }
}
