import CMicrohttpd
import Synchronization

/// What of a streamed body was written and not yet taken.
struct StreamBuffer: Sendable {
  private var bytes: [UInt8] = []
  private var taken = 0

  /// Nothing more will be written.
  var isFinished = false

  /// The stream ends without being whole.
  var isCutOff = false

  var sizeInBytes: Int { bytes.count - taken }

  mutating func append(_ more: [UInt8]) {
    if taken > 0, taken >= bytes.count / 2 {
      bytes.removeFirst(taken)
      taken = 0
    }
    bytes.append(contentsOf: more)
  }

  /// Moves what fits into the library's buffer.
  mutating func move(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(sizeInBytes, buffer.count)
    unsafe buffer.copyBytes(from: bytes[taken..<taken + count])
    taken += count
    if taken == bytes.count {
      bytes.removeAll(keepingCapacity: bytes.count <= 1 << 16)
      taken = 0
    }
    return count
  }
}

extension Exchange {
  /// A writer that waits goes on when no more than this is left.
  private static let lowWaterInBytes = 16 << 10

  /// Adds to the stream; false where nobody takes it any more.
  func write(_ bytes: [UInt8]) -> Bool {
    change { state in
      if state.isClosed || state.stream.isFinished || state.stream.isCutOff {
        return (false, nil)
      }
      if bytes.isEmpty { return (true, nil) }
      let backlog = state.stream.sizeInBytes + bytes.count
      if backlog > service.configuration.maximumStreamBacklogInBytes {
        state.stream.isCutOff = true
      } else {
        state.stream.append(bytes)
      }
      let sleeper = state.sleeper()
      return (!state.stream.isCutOff, sleeper)
    }
  }

  /// Ends the stream, whole or not.
  func endStream(isWhole: Bool) {
    change { state in
      if state.stream.isFinished || state.stream.isCutOff { return ((), nil) }
      if isWhole { state.stream.isFinished = true } else { state.stream.isCutOff = true }
      return ((), state.sleeper())
    }
  }

  /// Waits until little is left of what was written.
  func drained() async -> Bool {
    await withCheckedContinuation { continuation in
      let result: Bool? = state.withLock { state in
        if state.isClosed || state.stream.isCutOff { return false }
        if state.stream.sizeInBytes <= Self.lowWaterInBytes { return true }
        state.waiters.append(continuation)
        return nil
      }
      if let result { continuation.resume(returning: result) }
    }
  }

  /// The library asks for the next portion; the connection sleeps while there is none.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let (count, waiters) = state.withLock {
      state -> (Int, [CheckedContinuation<Bool, Never>]) in
      let ready: [CheckedContinuation<Bool, Never>]
      // -1 and -2 are the library's marks for the end and for an end that is none.
      if state.stream.isCutOff { return (-2, []) }
      let count = unsafe state.stream.move(into: buffer)
      if state.stream.sizeInBytes <= Self.lowWaterInBytes {
        ready = state.waiters
        state.waiters = []
      } else {
        ready = []
      }
      if count > 0 { return (count, ready) }
      if state.stream.isFinished { return (-1, ready) }
      if let handle = state.handle {
        state.isSuspended = true
        unsafe MHD_suspend_connection(handle.pointer)
      }
      return (0, ready)
    }
    for waiter in waiters { waiter.resume(returning: true) }
    return count
  }
}
