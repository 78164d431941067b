import Glibc

/// Archives of fixtures, unpacked by the system's `tar` into a folder of their own.
enum Archive {
  /// Whether the name is one of an archive that is known here.
  static func isArchive(_ path: String) -> Bool {
    [".tar", ".tar.xz", ".tar.gz", ".tgz", ".txz"].contains { path.hasSuffix($0) }
  }

  /// Unpacks an archive into a fresh folder below the temporary one, and returns its path.
  ///
  /// - Throws: `FixtureError` if it is damaged, or `tar` is missing.
  static func unpack(_ path: String) throws(FixtureError) -> String {
    let folder = try temporaryFolder()
    // Neither a name that begins with a dash nor one with a colon means anything else to tar.
    let status = run([
      "tar", "--extract", "--force-local", "--no-same-owner", "--no-same-permissions",
      "--directory=" + folder, "--file=" + path,
    ])
    guard status == 0 else {
      FixtureFolder.remove(folder)
      throw FixtureError(
        place: path,
        reason: status == nil
          ? "the system's tar could not be started" : "the system's tar could not unpack it")
    }
    return folder
  }

  private static func temporaryFolder() throws(FixtureError) -> String {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/opal-fixtures-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
      guard let start = buffer.baseAddress, unsafe mkdtemp(start) != nil else { return nil }
      return unsafe String(cString: start)
    }
    guard let made else { throw FixtureError(place: base, reason: FixtureFolder.failure()) }
    return made
  }

  /// Runs a program of the search path and waits for it; nil if it could not be run to its end.
  private static func run(_ words: [String]) -> Int32? {
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var child = pid_t()
    guard unsafe posix_spawnp(&child, words[0], nil, nil, &arguments, environ) == 0 else {
      return nil
    }
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return nil }
    }
    let hasExited = status & 0x7f == 0
    return hasExited ? (status >> 8) & 0xff : nil
  }
}
