import Glibc
import Node
import Primitives
import Synchronization

/// Lets only so many run at once, so that executing code never takes all the threads that answers
/// are given on.
final class WorkGate: Sendable {
  private struct Load {
    var running = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
    var first = 0
  }

  private let concurrent: Int
  private let waiting: Int
  private let load = Mutex(Load())
  /// The threads that nobody works on; in all never more than may work at once.
  private let threads = Mutex<[PoliteThread]>([])

  /// All processors but one, and at least one.
  static var processorsButOne: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1) }

  init(concurrent: Int, waiting: Int) {
    self.concurrent = max(1, concurrent)
    self.waiting = waiting
  }

  /// Runs a body on a polite thread once it is its turn.
  ///
  /// - Throws: what the body throws, and -32005 when too many wait already.
  func run<Result: Sendable>(
    _ body: @Sendable () throws(RPCError) -> Result
  ) async throws(RPCError) -> Result {
    try await enter()
    defer { leave() }
    let thread = threads.withLock { $0.popLast() } ?? PoliteThread()
    defer { threads.withLock { $0.append(thread) } }
    return try await withTaskExecutorPreference(thread) { () async throws(RPCError) -> Result in
      try body()
    }
  }

  func enter() async throws(RPCError) {
    var isFull = false
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let mayGo = load.withLock { load in
        if load.running < concurrent {
          load.running += 1
          return true
        }
        if load.waiting.count - load.first >= waiting {
          isFull = true
          return true
        }
        load.waiting.append(continuation)
        return false
      }
      if mayGo { continuation.resume() }
    }
    if isFull {
      throw RPCError(code: -32005, message: "too many requests are waiting to be executed")
    }
  }

  func leave() {
    let next = load.withLock { load -> CheckedContinuation<Void, Never>? in
      guard load.first < load.waiting.count else {
        load.running -= 1
        return nil
      }
      let next = load.waiting[load.first]
      load.first += 1
      if load.first == load.waiting.count {
        load.waiting = []
        load.first = 0
      }
      return next
    }
    next?.resume()
  }
}

/// A thread that gives way to all others: to those that answer and that make blocks, which long
/// reads so delay by no more than it takes to switch.
///
/// It is a thread of its own because the system lets nobody but a privileged process take back that
/// a thread gives way: one of Swift's would do so from then on, whatever came to run on it.
private final class PoliteThread: TaskExecutor {
  private let worker = SerialWorker()

  init() { worker.enqueue { Worker.giveWay() } }

  deinit { worker.stop() }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    worker.enqueue { [self] in unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}

/// One gate a sender, so that transactions the node signs get their nonces one after the other.
final class SenderGates: Sendable {
  private let gates = Mutex<[Address: (gate: WorkGate, users: Int)]>([:])

  /// Runs a body while no other runs for the same sender.
  func run<Result>(
    _ sender: Address, _ body: () async throws(RPCError) -> Result
  ) async throws(RPCError) -> Result {
    let gate = gates.withLock { gates in
      var entry = gates[sender] ?? (WorkGate(concurrent: 1, waiting: 1_024), 0)
      entry.users += 1
      gates[sender] = entry
      return entry.gate
    }
    defer {
      gates.withLock { gates in
        guard var entry = gates[sender] else { return }
        entry.users -= 1
        gates[sender] = entry.users == 0 ? nil : entry
      }
    }
    try await gate.enter()
    defer { gate.leave() }
    return try await body()
  }
}
