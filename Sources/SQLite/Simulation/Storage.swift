import Glibc

/// Where files are: on the machine's disk, or on a simulated one.
public enum Storage: Sendable {
  /// The machine's own files.
  case machine
  /// A disk in memory whose faults follow from a seed.
  case simulated(SimulatedDisk)

  /// SQLite's name for the way there; nil for its usual one.
  var vfsName: String? {
    switch self {
    case .machine: nil
    case .simulated(let disk): disk.name
    }
  }

  /// Whether there is something at a path.
  public func exists(_ path: String) -> Bool {
    switch self {
    case .machine: unsafe access(path, F_OK) == 0
    case .simulated(let disk): disk.exists(path)
    }
  }

  /// Removes a file, if it is there.
  public func remove(_ path: String) {
    switch self {
    case .machine: _ = unsafe unlink(path)
    case .simulated(let disk): _ = try? disk.remove(path)
    }
  }

  /// Gives a file a name that it then has durably, in the place of a file that has it.
  ///
  /// - Throws: `StorageFailure`.
  public func rename(_ path: String, to other: String) throws(StorageFailure) {
    switch self {
    case .machine:
      guard unsafe Glibc.rename(path, other) == 0 else { throw StorageFailure(call: "rename") }
      try syncFolder(of: other)
    case .simulated(let disk):
      do throws(DiskFault) {
        try disk.rename(path, to: other)
        try disk.syncNames()
      } catch {
        throw StorageFailure(detail: "rename: \(error)")
      }
    }
  }

  private func syncFolder(of path: String) throws(StorageFailure) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StorageFailure(call: "open") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StorageFailure(call: "fsync") }
  }
}

/// Why something could not be done with a file.
public struct StorageFailure: Error, Hashable, Sendable {
  /// The call that failed, and the operating system's words.
  public var detail: String

  init(detail: String) { self.detail = detail }

  init(call: String) {
    let words = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    detail = "\(call): \(words)"
  }
}

/// SQLite's extended codes of what fails with a file, which Swift does not import.
///
/// Source: https://www.sqlite.org/rescode.html
enum FileError {
  static let read = code(1)
  static let shortRead = code(2)
  static let write = code(3)
  static let sync = code(4)
  static let truncation = code(6)
  static let size = code(7)
  static let unlock = code(8)
  static let deletion = code(10)
  static let lock = code(15)
  static let sharedMemoryLock = code(20)
  static let sharedMemory = code(21)
  static let deletionOfNothing = code(23)

  private static func code(_ kind: Int32) -> Int32 { 10 | kind << 8 }
}
