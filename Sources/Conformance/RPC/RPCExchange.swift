import JSON

/// A case of the execution API's own tests: requests, and what each must be answered with.
///
/// A line `>> ` is sent, the line `<< ` after it is the answer, and the rest are comments, one of
/// which may be `speconly: …`: then answers need only have the same shape.
///
/// Source: https://github.com/ethereum/execution-apis, `tests/`.
public struct RPCExchange: Sendable {
  /// A request with its answer.
  public struct Round: Hashable, Sendable {
    /// The body to send, as it stands in the file.
    public var request: [UInt8]
    /// The answer that the file has.
    public var answer: JSON
  }

  /// The rounds in their order.
  public private(set) var rounds: [Round] = []
  /// Whether only the shape of answers counts.
  public private(set) var isShapeOnly = false

  /// Reads a file.
  ///
  /// - Throws: `FixtureError` if a line is none of the three kinds, or an answer is no JSON.
  public init(_ text: [UInt8]) throws(FixtureError) {
    var request: [UInt8]?
    for (index, slice) in text.split(separator: UInt8(ascii: "\n")).enumerated() {
      let line = Self.trimmed(slice)
      let place = "line \(index + 1)"
      if line.starts(with: ">> ".utf8) {
        guard request == nil else {
          throw FixtureError(place: place, reason: "a request follows one without an answer")
        }
        request = [UInt8](line.dropFirst(3))
      } else if line.starts(with: "<< ".utf8) {
        guard let sent = request else {
          throw FixtureError(place: place, reason: "an answer stands before its request")
        }
        rounds.append(Round(request: sent, answer: try Self.json(line.dropFirst(3), place)))
        request = nil
      } else if line.starts(with: "//".utf8) {
        let comment = String(decoding: line.dropFirst(2), as: UTF8.self)
        if comment.drop(while: { $0 == " " }).hasPrefix("speconly") { isShapeOnly = true }
      } else if !line.isEmpty {
        throw FixtureError(place: place, reason: "is no request, answer or comment")
      }
    }
    guard request == nil, !rounds.isEmpty else {
      throw FixtureError(place: "", reason: "does not end with an answer")
    }
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let blanks: [UInt8] = [0x20, 0x09, 0x0d]
    var line = line.drop { blanks.contains($0) }
    while let last = line.last, blanks.contains(last) { line = line.dropLast() }
    return line
  }

  private static func json(
    _ text: ArraySlice<UInt8>, _ place: String
  ) throws(FixtureError) -> JSON {
    do throws(JSONError) {
      return try JSON.parse([UInt8](text), limits: FixtureFile.limits)
    } catch {
      throw FixtureError(place: place, reason: error.description)
    }
  }

  /// Judges what a server answered in a round; passed, or the first difference.
  ///
  /// Of two errors the codes must be the same; the words are each client's own.
  public func judge(_ round: Round, _ body: [UInt8]) -> Verdict {
    let got: JSON
    do throws(JSONError) {
      got = try JSON.parse(body, limits: FixtureFile.limits)
    } catch {
      return .failed(Difference("answer", expected: "JSON", got: error.description))
    }
    if let expected = round.answer["error"], let error = got["error"] {
      return JSONComparison(isShapeOnly: false).verdict(
        "error.code", expected["code"] ?? .null, error["code"] ?? .null)
    }
    if round.answer["error"] == nil, let error = got["error"] {
      return .failed(
        Difference(
          "error", expected: "none", got: String(decoding: error.serialized(), as: UTF8.self)))
    }
    return JSONComparison(isShapeOnly: isShapeOnly).verdict("", round.answer, got)
  }
}

/// Compares two values, or only their shapes.
struct JSONComparison {
  let isShapeOnly: Bool

  /// Passed, or the first difference below `path`.
  func verdict(_ path: String, _ expected: JSON, _ got: JSON) -> Verdict {
    switch (expected, got) {
    case (.object(let expected), .object(let got)):
      return members(path, expected, got)
    case (.array(let expected), .array(let got)):
      return elements(path, expected, got)
    case (.number(let expected), .number(let got)):
      if isShapeOnly || expected.text == got.text || expected.double == got.double {
        return .passed
      }
    default:
      if isShapeOnly ? expected.kind == got.kind : expected == got { return .passed }
    }
    return .failed(Difference(path, expected: Self.excerpt(expected), got: Self.excerpt(got)))
  }

  /// Members that the specification lets a server leave out: one that deletes nothing has no way of
  /// doing it.
  private static let optionalMembers: Set<String> = ["deleteStrategy"]

  private func members(_ path: String, _ expected: JSONObject, _ got: JSONObject) -> Verdict {
    let isMap = isShapeOnly && expected.keys.contains(where: Self.isName)
    for (key, value) in expected {
      let inner = path.isEmpty ? key : path + "." + key
      guard let other = got[key] else {
        // What a map holds depends on what else was asked of the server before.
        if isMap || isShapeOnly && Self.optionalMembers.contains(key) { continue }
        return .failed(Difference(inner, expected: Self.excerpt(value), got: "nothing"))
      }
      let verdict = verdict(inner, value, other)
      if verdict != .passed { return verdict }
    }
    guard !isShapeOnly else { return .passed }
    for (key, value) in got where expected[key] == nil {
      let inner = path.isEmpty ? key : path + "." + key
      return .failed(Difference(inner, expected: "nothing", got: Self.excerpt(value)))
    }
    return .passed
  }

  private func elements(_ path: String, _ expected: [JSON], _ got: [JSON]) -> Verdict {
    for (index, (left, right)) in zip(expected, got).enumerated() {
      let verdict = verdict("\(path)[\(index)]", left, right)
      if verdict != .passed { return verdict }
    }
    if isShapeOnly || expected.count == got.count { return .passed }
    return .failed(
      Difference(
        path + ".count", expected: String(expected.count), got: String(got.count)))
  }

  /// Whether a key names one of many things, an address, hash or number, and not a field.
  private static func isName(_ key: String) -> Bool {
    key.utf8.starts(with: "0x".utf8) || UInt64(key) != nil
  }

  private static func excerpt(_ json: JSON) -> String {
    String(decoding: json.serialized(), as: UTF8.self)
  }
}
