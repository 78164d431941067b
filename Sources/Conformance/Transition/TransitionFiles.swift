import Glibc
import JSON
import Primitives

/// The transition tool's files.
public enum TransitionFiles {
  /// The document at a path; `/dev/stdin` is one too.
  ///
  /// - Throws: `TransitionError` of the kinds `file` and `json`.
  public static func json(_ path: String, called name: String) throws(TransitionError) -> JSON {
    let bytes: Bytes
    do throws(FixtureError) {
      bytes = try FixtureFolder.read(path, limitInBytes: FixtureFile.sizeLimitInBytes)
    } catch {
      throw TransitionError(.file, "failed reading \(name) file \(path): \(error.reason)")
    }
    do throws(JSONError) { return try JSON.parse(bytes, limits: FixtureFile.limits) } catch {
      throw TransitionError(
        .json, "failed unmarshalling \(name) file \(path): \(error.description)")
    }
  }

  /// The bytes that a JSON text spells in hexadecimal.
  ///
  /// - Throws: `TransitionError` of the kind `json`.
  public static func bytes(_ json: JSON, called name: String) throws(TransitionError) -> Bytes {
    try reading(name) { () throws(FixtureError) in try Fixture(json).bytes() }
  }

  /// Writes a document for people to read.
  ///
  /// - Throws: `TransitionError` of the kind `file`.
  public static func write(_ json: JSON, to path: String) throws(TransitionError) {
    let file = try OutputFile(path)
    file.write(String(decoding: json.serializedForPeople(), as: UTF8.self))
    try file.close()
  }

  /// Makes a folder, and those above it, where they are missing.
  ///
  /// - Throws: `TransitionError` of the kind `file`.
  public static func makeFolder(_ path: String) throws(TransitionError) {
    var partial = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      partial += (partial.isEmpty || partial.hasSuffix("/") ? "" : "/") + part
      if unsafe mkdir(partial, 0o755) != 0, errno != EEXIST {
        throw TransitionError(
          .file, "failed creating output basedir \(partial): \(FixtureFolder.failure())")
      }
    }
  }

  /// A name in a folder; an empty folder is the one that the tool runs in.
  public static func path(_ name: String, in folder: String) -> String {
    folder.isEmpty || name.hasPrefix("/")
      ? name : folder + (folder.hasSuffix("/") ? "" : "/") + name
  }
}

/// A file that is written from its beginning, a large piece at a time.
final class OutputFile {
  private let path: String
  private var descriptor: Int32
  private var waiting: Bytes = []
  private var failure: TransitionError?

  private static var pieceInBytes: Int { 1 << 18 }

  init(_ path: String) throws(TransitionError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw Self.failed(path) }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  func write(_ text: String) {
    waiting += text.utf8
    if waiting.count >= Self.pieceInBytes { empty() }
  }

  /// Writes what is left; throws what went wrong since the beginning.
  func close() throws(TransitionError) {
    empty()
    let open = descriptor
    descriptor = -1
    if open >= 0, Glibc.close(open) != 0, failure == nil { failure = Self.failed(path) }
    if let failure { throw failure }
  }

  private func empty() {
    var rest = waiting[...]
    waiting = []
    while !rest.isEmpty, failure == nil {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        failure = Self.failed(path)
      }
    }
  }

  private static func failed(_ path: String) -> TransitionError {
    TransitionError(.file, "failed writing output \(path): \(FixtureFolder.failure())")
  }
}
