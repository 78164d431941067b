import Glibc

/// What opal says on the terminal: results to standard output, all else to standard error.
enum Terminal {
  /// Prints a line of the result, at once.
  static func say(_ line: String = "") { write(line + "\n") }

  /// Prints a line that may be missed: not where whoever reads has stopped reading, who would have
  /// the process wait.
  static func offer(_ line: String) {
    var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&output, 1, 0) == 1, output.revents & Int16(POLLOUT) != 0 else { return }
    // A pipe that has room has it for so many bytes.
    put(String(line.prefix(1_000)) + "\n", on: STDOUT_FILENO)
  }

  /// Prints a piece of a line, at once.
  static func write(_ piece: String) { put(piece, on: STDOUT_FILENO) }

  /// Prints a line to standard error.
  static func complain(_ line: String) { put(line + "\n", on: STDERR_FILENO) }

  /// Replaces the progress line, if somebody is looking.
  static func progress(_ line: String) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    put("\r\u{1B}[K" + line, on: STDERR_FILENO)
  }

  /// Takes the progress line away.
  static func endProgress() { progress("") }

  /// The time since some moment, in milliseconds, which never goes back.
  static var monotonicMilliseconds: UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
  }

  /// Waits a while.
  static func pause(milliseconds: Int) { usleep(UInt32(clamping: milliseconds) * 1000) }

  /// Writes all of a text, in as many pieces as the system takes it.
  private static func put(_ text: String, on descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}
