import Primitives

/// How a word of Brotli's dictionary is changed before it is put out.
struct BrotliTransform {
  enum Kind {
    case identity
    case uppercaseFirst
    case uppercaseAll
    case omitFirst(Int)
    case omitLast(Int)
  }

  let prefix: StaticString
  let kind: Kind
  let suffix: StaticString

  init(_ prefix: StaticString, _ kind: Kind, _ suffix: StaticString) {
    self.prefix = prefix
    self.kind = kind
    self.suffix = suffix
  }

  /// The word with the change made.
  func apply(to word: ArraySlice<UInt8>) -> Bytes {
    var bytes = Self.bytes(prefix)
    let start = bytes.count
    switch kind {
    case .omitFirst(let count): bytes += word.dropFirst(count)
    case .omitLast(let count): bytes += word.dropLast(count)
    case .identity: bytes += word
    case .uppercaseFirst:
      bytes += word
      _ = Self.uppercase(&bytes, at: start)
    case .uppercaseAll:
      bytes += word
      var position = start
      while position < bytes.count { position += Self.uppercase(&bytes, at: position) }
    }
    return bytes + Self.bytes(suffix)
  }

  private static func bytes(_ text: StaticString) -> Bytes {
    text.withUTF8Buffer { buffer in unsafe Bytes(buffer) }
  }

  /// Changes a letter's case as the format has it, and gives the letter's length.
  private static func uppercase(_ bytes: inout Bytes, at position: Int) -> Int {
    let first = bytes[position]
    if first < 0xc0 {
      if first >= 97, first <= 122 { bytes[position] ^= 32 }
      return 1
    }
    if first < 0xe0 {
      if position + 1 < bytes.count { bytes[position + 1] ^= 32 }
      return 2
    }
    if position + 2 < bytes.count { bytes[position + 2] ^= 5 }
    return 3
  }

  /// The changes, by number.
  ///
  /// Source: RFC 7932, appendix B.
  static let all: [BrotliTransform] = [
    BrotliTransform("", .identity, ""),
    BrotliTransform("", .identity, " "),
    BrotliTransform(" ", .identity, " "),
    BrotliTransform("", .omitFirst(1), ""),
    BrotliTransform("", .uppercaseFirst, " "),
    BrotliTransform("", .identity, " the "),
    BrotliTransform(" ", .identity, ""),
    BrotliTransform("s ", .identity, " "),
    BrotliTransform("", .identity, " of "),
    BrotliTransform("", .uppercaseFirst, ""),
    BrotliTransform("", .identity, " and "),
    BrotliTransform("", .omitFirst(2), ""),
    BrotliTransform("", .omitLast(1), ""),
    BrotliTransform(", ", .identity, " "),
    BrotliTransform("", .identity, ", "),
    BrotliTransform(" ", .uppercaseFirst, " "),
    BrotliTransform("", .identity, " in "),
    BrotliTransform("", .identity, " to "),
    BrotliTransform("e ", .identity, " "),
    BrotliTransform("", .identity, "\""),
    BrotliTransform("", .identity, "."),
    BrotliTransform("", .identity, "\">"),
    BrotliTransform("", .identity, "\n"),
    BrotliTransform("", .omitLast(3), ""),
    BrotliTransform("", .identity, "]"),
    BrotliTransform("", .identity, " for "),
    BrotliTransform("", .omitFirst(3), ""),
    BrotliTransform("", .omitLast(2), ""),
    BrotliTransform("", .identity, " a "),
    BrotliTransform("", .identity, " that "),
    BrotliTransform(" ", .uppercaseFirst, ""),
    BrotliTransform("", .identity, ". "),
    BrotliTransform(".", .identity, ""),
    BrotliTransform(" ", .identity, ", "),
    BrotliTransform("", .omitFirst(4), ""),
    BrotliTransform("", .identity, " with "),
    BrotliTransform("", .identity, "'"),
    BrotliTransform("", .identity, " from "),
    BrotliTransform("", .identity, " by "),
    BrotliTransform("", .omitFirst(5), ""),
    BrotliTransform("", .omitFirst(6), ""),
    BrotliTransform(" the ", .identity, ""),
    BrotliTransform("", .omitLast(4), ""),
    BrotliTransform("", .identity, ". The "),
    BrotliTransform("", .uppercaseAll, ""),
    BrotliTransform("", .identity, " on "),
    BrotliTransform("", .identity, " as "),
    BrotliTransform("", .identity, " is "),
    BrotliTransform("", .omitLast(7), ""),
    BrotliTransform("", .omitLast(1), "ing "),
    BrotliTransform("", .identity, "\n\t"),
    BrotliTransform("", .identity, ":"),
    BrotliTransform(" ", .identity, ". "),
    BrotliTransform("", .identity, "ed "),
    BrotliTransform("", .omitFirst(9), ""),
    BrotliTransform("", .omitFirst(7), ""),
    BrotliTransform("", .omitLast(6), ""),
    BrotliTransform("", .identity, "("),
    BrotliTransform("", .uppercaseFirst, ", "),
    BrotliTransform("", .omitLast(8), ""),
    BrotliTransform("", .identity, " at "),
    BrotliTransform("", .identity, "ly "),
    BrotliTransform(" the ", .identity, " of "),
    BrotliTransform("", .omitLast(5), ""),
    BrotliTransform("", .omitLast(9), ""),
    BrotliTransform(" ", .uppercaseFirst, ", "),
    BrotliTransform("", .uppercaseFirst, "\""),
    BrotliTransform(".", .identity, "("),
    BrotliTransform("", .uppercaseAll, " "),
    BrotliTransform("", .uppercaseFirst, "\">"),
    BrotliTransform("", .identity, "=\""),
    BrotliTransform(" ", .identity, "."),
    BrotliTransform(".com/", .identity, ""),
    BrotliTransform(" the ", .identity, " of the "),
    BrotliTransform("", .uppercaseFirst, "'"),
    BrotliTransform("", .identity, ". This "),
    BrotliTransform("", .identity, ","),
    BrotliTransform(".", .identity, " "),
    BrotliTransform("", .uppercaseFirst, "("),
    BrotliTransform("", .uppercaseFirst, "."),
    BrotliTransform("", .identity, " not "),
    BrotliTransform(" ", .identity, "=\""),
    BrotliTransform("", .identity, "er "),
    BrotliTransform(" ", .uppercaseAll, " "),
    BrotliTransform("", .identity, "al "),
    BrotliTransform(" ", .uppercaseAll, ""),
    BrotliTransform("", .identity, "='"),
    BrotliTransform("", .uppercaseAll, "\""),
    BrotliTransform("", .uppercaseFirst, ". "),
    BrotliTransform(" ", .identity, "("),
    BrotliTransform("", .identity, "ful "),
    BrotliTransform(" ", .uppercaseFirst, ". "),
    BrotliTransform("", .identity, "ive "),
    BrotliTransform("", .identity, "less "),
    BrotliTransform("", .uppercaseAll, "'"),
    BrotliTransform("", .identity, "est "),
    BrotliTransform(" ", .uppercaseFirst, "."),
    BrotliTransform("", .uppercaseAll, "\">"),
    BrotliTransform(" ", .identity, "='"),
    BrotliTransform("", .uppercaseFirst, ","),
    BrotliTransform("", .identity, "ize "),
    BrotliTransform("", .uppercaseAll, "."),
    BrotliTransform("\u{a0}", .identity, ""),
    BrotliTransform(" ", .identity, ","),
    BrotliTransform("", .uppercaseFirst, "=\""),
    BrotliTransform("", .uppercaseAll, "=\""),
    BrotliTransform("", .identity, "ous "),
    BrotliTransform("", .uppercaseAll, ", "),
    BrotliTransform("", .uppercaseFirst, "='"),
    BrotliTransform(" ", .uppercaseFirst, ","),
    BrotliTransform(" ", .uppercaseAll, "=\""),
    BrotliTransform(" ", .uppercaseAll, ", "),
    BrotliTransform("", .uppercaseAll, ","),
    BrotliTransform("", .uppercaseAll, "("),
    BrotliTransform("", .uppercaseAll, ". "),
    BrotliTransform(" ", .uppercaseAll, "."),
    BrotliTransform("", .uppercaseAll, "='"),
    BrotliTransform(" ", .uppercaseAll, ". "),
    BrotliTransform(" ", .uppercaseFirst, "=\""),
    BrotliTransform(" ", .uppercaseAll, "='"),
    BrotliTransform(" ", .uppercaseFirst, "='"),
  ]
}
