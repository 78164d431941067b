import Foundation
import Testing

/// Properties of the source itself, checked like any other.
@Suite struct TidyTests {
  /// The floors that are run again inside the proof machine.
  private let core: Set = [
    "Primitives", "Cryptography", "Pairings", "Trie", "EVM", "Execution", "Blobs", "Derivation",
    "FaultProof",
  ]
  /// The floors that may know a clock, a task or a file.
  private let edge: Set = [
    "SQLite", "EventLog", "Views", "HTTP", "Node", "RPC", "opal", "opal-bench",
  ]

  @Test("a file imports only what its module's line in Package.swift names")
  func floors() throws {
    let declared = try SourceTree.declaredDependencies()
    let known = Set(declared.keys).union(try SourceTree.systemModules())
    #expect(declared.count > 10)
    for file in try SourceTree.files(in: "Sources") {
      let allowed = try #require(declared[file.module], "\(file.path) has no line")
      for imported in file.imports where known.contains(imported) {
        #expect(allowed.contains(imported), "\(file.path) reaches for \(imported)")
      }
    }
  }

  @Test("every module that Package.swift names has sources and tests")
  func mirrored() throws {
    let sources = Set(try SourceTree.files(in: "Sources").map(\.module))
    let tests = Set(try SourceTree.files(in: "Tests").map(\.module))
    for module in try SourceTree.declaredDependencies().keys.sorted() {
      #expect(sources.contains(module), "\(module) has no sources")
      guard !["opal", "opal-bench"].contains(module) else { continue }
      #expect(tests.contains(module + "Tests"), "\(module) has no tests")
    }
  }

  @Test("files stay short enough to read in one sitting", arguments: ["Sources", "Tests"])
  func fileLengths(folder: String) throws {
    for file in try SourceTree.files(in: folder) {
      #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test("functions fit a screen")
  func functionLengths() throws {
    // One loop over all opcodes and one unrolled permutation are what makes them fast.
    let exceptions: Set = ["KeccakPermutation.swift", "Interpreter.swift", "InterpreterLoop.swift"]
    for file in try SourceTree.files(in: "Sources") {
      guard !exceptions.contains(String(file.path.split(separator: "/").last ?? "")) else {
        continue
      }
      for (name, length) in functions(in: file) {
        #expect(length <= 70, "\(file.path): \(name) has \(length) lines")
      }
    }
  }

  @Test("the core knows no library, clock, chance, task, file or reflection")
  func purity() throws {
    let banned = [
      "import Foundation", "import Glibc", "import Dispatch", "actor ",
      "Task {", "async ", ".random(", "ContinuousClock", "Codable", "Mirror(", "print(",
    ]
    for file in try SourceTree.files(in: "Sources") where core.contains(file.module) {
      // The stack of the virtual machine is read through atomics, which embedded Swift has too.
      let mayReadAtomically = file.path.hasSuffix("EVM/Interpreter/Registers.swift")
      for (number, line) in file.lines.enumerated() where !isComment(line) {
        for word in banned where !(mayReadAtomically && word == "import Synchronization") {
          #expect(!line.contains(word), "\(file.path):\(number + 1): \(word)")
        }
      }
    }
  }

  @Test("only the edge knows a clock, chance or a file")
  func edgeAlone() throws {
    let banned = ["ContinuousClock", "SystemRandomNumberGenerator", "clock_gettime", "time(nil)"]
    for file in try SourceTree.files(in: "Sources") where !edge.contains(file.module) {
      for (number, line) in file.lines.enumerated() where !isComment(line) {
        for word in banned {
          #expect(!line.contains(word), "\(file.path):\(number + 1): \(word)")
        }
      }
    }
  }

  @Test("nothing is left open or bound to one machine")
  func nothingLeftOpen() throws {
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "/wo" + "rk/", "fatalError(\"not"]
    for file in try SourceTree.files(in: "Sources") + SourceTree.files(in: "Tests") {
      for (number, line) in file.lines.enumerated() {
        for word in words {
          #expect(!line.contains(word), "\(file.path):\(number + 1): \(word)")
        }
      }
    }
  }

  private func isComment(_ line: Substring) -> Bool {
    line.drop { $0 == " " }.hasPrefix("//")
  }

  /// The functions of a file with their lengths in lines, told by the braces' indentation.
  private func functions(in file: SourceTree.File) -> [(name: String, length: Int)] {
    var found: [(name: String, length: Int)] = []
    for (start, line) in file.lines.enumerated() where !isComment(line) {
      guard let match = line.firstMatch(of: /^( *)(?:[\w@()]+ )*func ([\w+\-*\/&|<>=!%^~]+)/)
      else { continue }
      let closing = String(match.1) + "}"
      let rest = file.lines[start...]
      guard !line.hasSuffix("}"), let end = rest.firstIndex(where: { $0 == closing }) else {
        continue
      }
      found.append((String(match.2), end - start + 1))
    }
    return found
  }
}
