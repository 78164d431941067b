import JSON
import Primitives

/// A kind of conformance test: what makes cases of a file.
public protocol Suite: Sendable {
  /// Runs all cases of a document.
  ///
  /// `path` is where the document can be read, in an archive's folder too; kinds that look alike
  /// are told apart by it. What is wrong with a document is the result of a case, or of the file;
  /// it is never thrown further.
  func run(_ document: Fixture, path: String) throws(FixtureError) -> [CaseResult]

  /// Runs all cases of a file of a kind that is not JSON, or returns nil for another file.
  func run(raw file: FixtureFile) throws(FixtureError) -> [CaseResult]?
}

extension Suite {
  /// Every file is JSON, unless a suite says otherwise.
  public func run(raw file: FixtureFile) throws(FixtureError) -> [CaseResult]? { nil }

  /// Runs all cases of a file, whose failures as a whole count as one case without a name.
  public func run(file: FixtureFile) -> [CaseResult] {
    var results: [CaseResult]
    do throws(FixtureError) {
      if let special = try run(raw: file) {
        results = special
      } else {
        results = try run(try file.document(), path: file.path)
      }
      if results.isEmpty {
        throw FixtureError(place: "", reason: "has no cases")
      }
    } catch {
      results = [CaseResult(name: "", verdict: .malformed(error))]
    }
    for index in results.indices { results[index].file = file.name }
    return results
  }
}

/// A fixture file.
public struct FixtureFile: Hashable, Sendable {
  /// How it is named in results: its path, or the archive and the path inside it.
  public let name: String
  /// Where it can be read.
  public let path: String

  /// A file at `path`, named `name` in results.
  public init(name: String, path: String) {
    self.name = name
    self.path = path
  }

  /// Files longer than this are refused.
  static var sizeLimitInBytes: Int { 512 << 20 }

  /// What a document may hold: deeper ones are no fixtures.
  static let limits = JSONLimits(depth: 64, sizeInBytes: sizeLimitInBytes, valueCount: 1 << 26)

  /// The file as JSON.
  ///
  /// - Throws: `FixtureError` if it cannot be read, or is no JSON.
  public func document() throws(FixtureError) -> Fixture {
    let bytes = try FixtureFolder.read(path, limitInBytes: Self.sizeLimitInBytes)
    if name.hasSuffix(".yaml") { return try FlatYAML.document(bytes) }
    do throws(JSONError) {
      return Fixture(try JSON.parse(bytes, limits: Self.limits))
    } catch {
      throw FixtureError(place: "", reason: error.description)
    }
  }
}
