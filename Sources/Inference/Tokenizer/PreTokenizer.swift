/// Splits text into the pieces within which byte-pair merges may happen.
///
/// Published tokenizers state the split as a regular expression. The few that matter are written
/// out as scanners here: no regular-expression engine runs over a stranger's text, and time is
/// linear. Any other expression is refused at loading.
package enum PreTokenizer: Sendable, Hashable {
  /// GPT-2's expression.
  case gpt2
  /// Llama 3's and Qwen 2's expressions, which take up to so many digits at a time (3 and 1).
  case llama3(digitLimit: Int)

  /// The scanner for a regular expression, if it is a known one.
  init?(expression: String) {
    // Compared byte for byte.
    let bytes = Array(expression.utf8)
    if bytes == Array(Self.gpt2Expression.utf8) {
      self = .gpt2
    } else if bytes == Array(Self.llama3Expression(digits: "\\p{N}{1,3}").utf8) {
      self = .llama3(digitLimit: 3)
    } else if bytes == Array(Self.llama3Expression(digits: "\\p{N}").utf8) {
      self = .llama3(digitLimit: 1)
    } else {
      return nil
    }
  }

  private static let gpt2Expression =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

  private static func llama3Expression(digits: String) -> String {
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" + digits
      + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
  }

  /// The pieces of the text in order; together they are the text.
  func pieces(of scalars: [Unicode.Scalar]) -> [Range<Int>] {
    let scan = Scan(scalars)
    var pieces: [Range<Int>] = []
    var start = 0
    while start < scalars.count {
      let end =
        switch self {
        case .gpt2: scan.gpt2Piece(from: start)
        case .llama3(let digitLimit): scan.llama3Piece(from: start, digitLimit: digitLimit)
        }
      pieces.append(start..<end)
      start = end
    }
    return pieces
  }
}

/// A text with the class of each of its scalars.
private struct Scan {
  private enum Class {
    case letter, number, space, lineBreak, other
  }

  private let scalars: [Unicode.Scalar]
  private let classes: [Class]

  init(_ scalars: [Unicode.Scalar]) {
    self.scalars = scalars
    classes = scalars.map(Self.classify)
  }

  private static func classify(_ scalar: Unicode.Scalar) -> Class {
    if scalar == "\n" || scalar == "\r" { return .lineBreak }
    if scalar.properties.isWhitespace { return .space }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }

  func gpt2Piece(from start: Int) -> Int {
    if let end = contraction(from: start, ignoringCase: false) { return end }
    let first = scalars[start] == " " ? start + 1 : start
    if first < classes.count {
      switch classes[first] {
      case .letter: return run(of: .letter, from: first)
      case .number: return run(of: .number, from: first)
      case .other: return run(of: .other, from: first)
      case .space, .lineBreak: break
      }
    }
    return whiteSpace(from: start)
  }

  func llama3Piece(from start: Int, digitLimit: Int) -> Int {
    if let end = contraction(from: start, ignoringCase: true) { return end }
    let next = start + 1
    switch classes[start] {
    case .letter: return run(of: .letter, from: start)
    case .number: return run(of: .number, from: start, limit: digitLimit)
    case .space, .other:
      if next < classes.count, classes[next] == .letter { return run(of: .letter, from: next) }
    case .lineBreak: break
    }
    let first = scalars[start] == " " ? next : start
    if first < classes.count, classes[first] == .other {
      return run(of: .lineBreak, from: run(of: .other, from: first))
    }
    return lineBreaks(from: start) ?? whiteSpace(from: start)
  }

  private func run(of kind: Class, from start: Int, limit: Int = .max) -> Int {
    var end = start
    while end < classes.count, classes[end] == kind, end - start < limit { end += 1 }
    return end
  }

  private func whiteSpaceEnd(from start: Int) -> Int {
    var end = start
    while end < classes.count, classes[end] == .space || classes[end] == .lineBreak { end += 1 }
    return end
  }

  /// `\s*[\r\n]+`: white space up to and with the last line break of its run.
  private func lineBreaks(from start: Int) -> Int? {
    var end = whiteSpaceEnd(from: start)
    while end > start, classes[end - 1] != .lineBreak { end -= 1 }
    return end > start ? end : nil
  }

  /// `\s+(?!\S)|\s+`: white space, but its last scalar belongs to the word that follows.
  private func whiteSpace(from start: Int) -> Int {
    let end = whiteSpaceEnd(from: start)
    return end == classes.count || end - start <= 1 ? end : end - 1
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`; without case also the long s, which folds to s.
  private func contraction(from start: Int, ignoringCase: Bool) -> Int? {
    guard scalars[start] == "'" else { return nil }
    let first = letter(start + 1, ignoringCase)
    switch first {
    case "s", "t", "m", "d": return start + 2
    case "r", "v": return letter(start + 2, ignoringCase) == "e" ? start + 3 : nil
    case "l": return letter(start + 2, ignoringCase) == "l" ? start + 3 : nil
    default: return nil
    }
  }

  private func letter(_ index: Int, _ ignoringCase: Bool) -> Unicode.Scalar? {
    guard index < scalars.count else { return nil }
    let scalar = scalars[index]
    guard ignoringCase else { return scalar }
    if scalar == "\u{17F}" { return "s" }
    guard scalar.isASCII else { return scalar }
    return Unicode.Scalar(scalar.value | 0x20)
  }
}
