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
/// All that gathered while the last batch was being written becomes the next: one transaction, one
/// flush to disk. Callers hear of it only afterwards, and readers see it only afterwards.
final class Writer: Sendable {
  /// What can be asked of the writer.
  enum Action: Sendable {
    case command(Command)
    case seal(Layer)
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
  private let held: Held
  private let thread = Mutex<Worker?>(nil)
  /// Whether callers were told of what neither log nor views have yet.
  private let isAhead = Atomic<Bool>(false)
  private let threadID = Atomic<UInt>(0)
  /// Who is told of what was published.
  let observers = Mutex<[UInt64: @Sendable ([ViewEntry]) -> Void]>([:])

  /// The record on its way to the writer's thread, which alone touches it and lets go of it.
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
    // If that fails, the views stay behind, and the node has said so.
    _ = Result { () throws(WriteFailure) in try wait(for: .commit) }
  }

  /// Signs the log as it stands.
  func checkpoint(completion: @escaping @Sendable (Result<Checkpoint, WriteFailure>) -> Void) {
    enqueue(.checkpoint { completion(.success($0)) }) { result in
      if case .failure(let failure) = result { completion(.failure(failure)) }
    }
  }

  private func run() {
    guard var record = held.record.take() else { return }
    threadID.store(UInt(pthread_self()), ordering: .relaxed)
    let recovery = SenderRecovery()
    record.runPolicies()
    finish([], &record)
    while let jobs = queue.takeAll(timeoutInMilliseconds: timeToSleep(record)) {
      var answers: [(Completion, Result<Outcome, WriteFailure>)] = []
      if jobs.count >= SenderRecovery.leastCount {
        recovery.begin(jobs.compactMap { $0.action.signed })
      }
      for (action, completion) in jobs {
        answers.append((completion, record.perform(action)))
      }
      // Time has passed, whether or not somebody asked for something that was not refused.
      record.runPolicies()
      finish(answers, &record, mustCommit: jobs.isEmpty)
    }
    record.close()
  }

  /// How long nothing need be done if nobody asks.
  private func timeToSleep(_ record: borrowing Record) -> UInt64? {
    let duty = record.timeToNextDuty()
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
