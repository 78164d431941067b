import EventLog
import Glibc
import Ledger
import Primitives
import Synchronization
import Views

/// What a command led to, once it is durable.
public struct Outcome: Sendable {
  /// The log sequence after it.
  public var sequence: UInt64
  /// What followed from it and from what the policies did at once, in order.
  public var consequences: [Consequence]
}

/// Why a command led to nothing.
public enum WriteFailure: Error, Sendable {
  /// It was refused; nothing of it is kept.
  case refused(Refusal)
  /// The node cannot write.
  case failed(NodeError)

  /// Why, in words.
  public var message: String {
    switch self {
    case .refused(let refusal): refusal.message
    case .failed(let error): error.message
    }
  }
}

/// The single thread that takes commands in, and alone moves the world on.
///
/// On a node that is thrown away, whoever submits a small command while nothing else is under way
/// takes the thread's turn for it: to wake another thread and be woken by it takes a good part of
/// the time that a transaction takes. What must be waited for, the disk above all, is left to the
/// thread.
///
/// All that gathered while the last batch was being written becomes the next: one transaction, one
/// flush to disk. Callers hear of it only afterwards, and readers see it only afterwards.
final class Writer: Sendable {
  /// What can be asked of the writer.
  enum Action: Sendable {
    case command(Command)
    case seal(Layer)
    /// Seals a block unless the operator has said when blocks are made.
    case beat(Layer)
    /// Writes what callers were told of already.
    case commit
    /// Signs the log; the checkpoint goes to the closure.
    case checkpoint(@Sendable (Checkpoint) -> Void)

    /// What has a signature that will be asked for.
    var signed: SenderRecovery.Work? {
      switch self {
      case .command(.submitTransaction(_, let encoded, _)): .transaction(encoded)
      case .command(.receiveBlock(_, let encoded)): .block(encoded)
      default: nil
      }
    }
  }

  typealias Completion = @Sendable (Result<Outcome, WriteFailure>) -> Void

  /// The world after the last durable event.
  let published: Mutex<World>
  private let queue = WorkQueue<(action: Action, completion: Completion)>()
  /// The record; touched by whoever has the turn.
  private let held: Held
  private let turn = Mutex<Void>(())
  /// When the thread looks around by itself, in monotonic milliseconds; changed in turn.
  private let wakeTime = Atomic<UInt64>(.max)
  /// When a policy may have something to do, in monotonic milliseconds; changed in turn.
  private let dutyTime = Atomic<UInt64>(.max)
  /// When somebody last took the thread's turn, and when something was last submitted, in monotonic
  /// nanoseconds.
  private let lastTurn = Atomic<UInt64>(0)
  private let lastSubmission = Atomic<UInt64>(0)
  private let thread = Mutex<Worker?>(nil)
  /// Whether callers were told of what neither log nor views have yet.
  private let isAhead = Atomic<Bool>(false)
  private let threadID = Atomic<UInt>(0)
  /// Who is told of what was published.
  let observers = Mutex<[UInt64: @Sendable ([ViewEntry]) -> Void]>([:])

  /// The record between two turns; nil for good when the thread has let go of it.
  private final class Held: @unchecked Sendable {
    var record: Record?
    init(_ record: consuming Record) { self.record = consume record }
  }

  init(record: consuming Record) {
    published = Mutex(record.world)
    held = Held(record)
  }

  func start() {
    thread.withLock { worker in
      worker = Worker { [self] in run() }
    }
  }

  func stop() {
    queue.close()
    thread.withLock { $0.take() }?.join()
  }

  func enqueue(_ action: Action, completion: @escaping Completion) {
    if !queue.push((action, completion)) { completion(.failure(.failed(.stopped))) }
  }

  /// Asks, and waits for the answer; not to be called on the writer's own thread.
  func wait(for action: Action) throws(WriteFailure) -> Outcome {
    let answer = WorkQueue<Result<Outcome, WriteFailure>>()
    enqueue(action) { _ = answer.push($0) }
    guard let result = answer.takeAll(timeoutInMilliseconds: nil)?.first else {
      throw .failed(.stopped)
    }
    return try result.get()
  }

  /// Returns when log and views have all that callers were told of.
  ///
  /// On the writer's own thread, which cannot wait for itself, they may lag behind.
  func catchUp() {
    guard isAhead.load(ordering: .acquiring),
      threadID.load(ordering: .relaxed) != UInt(pthread_self())
    else { return }
    if commitAtOnce() { return }
    // If that fails, the views stay behind, and the node has said so.
    _ = Result { () throws(WriteFailure) in try wait(for: .commit) }
  }

  /// Commits here and now if the turn is free; false if the thread is to do it.
  private func commitAtOnce() -> Bool {
    turn.withLockIfAvailable { _ in
      guard var record = held.record.take() else { return false }
      threadID.store(UInt(pthread_self()), ordering: .relaxed)
      finish([], &record)
      held.record = consume record
      threadID.store(0, ordering: .relaxed)
      return true
    } ?? false
  }

  /// Signs the log as it stands.
  func checkpoint(completion: @escaping @Sendable (Result<Checkpoint, WriteFailure>) -> Void) {
    enqueue(.checkpoint { completion(.success($0)) }) { result in
      if case .failure(let failure) = result { completion(.failure(failure)) }
    }
  }

  private func run() {
    let recovery = SenderRecovery()
    var sleep = inTurn { record in
      record.runPolicies()
      finish([], &record)
    }
    while queue.wait(timeoutInMilliseconds: sleep ?? nil) {
      if let pause = pauseLeftInMilliseconds {
        sleep = pause
        setWakeTime(after: pause)
        continue
      }
      sleep = inTurn { record in
        let jobs = queue.takeAll(timeoutInMilliseconds: 0) ?? []
        var answers: [(Completion, Result<Outcome, WriteFailure>)] = []
        if jobs.count >= SenderRecovery.leastCount {
          recovery.begin(jobs.compactMap { $0.action.signed })
        }
        for (action, completion) in jobs {
          answers.append((completion, record.perform(action)))
        }
        // Time has passed, whether or not somebody asked for something that was not refused.
        record.runPolicies()
        finish(answers, &record, mustCommit: jobs.isEmpty && isQuiet)
      }
    }
    turn.withLock { _ in
      threadID.store(UInt(pthread_self()), ordering: .relaxed)
      if var record = held.record.take() { record.close() }
    }
  }

  /// Does something with the record in turn; how long the thread may sleep then, in milliseconds.
  private func inTurn(_ body: (inout Record) -> Void) -> UInt64?? {
    turn.withLock { _ in
      guard var record = held.record.take() else { return nil }
      threadID.store(UInt(pthread_self()), ordering: .relaxed)
      body(&record)
      let sleep = timeToSleep(record)
      held.record = consume record
      setWakeTime(after: sleep)
      return sleep
    }
  }

  /// How much longer the thread may sleep since others have its turn again and again, and nothing but
  /// their commit is to be done; nil if there is more, or they are done.
  private var pauseLeftInMilliseconds: UInt64? {
    guard queue.isEmpty, isAhead.load(ordering: .relaxed) else { return nil }
    let now = Self.monotonicNanoseconds
    let quietTime = lastTurn.load(ordering: .relaxed) &+ Writer.pauseInMilliseconds * 1_000_000
    let dutyTime = dutyTime.load(ordering: .relaxed)
    guard now < quietTime, now / 1_000_000 < dutyTime else { return nil }
    return min((quietTime - now) / 1_000_000 + 1, dutyTime - now / 1_000_000)
  }

  private func setWakeTime(after sleep: UInt64?) {
    wakeTime.store(
      sleep.map { Self.monotonicNanoseconds / 1_000_000 &+ $0 } ?? .max, ordering: .relaxed)
  }

  /// Whether nobody has taken the thread's turn for as long as callers who were told early wait.
  private var isQuiet: Bool {
    let pause = Writer.pauseInMilliseconds * 1_000_000
    return Self.monotonicNanoseconds &- lastTurn.load(ordering: .relaxed) >= pause
  }

  /// So soon after another submission, in nanoseconds, there are more callers than one, and the
  /// thread does their work while they are listened to.
  private static let busyGap: UInt64 = 35_000

  /// Does a small command here and now if the turn is free; false if the thread is to do it.
  func performAtOnce(_ command: Command, completion: @escaping Completion) -> Bool {
    let last = lastSubmission.load(ordering: .relaxed)
    defer { lastSubmission.store(Self.monotonicNanoseconds, ordering: .relaxed) }
    guard Self.monotonicNanoseconds &- last > Self.busyGap else { return false }
    return turn.withLockIfAvailable { _ in
      guard queue.isEmpty, var record = held.record.take() else { return false }
      guard record.takesAtOnce(command) else {
        held.record = consume record
        return false
      }
      threadID.store(UInt(pthread_self()), ordering: .relaxed)
      let result = record.perform(.command(command))
      finish([(completion, result)], &record, mustCommit: false)
      let sleep = timeToSleep(record)
      held.record = consume record
      let now = Self.monotonicNanoseconds
      lastTurn.store(now, ordering: .relaxed)
      // The thread commits when it has been quiet for a while, and then looks for its duties.
      if let sleep, now / 1_000_000 &+ sleep < wakeTime.load(ordering: .relaxed) {
        wakeTime.store(now / 1_000_000 &+ sleep, ordering: .relaxed)
        queue.wake()
      }
      threadID.store(0, ordering: .relaxed)
      return true
    } ?? false
  }

  private static var monotonicNanoseconds: UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
  }

  /// How long nothing need be done if nobody asks.
  private func timeToSleep(_ record: borrowing Record) -> UInt64? {
    let duty = record.timeToNextDuty()
    dutyTime.store(
      duty.map { Self.monotonicNanoseconds / 1_000_000 &+ $0 } ?? .max, ordering: .relaxed)
    return record.isUncommitted ? min(duty ?? .max, Writer.pauseInMilliseconds) : duty
  }

  /// What callers were told of early is committed when nobody asked for anything for so long.
  private static let pauseInMilliseconds: UInt64 = 5

  /// Makes the batch durable, publishes it, and only then answers.
  private func finish(
    _ answers: [(Completion, Result<Outcome, WriteFailure>)], _ record: inout Record,
    mustCommit: Bool = true
  ) {
    do throws(NodeError) {
      if mustCommit || record.mustCommit { try record.commit() }
      isAhead.store(record.isUncommitted, ordering: .releasing)
      let world = record.world
      published.withLock { $0 = world }
      // Before the answers, so that whoever begins to observe after one is not told of it again.
      let entries = record.takeUnpublished()
      if !entries.isEmpty {
        for observer in observers.withLock({ [_]($0.values) }) { observer(entries) }
      }
      for (completion, result) in answers { completion(result) }
    } catch {
      for (completion, result) in answers {
        if case .failure(.refused) = result {
          completion(result)
        } else {
          completion(.failure(.failed(error)))
        }
      }
    }
  }
}
