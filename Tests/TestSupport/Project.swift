import Foundation

/// Where the project's own files and other projects' test vectors are.
public enum Project {
  /// The folder that holds Package.swift.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().standardized

  /// Cases of our own, which every clone has.
  public static let ownVectors = root.appending(path: "Tests/Vectors")

  /// Other projects' vectors; the folder may be missing.
  ///
  /// They are where `OPAL_VECTORS` says, else beside the checkout, else in the cache that
  /// `tools/vectors` fills.
  public static let vectors: URL = {
    let environment = ProcessInfo.processInfo.environment
    if let given = environment["OPAL_VECTORS"] { return URL(filePath: given) }
    let beside = root.appending(path: "../shared/vectors").standardized
    if FileManager.default.fileExists(atPath: beside.path) { return beside }
    let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
    return URL(filePath: cache).appending(path: "opal/vectors")
  }()

  /// Whether a file or folder is among other projects' vectors.
  public static func hasVectors(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: vectors.appending(path: path).path)
  }
}
