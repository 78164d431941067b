import Glibc

/// Seconds of the processor, or of the day.
enum Stopwatch {
  /// What `body` takes: on one thread processor time, on several the time that passes.
  static func seconds(threads: Int = 1, _ body: () -> Void) -> Double {
    let clock = threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC
    let start = now(clock)
    body()
    return now(clock) - start
  }

  /// What `body` takes each time when it is done so often that the clock's own cost is nothing.
  static func secondsEach(_ count: Int, _ body: () -> Void) -> Double {
    seconds { for _ in 0..<count { body() } } / Double(count)
  }

  /// How often `body` must be done to take so many seconds, at least once.
  static func repetitions(for duration: Double, _ body: () -> Void) -> Int {
    var count = 1
    while count < 1 << 24 {
      let taken = seconds { for _ in 0..<count { body() } }
      if taken >= duration / 4 { return max(1, Int(Double(count) * duration / taken)) }
      count *= 4
    }
    return count
  }

  /// What a clock says.
  static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
