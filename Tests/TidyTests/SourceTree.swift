import Foundation
import TestSupport

/// The project's own files, as the tidy tests read them.
struct SourceTree {
  /// One Swift file.
  struct File {
    /// The path below the root.
    let path: String
    /// The module: the folder below Sources, or below Tests.
    let module: String
    let lines: [Substring]

    /// The modules that the file imports.
    var imports: [String] {
      lines.compactMap { line in
        let words = line.split(separator: " ")
        guard words.first == "import", words.count == 2 else { return nil }
        return String(words[1])
      }
    }
  }

  /// The Swift files below a folder of the root, sorted by path.
  static func files(in folder: String) throws -> [File] {
    let base = Project.root.appending(path: folder)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: base.path).sorted()
    return try paths.filter { $0.hasSuffix(".swift") }.map { path in
      let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
      return File(
        path: folder + "/" + path, module: String(path.prefix { $0 != "/" }),
        lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
  }

  /// What Package.swift allows each module to import, read from its `module("Name", on: …)` lines.
  static func declaredDependencies() throws -> [String: Set<String>] {
    let text = try String(
      contentsOf: Project.root.appending(path: "Package.swift"), encoding: .utf8)
    var declared: [String: Set<String>] = [:]
    for call in text.matches(of: /(?:module|executable|kernels)\(\s*("[^)]*)\)/) {
      let names = call.1.matches(of: /"([\w\-]+)"/).map { String($0.1) }
      guard let name = names.first else { continue }
      declared[name] = Set(names.dropFirst())
    }
    return declared
  }

  /// The system libraries' modules that Package.swift declares.
  static func systemModules() throws -> Set<String> {
    let text = try String(
      contentsOf: Project.root.appending(path: "Package.swift"), encoding: .utf8)
    return Set(text.matches(of: /system\("(\w+)"/).map { String($0.1) })
  }
}
