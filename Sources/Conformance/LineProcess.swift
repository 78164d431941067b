import Glibc
import Primitives
import Synchronization

/// A child that answers line for line: another implementation, to compare with or to race.
///
/// One thread uses it at a time. It ends when its input is closed.
public final class LineProcess {
  private let process: pid_t
  private let input: Int32
  private let output: Int32
  private var buffer: Bytes = []

  /// Why a child is of no use any more; its own words went to the standard error.
  public enum Failure: Error, Hashable, Sendable {
    /// It could not be started.
    case start
    /// It ended.
    case death
    /// It did not answer for five minutes.
    case silence
  }

  /// How long an answer may take, in milliseconds.
  private static var patience: Int32 { 300_000 }

  /// Starts a program, which the first word names by its path, with the others as its arguments.
  public init(_ words: [String]) throws(Failure) {
    guard let child = Self.spawning.withLock({ _ in Self.spawn(words) }) else { throw .start }
    (process, input, output) = child
    // A child that died is told by the write that fails, not by a signal.
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// One child at a time, so that none inherits another's pipes.
  private static let spawning = Mutex(())

  /// Starts a program with pipes for its input and output.
  private static func spawn(
    _ words: [String]
  ) -> (process: pid_t, input: Int32, output: Int32)? {
    var toChild: [Int32] = [-1, -1]
    var fromChild: [Int32] = [-1, -1]
    guard unsafe pipe(&toChild) == 0 else { return nil }
    guard unsafe pipe(&fromChild) == 0 else {
      for descriptor in toChild { close(descriptor) }
      return nil
    }
    for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var child = pid_t()
    let status = unsafe posix_spawn(&child, words[0], &actions, nil, &arguments, environ)
    close(toChild[0])
    close(fromChild[1])
    if status == 0 { return (child, toChild[1], fromChild[0]) }
    close(toChild[1])
    close(fromChild[0])
    return nil
  }

  deinit {
    close(input)
    close(output)
    kill(process, SIGTERM)
    var status: Int32 = 0
    unsafe waitpid(process, &status, 0)
  }

  /// Sends a line; `answer()` gives what the child makes of it.
  public func ask(_ line: Bytes) throws(Failure) {
    var rest = (line + [0x0a])[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(input, bytes.baseAddress, bytes.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw .death }
      rest = rest.dropFirst(written)
    }
  }

  /// Waits for the next line.
  public func answer() throws(Failure) -> Bytes {
    var searched = 0
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0a) {
        let line = Bytes(buffer[..<end])
        buffer.removeFirst(end + 1)
        return line
      }
      searched = buffer.count
      try receive()
    }
  }

  private func receive() throws(Failure) {
    var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    let ready = unsafe poll(&waiting, 1, Self.patience)
    if ready < 0, errno == EINTR { return }
    guard ready > 0 else { throw .silence }
    var piece = Bytes(repeating: 0, count: 1 << 16)
    let count = unsafe piece.withUnsafeMutableBytes { bytes in
      unsafe read(output, bytes.baseAddress, bytes.count)
    }
    if count < 0, errno == EINTR { return }
    guard count > 0 else { throw .death }
    buffer += piece[..<count]
  }
}
