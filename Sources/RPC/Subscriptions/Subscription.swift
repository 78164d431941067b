import HTTP
import JSON
import Primitives
import Synchronization
import Views

/// What a subscriber is told of.
enum SubscriptionTopic: Sendable {
  /// The header of each new block.
  case heads
  /// Each new log that passes.
  case logs(LogFilter)
  /// Each transaction that comes into the pool.
  case pooled(isFull: Bool)
  /// The receipts of each new block, or those of them that were asked for.
  case receipts(of: Set<Hash>?)
  /// Whether the node catches up with others; it never does, so nothing is told.
  case syncing
  /// Each use of a model, when it is reported and whenever its status changes.
  case usage
  /// Each row of the log, from some row on.
  case events
}

/// One subscription of one connection.
final class Subscription: Sendable {
  private struct State {
    var isActive = false
    var isEnded = false
    var early: [[UInt8]] = []
    var nextEvent: UInt64
  }

  let topic: SubscriptionTopic
  let connection: MessageConnection
  /// The name by which the subscriber knows it, which cannot be guessed.
  let name: String
  private let state: Mutex<State>

  init(_ topic: SubscriptionTopic, on connection: MessageConnection, firstEvent: UInt64 = 0) {
    self.topic = topic
    self.connection = connection
    name = "0x" + Hexadecimal.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    state = Mutex(State(nextEvent: firstEvent))
  }

  /// Tells the subscriber; nothing is sent before it has heard the subscription's name.
  func tell(_ result: [UInt8]) {
    let message = notification(result)
    let isActive = state.withLock { state in
      if state.isEnded { return false }
      if !state.isActive { state.early.append(message) }
      return state.isActive
    }
    if isActive { connection.send(message) }
  }

  /// The subscriber has been sent the name.
  func activate() {
    state.withLock { state in
      // Under the lock, so that nothing overtakes what came early.
      for message in state.early { connection.send(message) }
      state.early = []
      state.isActive = true
    }
  }

  /// Nothing more is told.
  func end() { state.withLock { $0.isEnded = true } }

  /// The row of the log that is told of next; the hub's thread alone moves it.
  var nextEvent: UInt64 {
    get { state.withLock { $0.nextEvent } }
    set { state.withLock { $0.nextEvent = newValue } }
  }

  var isActive: Bool { state.withLock { $0.isActive && !$0.isEnded } }

  private func notification(_ result: [UInt8]) -> [UInt8] {
    var writer = JSONWriter()
    writer.reserve(result.count + 128)
    writer.beginObject()
    writer.key("jsonrpc")
    writer.string("2.0")
    writer.key("method")
    writer.string("eth_subscription")
    writer.key("params")
    writer.beginObject()
    writer.key("subscription")
    writer.string(name)
    writer.key("result")
    writer.serialized(result)
    writer.endObject()
    writer.endObject()
    return writer.bytes
  }
}
