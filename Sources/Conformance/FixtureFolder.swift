import FileSystem
import Glibc
import Primitives

/// Finds and reads fixture files: single ones, folders of them, and archives of folders.
///
/// Holds the folders into which archives were unpacked until `close()`.
public struct FixtureFolder {
  /// The files that were found, in the order of the paths and, below a path, of their names.
  public private(set) var files: [FixtureFile] = []
  private var unpacked: [String] = []

  private let endings: [String]

  /// Nothing found yet; in folders, files whose names end so are looked for.
  public init(endings: [String] = [".json"]) { self.endings = endings }

  /// Adds what is at `path`: a file, every fixture file of a folder, or of an archive.
  ///
  /// - Throws: `FixtureError` if there is nothing, or it cannot be read.
  public mutating func add(_ path: String) throws(FixtureError) {
    switch Self.kind(of: path) {
    case .none: throw FixtureError(place: path, reason: Self.failure())
    case .other: throw FixtureError(place: path, reason: "is neither a file nor a folder")
    case .folder: try add(folder: path, named: path, below: 0)
    case .file where Archive.isArchive(path):
      let folder = try Archive.unpack(path)
      unpacked.append(folder)
      try add(folder: folder, named: path + ":", below: 0)
    case .file: files.append(FixtureFile(name: path, path: path))
    }
  }

  /// Removes what archives were unpacked into.
  public mutating func close() {
    for folder in unpacked { TemporaryFolder.remove(folder) }
    unpacked = []
  }

  /// Folders are entered this deep at most.
  private static var depthLimit: Int { 64 }

  private mutating func add(
    folder: String, named name: String, below depth: Int
  ) throws(FixtureError) {
    guard depth < Self.depthLimit else {
      throw FixtureError(place: name, reason: "folders are nested too deep")
    }
    for entry in try Self.entries(of: folder) {
      let inner = folder + (folder.hasSuffix("/") ? "" : "/") + entry
      let innerName = name + (name.hasSuffix("/") || name.hasSuffix(":") ? "" : "/") + entry
      switch Self.kind(of: inner, followingLinks: false) {
      case .folder: try add(folder: inner, named: innerName, below: depth + 1)
      case .file where endings.contains(where: { entry.hasSuffix($0) }):
        files.append(FixtureFile(name: innerName, path: inner))
      default: break
      }
    }
  }

  // MARK: The file system

  private enum Kind {
    case none, file, folder, other
  }

  private static func kind(of path: String, followingLinks: Bool = true) -> Kind {
    var status = stat()
    let result =
      followingLinks ? unsafe stat(path, &status) : unsafe lstat(path, &status)
    guard result == 0 else { return .none }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .other
    }
  }

  private static func entries(of folder: String) throws(FixtureError) -> [String] {
    guard let handle = unsafe opendir(folder) else {
      throw FixtureError(place: folder, reason: failure())
    }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func read(_ path: String, limitInBytes: Int) throws(FixtureError) -> Bytes {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FixtureError(place: "", reason: failure()) }
    defer { Glibc.close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_size <= limitInBytes else {
      throw FixtureError(place: "", reason: "is longer than \(limitInBytes) bytes")
    }
    var bytes = Bytes()
    bytes.reserveCapacity(Int(status.st_size))
    var chunk = Bytes(repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw FixtureError(place: "", reason: failure()) }
      guard count > 0 else { return bytes }
      guard bytes.count + count <= limitInBytes else {
        throw FixtureError(place: "", reason: "is longer than \(limitInBytes) bytes")
      }
      bytes += chunk[..<count]
    }
  }

  static func failure() -> String {
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
  }
}
