import Synchronization

/// The answers to a batch, as far as there are any.
final class BatchReplies: Sendable {
  private struct State {
    var text: [UInt8] = []
    var count = 0
    var isClosed = false

    mutating func append(_ reply: [UInt8]?) {
      guard let reply else { return }
      text.append(UInt8(ascii: text.isEmpty ? "[" : ","))
      text += reply
    }
  }

  private let state = Mutex(State())

  /// Bytes of the answers.
  var sizeInBytes: Int { state.withLock { $0.text.count } }

  /// The answers as one; nil where nobody asked for any.
  var text: [UInt8]? {
    state.withLock { $0.text.isEmpty ? nil : $0.text + [UInt8(ascii: "]")] }
  }

  /// Adds the answer to the next request, nil for a notification; false where it comes too late.
  func add(_ reply: [UInt8]?) -> Bool {
    state.withLock { state in
      if state.isClosed { return false }
      state.count += 1
      state.append(reply)
      return true
    }
  }

  /// Takes no further answers; returns how many requests have been answered.
  func close() -> Int {
    state.withLock { state in
      state.isClosed = true
      return state.count
    }
  }

  /// Adds an answer to those that came in time.
  func append(_ reply: [UInt8]?) { state.withLock { $0.append(reply) } }
}

/// Calls back for requests that take too long.
///
/// One task looks at all of them ten times a second, while there are any.
final class RequestDeadlines: Sendable {
  private struct Request {
    var deadline: ContinuousClock.Instant
    var expire: @Sendable () -> Void
  }

  private struct State {
    var requests: [UInt64: Request] = [:]
    var last: UInt64 = 0
    var isWatched = false
  }

  private let state = Mutex(State())

  /// Has `expire` called once the time is over; returns the ticket to call that off by.
  func add(
    afterMilliseconds milliseconds: UInt64, _ expire: @escaping @Sendable () -> Void
  ) -> UInt64 {
    let span = Duration.milliseconds(Int64(clamping: milliseconds))
    let request = Request(deadline: .now.advanced(by: span), expire: expire)
    let (ticket, isFirst) = state.withLock { state in
      state.last += 1
      state.requests[state.last] = request
      defer { state.isWatched = true }
      return (state.last, !state.isWatched)
    }
    if isFirst { Task { await watch() } }
    return ticket
  }

  /// Calls one off; false where its time is over.
  func remove(_ ticket: UInt64) -> Bool {
    state.withLock { $0.requests.removeValue(forKey: ticket) != nil }
  }

  private func watch() async {
    while true {
      try? await Task.sleep(for: .milliseconds(100))
      let now = ContinuousClock.now
      let (late, isDone) = state.withLock { state in
        let late = state.requests.filter { $0.value.deadline <= now }
        for ticket in late.keys { state.requests[ticket] = nil }
        state.isWatched = !state.requests.isEmpty
        return (late, state.requests.isEmpty)
      }
      for request in late.values { request.expire() }
      if isDone { return }
    }
  }
}
