import Glibc
import Primitives

/// A program that runs until it ends, and what it took.
struct ChildProcess {
  /// What it answered.
  let exitCode: Int32
  /// What passed meanwhile.
  let seconds: Double
  /// The processors' time, its own and the system's for it.
  let processorSeconds: Double
  /// The most memory that was resident at a time.
  ///
  /// The system begins to count with what the parent has, so the parent should have little.
  let peakSizeInBytes: Int
  /// What it printed.
  let output: String

  /// Runs a program by its path to its end; nil if it cannot be started.
  init?(_ words: [String]) {
    let path = "/tmp/opal-bench-\(getpid()).out"
    defer { _ = unsafe unlink(path) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var child = pid_t()
    let start = Stopwatch.now(CLOCK_MONOTONIC)
    guard unsafe posix_spawn(&child, words[0], &actions, nil, &arguments, environ) == 0 else {
      return nil
    }
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(child, &status, 0, &usage) < 0 {
      guard errno == EINTR else { return nil }
    }
    seconds = Stopwatch.now(CLOCK_MONOTONIC) - start
    // An exit has its code in the second byte; a signal is in the first.
    exitCode = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
    peakSizeInBytes = usage.ru_maxrss * 1024
    output = TextFile.read(path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
  }
}
