import FileSystem
import Glibc

/// Archives of fixtures, unpacked by the system's `tar` into a folder of their own.
enum Archive {
  /// Whether the name is one of an archive that is known here.
  static func isArchive(_ path: String) -> Bool {
    [".tar", ".tar.xz", ".tar.gz", ".tgz", ".txz"].contains { path.hasSuffix($0) }
  }

  /// What an archive may hold in all, eight times what the largest suite does.
  private static var sizeLimitInBytes: Int { 8 << 30 }

  private static func decompression(of path: String) -> String {
    if path.hasSuffix("xz") { return "xz --decompress --stdout" }
    return path.hasSuffix("gz") ? "gzip --decompress --stdout" : "cat"
  }

  /// Unpacks an archive into a fresh folder below the temporary one, and returns its path.
  ///
  /// - Throws: `FixtureError` if it is damaged, or `tar` is missing.
  static func unpack(_ path: String) throws(FixtureError) -> String {
    let folder = try temporaryFolder()
    // What leads out of the folder, tar refuses; a file longer than any fixture's, the system does;
    // and what is longer than any archive's ends where tar finds it cut off.
    let script = """
      ulimit -f \(FixtureFile.sizeLimitInBytes / 512) && \(decompression(of: path)) < "$1" \
        | head -c \(sizeLimitInBytes) | { shift; exec tar "$@"; }
      """
    let status = run([
      "sh", "-c", script, "sh", path, "--extract", "--no-same-owner", "--no-same-permissions",
      "--directory=" + folder, "--file=-",
    ])
    guard status == 0 else {
      TemporaryFolder.remove(folder)
      throw FixtureError(place: path, reason: Self.reason(status))
    }
    return folder
  }

  private static func reason(_ status: Int32?) -> String {
    switch status {
    case nil: "the system's tar could not be started"
    case 128 + SIGXFSZ:
      "holds a file of more than \(FixtureFile.sizeLimitInBytes) bytes"
    default: "the system's tar could not unpack it: damaged, or more than \(sizeLimitInBytes) bytes"
    }
  }

  private static func temporaryFolder() throws(FixtureError) -> String {
    do throws(SystemFailure) {
      return try TemporaryFolder.make(prefix: "opal-fixtures-")
    } catch {
      throw FixtureError(place: error.path, reason: error.reason)
    }
  }

  /// Runs a program of the search path and waits for its exit status; nil if it could not be
  /// started, and 256 and the signal's number if one ended it.
  private static func run(_ words: [String]) -> Int32? {
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    // Whoever ignores or blocks this signal would have tar cut files off, with no more than a
    // warning.
    var signals = sigset_t()
    var attributes = posix_spawnattr_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigaddset(&signals, SIGXFSZ)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var child = pid_t()
    let status = unsafe posix_spawnp(&child, words[0], nil, &attributes, &arguments, environ)
    guard status == 0 else { return nil }
    return exitStatus(of: child)
  }

  private static func exitStatus(of child: pid_t) -> Int32? {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return nil }
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 0x100 + signal
  }
}
