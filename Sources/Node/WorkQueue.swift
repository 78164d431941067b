import Glibc

/// A queue that many threads fill and one empties, everything at once.
///
/// Taking all that has gathered while the last batch was being written is what makes group commit:
/// the slower the disk, the larger the batches.
@safe final class WorkQueue<Element: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var waiting: [Element] = []
  private var isClosed = false
  private var isWoken = false

  init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Adds an element; false when the queue has been closed.
  func push(_ element: Element) -> Bool {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    guard !isClosed else { return false }
    waiting.append(element)
    unsafe pthread_cond_signal(condition)
    return true
  }

  /// Takes no more elements; what is queued can still be taken out.
  func close() {
    unsafe pthread_mutex_lock(mutex)
    isClosed = true
    unsafe pthread_cond_signal(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Whether nothing is queued.
  var isEmpty: Bool {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return waiting.isEmpty
  }

  /// Has whoever waits wait no longer, though nothing may be queued.
  func wake() {
    unsafe pthread_mutex_lock(mutex)
    isWoken = true
    unsafe pthread_cond_signal(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Waits as ``takeAll(timeoutInMilliseconds:)`` does, but takes nothing out; false once the queue is
  /// closed and empty.
  func wait(timeoutInMilliseconds: UInt64?) -> Bool {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    waitLocked(timeoutInMilliseconds)
    return !waiting.isEmpty || !isClosed
  }

  /// Takes out everything that is queued, waiting for something at most so many milliseconds, or
  /// without end if that is nil; nil once the queue is closed and empty.
  func takeAll(timeoutInMilliseconds: UInt64?) -> [Element]? {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    waitLocked(timeoutInMilliseconds)
    guard !waiting.isEmpty else { return isClosed ? nil : [] }
    defer { waiting = [] }
    return waiting
  }

  private func waitLocked(_ timeoutInMilliseconds: UInt64?) {
    var deadline = timespec()
    if let timeout = timeoutInMilliseconds {
      unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
      deadline.tv_sec += Int(timeout / 1000)
      deadline.tv_nsec += Int(timeout % 1000) * 1_000_000
      if deadline.tv_nsec >= 1_000_000_000 {
        deadline.tv_sec += 1
        deadline.tv_nsec -= 1_000_000_000
      }
    }
    while waiting.isEmpty, !isClosed, !isWoken {
      if timeoutInMilliseconds == nil {
        unsafe pthread_cond_wait(condition, mutex)
      } else if unsafe pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT {
        break
      }
    }
    isWoken = false
  }
}

/// A thread of the system, for what blocks.
public final class Worker: @unchecked Sendable {
  private var handle = pthread_t()
  private let body: @Sendable () -> Void

  /// Starts a thread that runs `body` on a stack of `stackSizeInBytes`.
  public init(stackSizeInBytes: Int = 8 << 20, _ body: @escaping @Sendable () -> Void) {
    self.body = body
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setstacksize(&attributes, stackSizeInBytes)
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    let status = unsafe pthread_create(
      &handle, &attributes,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Worker>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, context)
    unsafe pthread_attr_destroy(&attributes)
    precondition(status == 0, "the system gives no thread")
  }

  /// Waits until the thread has ended.
  public func join() { pthread_join(handle, nil) }

  /// Has the calling thread, and those that it starts, run where others leave processors idle.
  public static func giveWay() {
    // Linux takes 0 for the thread that asks.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
  }

  private static let niceness: Int32 = 15
}

/// A thread that does one thing after another.
public final class SerialWorker: Sendable {
  private let queue = WorkQueue<@Sendable () -> Void>()
  private let worker: Worker

  /// Starts the thread; it lets a pause pass between what it found and what has come since, where to
  /// be woken each time would cost more than the work itself.
  public init(pauseInMilliseconds: UInt32 = 0) {
    let queue = queue
    worker = Worker {
      while let jobs = queue.takeAll(timeoutInMilliseconds: nil) {
        for job in jobs { job() }
        if pauseInMilliseconds > 0 { usleep(1_000 * pauseInMilliseconds) }
      }
    }
  }

  /// Does a thing after all that was asked before; false once the worker was stopped.
  @discardableResult
  public func enqueue(_ job: @escaping @Sendable () -> Void) -> Bool { queue.push(job) }

  /// Does what is queued, and ends the thread.
  public func stop() {
    queue.close()
    worker.join()
  }
}
