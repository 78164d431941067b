import JSON
import Primitives

/// Every other kind of test file: recognised by its shape, and a failure where it is not.
public struct VectorTest: Suite {
  /// The suite.
  public init() {}

  /// Runs all cases of a document of any known kind.
  public func run(_ document: Fixture, path: String) throws(FixtureError) -> [CaseResult] {
    let shape = VectorShape(document, path: path)
    guard let kind = Self.kinds.first(where: { $0.recognises(shape) }) else {
      throw FixtureError(place: "", reason: "is no kind of test that is known here")
    }
    return try kind.run(document, path)
  }

  /// Runs files of points, which have endings of their own.
  public func run(raw file: FixtureFile) throws(FixtureError) -> [CaseResult]? {
    guard ReferenceStringVectors.endings.contains(where: { file.name.hasSuffix($0) }) else {
      return nil
    }
    return try ReferenceStringVectors.run(file)
  }

  /// The endings of the files that are looked for in folders.
  public static let endings = [".json", ".yaml"] + ReferenceStringVectors.endings

  /// The kinds that have commands of their own.
  enum OwnCommand {
    case state, block
  }

  /// That a document is of another kind than a command runs; nil if it is of no other known kind.
  static func resultOfAnotherKind(_ document: Fixture, than own: OwnCommand) -> CaseResult? {
    let shape = VectorShape(document, path: "")
    let isOwn = own == .state ? shape.isStateTest : shape.isBlockTest
    guard !isOwn, kinds.contains(where: { $0.recognises(shape) }) else { return nil }
    return CaseResult(
      name: "", verdict: .skipped("is a test of another kind, which opal vectortest runs"))
  }

  /// The kinds; the first that recognises a document runs it.
  private static let kinds: [VectorKind] =
    tracerVectors + rollupVectors + transitionVectors + machineVectors + encodingVectors
    + cryptographyVectors
    + chainVectors + ethersVectors + dataAvailabilityVectors
}

/// A kind of test file.
struct VectorKind: Sendable {
  /// Whether a document is of this kind.
  let recognises: @Sendable (VectorShape) -> Bool
  /// Runs all its cases.
  let run: @Sendable (Fixture, String) throws(FixtureError) -> [CaseResult]

  /// A kind whose documents are runs of like cases.
  init(
    _ recognises: @escaping @Sendable (VectorShape) -> Bool,
    eachCase body: @escaping @Sendable (Fixture) throws(FixtureError) -> Verdict
  ) {
    self.recognises = recognises
    run = { document, _ throws(FixtureError) in try document.cases(body) }
  }

  /// A kind whose documents are like no other.
  init(
    _ recognises: @escaping @Sendable (VectorShape) -> Bool,
    document run: @escaping @Sendable (Fixture, String) throws(FixtureError) -> [CaseResult]
  ) {
    self.recognises = recognises
    self.run = run
  }
}

/// What a kind is recognised by: the members of the document and of its first case.
struct VectorShape: Sendable {
  /// The members of the document, if it is an object.
  let members: Set<String>
  /// The members of its first case, if that is an object.
  let caseMembers: Set<String>
  /// The members of the first member of the first case that is not `_info`.
  let innerMembers: Set<String>
  /// The last part of the file's path, without `.json`.
  let name: String

  init(_ document: Fixture, path: String) {
    members = Set(document.json.object?.keys ?? [])
    let first = Self.first(document.json)
    caseMembers = Set(first?.object?.keys ?? [])
    innerMembers = Set(first.flatMap { Self.first($0) }?.object?.keys ?? [])
    let file = path.split(separator: "/").last.map { String($0) } ?? path
    name = file.hasSuffix(".json") ? String(file.dropLast(5)) : file
  }

  /// The first case: tests begin with `_info` at times.
  private static func first(_ json: JSON) -> JSON? {
    switch json {
    case .array(let elements): elements.first
    case .object(let members): members.first { $0.key != "_info" && $0.key != "_comment" }?.value
    default: nil
    }
  }

  /// Whether the first case has all these members.
  func has(_ names: String...) -> Bool { caseMembers.isSuperset(of: names) }

  /// Whether the first case is a state test.
  var isStateTest: Bool { has("transaction", "pre", "post") }

  /// Whether the first case is a blockchain test.
  var isBlockTest: Bool { has("blocks", "pre", "network") }

  /// Whether the document has all these members.
  func isDocument(of names: String...) -> Bool { members.isSuperset(of: names) }
}

extension Fixture {
  /// Runs each member of an object or element of an array as a case by itself.
  func cases(
    _ body: (Fixture) throws(FixtureError) -> Verdict
  ) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for (name, test) in try namedCases() {
      var verdict: Verdict
      do throws(FixtureError) { verdict = try body(test) } catch { verdict = .malformed(error) }
      results.append(CaseResult(name: name, verdict: verdict))
    }
    return results
  }

  private func namedCases() throws(FixtureError) -> [(name: String, value: Fixture)] {
    guard json.array != nil else {
      return try members().filter { $0.name != "_info" && $0.name != "_comment" }
    }
    var cases: [(name: String, value: Fixture)] = []
    for (index, element) in try elements().enumerated() {
      let name = element.json["name"]?.string ?? element.json["Name"]?.string
      cases.append((name ?? String(index), element))
    }
    return cases
  }
}

extension Verdict {
  /// Passed if both are the same bytes.
  static func compare(_ field: String, _ expected: Bytes, _ got: Bytes) -> Verdict {
    if expected == got { return .passed }
    return .failed(
      Difference(
        field, expected: Hexadecimal.encodePrefixed(expected),
        got: Hexadecimal.encodePrefixed(got)))
  }

  /// The first of these that is not passed, or passed.
  static func all(_ verdicts: Verdict...) -> Verdict {
    verdicts.first { $0 != .passed } ?? .passed
  }

  /// Passed if the condition holds.
  static func check(_ field: String, _ expected: Bool, _ got: Bool) -> Verdict {
    compare(field, expected ? "valid" : "invalid", got ? "valid" : "invalid")
  }
}
