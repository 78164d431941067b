import JSON
import Primitives

/// The part of YAML in which c-kzg writes its tests: mappings of plain or quoted words, of which
/// one may hold another by indentation.
enum FlatYAML {
  static func document(_ bytes: Bytes) throws(FixtureError) -> Fixture {
    var top = JSONObject()
    var inner: (name: String, members: JSONObject)?
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    for (number, line) in lines.enumerated() {
      let isInner = line.hasPrefix("  ")
      let words = line.drop { $0 == " " }.split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.count == 2, isInner == false || inner != nil else {
        throw FixtureError(place: "line \(number + 1)", reason: "expected \"name: value\"")
      }
      let name = String(words[0])
      let value = scalar(words[1])
      if isInner {
        inner?.members[name] = value ?? .null
        continue
      }
      if let ended = inner { top[ended.name] = .object(ended.members) }
      inner = value == nil ? (name, JSONObject()) : nil
      if let value { top[name] = value }
    }
    if let ended = inner { top[ended.name] = .object(ended.members) }
    return Fixture(.object(top))
  }

  /// A word; nil where the line ends.
  private static func scalar(_ text: Substring) -> JSON? {
    let word = text.drop { $0 == " " }
    switch word {
    case "": return nil
    case "true": return true
    case "false": return false
    case "null", "~": return .null
    default:
      let quote = word.first
      let isQuoted = word.count >= 2 && (quote == "'" || quote == "\"") && word.last == quote
      return .string(String(isQuoted ? word.dropFirst().dropLast() : word))
    }
  }
}
