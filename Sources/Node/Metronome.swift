import Glibc
import Ledger
import Synchronization

/// Asks for a block of the second layer each so many milliseconds: for intervals that are no whole
/// seconds, of which a chain's time knows nothing.
///
/// A beat during which the last block is still being made is left out. Where the operator has said
/// otherwise when blocks are made, nothing is asked for.
final class Metronome: Sendable {
  private let end = WorkQueue<Void>()
  private let worker: Mutex<Worker?>

  init(_ writer: Writer, intervalInMilliseconds: UInt64) {
    let end = end
    let thread = Worker {
      var next = Self.milliseconds + intervalInMilliseconds
      while true {
        let now = Self.milliseconds
        if now < next {
          guard end.wait(timeoutInMilliseconds: next - now) else { return }
          continue
        }
        next = max(next + intervalInMilliseconds, now)
        // A refusal has its reason in the chain, which may pass; the next beat asks again.
        if case .failed(.stopped)? = Self.failure(writer) { return }
      }
    }
    worker = Mutex(thread)
  }

  private static func failure(_ writer: Writer) -> WriteFailure? {
    do throws(WriteFailure) {
      _ = try writer.wait(for: .beat(.two))
      return nil
    } catch {
      return error
    }
  }

  private static var milliseconds: UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
  }

  /// Ends the beat; not to be called on the writer's thread.
  func stop() {
    end.close()
    worker.withLock { $0.take() }?.join()
  }
}
