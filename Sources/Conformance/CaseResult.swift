/// What became of one case of a fixture file.
public struct CaseResult: Hashable, Sendable {
  /// The file, as it was named or found.
  public var file: String
  /// The case's name in the file; empty when the file as a whole could not be used.
  public var name: String
  /// The rules under which it ran; empty where there are none.
  public var fork: String
  /// How it ended.
  public var verdict: Verdict

  /// The result of a case.
  public init(file: String = "", name: String, fork: String = "", verdict: Verdict) {
    self.file = file
    self.name = name
    self.fork = fork
    self.verdict = verdict
  }
}

/// How a case ended.
public enum Verdict: Hashable, Sendable {
  /// As the file says.
  case passed
  /// Otherwise.
  case failed(Difference)
  /// It was not run, for this reason.
  case skipped(String)

  /// Passed if both are equal, otherwise failed in this field.
  static func compare(_ field: String, _ expected: String, _ got: String) -> Verdict {
    expected.utf8.elementsEqual(got.utf8)
      ? .passed : .failed(Difference(field, expected: expected, got: got))
  }

  /// Failed because the file is not what it should be.
  static func malformed(_ error: FixtureError) -> Verdict {
    .failed(Difference("fixture", expected: "a well-formed case", got: error.description))
  }
}

/// The first field in which a case ended otherwise than it should.
public struct Difference: Hashable, Sendable {
  /// The field.
  public var field: String
  /// What the file says.
  public var expected: String
  /// What came out.
  public var got: String

  /// A difference in that field.
  public init(_ field: String, expected: String, got: String) {
    self.field = field
    self.expected = expected
    self.got = got
  }
}

/// How many cases ended how.
public struct Tally: Hashable, Sendable {
  /// Cases that ended as the file says.
  public var passed = 0
  /// Cases that did not.
  public var failed = 0
  /// Cases that were not run.
  public var skipped = 0

  /// No case yet.
  public init() {}

  /// Counts one more case.
  public mutating func add(_ verdict: Verdict) {
    switch verdict {
    case .passed: passed += 1
    case .failed: failed += 1
    case .skipped: skipped += 1
    }
  }

  /// Whether cases were run and none failed.
  public var isGood: Bool { failed == 0 && passed > 0 }

  /// The counts in words, as the last line of a run says them.
  public var text: String { "\(passed) passed, \(failed) failed, \(skipped) skipped" }
}
