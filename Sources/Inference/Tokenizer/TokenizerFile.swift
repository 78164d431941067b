import JSON
import Primitives

extension Tokenizer {
  /// The tokenizer that the bytes of a `tokenizer.json` describe.
  ///
  /// - Throws: `ModelError`: malformed, or asking for what we do not do.
  public static func parse(_ bytes: Bytes) throws(ModelError) -> Tokenizer {
    try TokenizerFile.tokenizer(bytes)
  }
}

/// Reads a `tokenizer.json` of Hugging Face tokenizers.
///
/// What a file asks for and we do not do is refused: a tokenizer that is nearly right gives wrong
/// tokens without saying so.
struct TokenizerFile {
  static let fileName = "tokenizer.json"
  static let limitInBytes = 64 << 20
  /// The highest token, plus one, that a file may name.
  static let vocabularyLimit = 1 << 22

  private let json: JSON

  /// The tokenizer that the bytes of a `tokenizer.json` describe.
  static func tokenizer(_ bytes: Bytes) throws(ModelError) -> Tokenizer {
    guard bytes.count <= limitInBytes else {
      throw .tooLarge(file: fileName, limitInBytes: limitInBytes)
    }
    return try TokenizerFile(json: try parseJSON(bytes, file: fileName)).tokenizer()
  }

  private func tokenizer() throws(ModelError) -> Tokenizer {
    guard let model = json["model"], let kind = model["type"]?.string else {
      throw malformed("no model with a type")
    }
    guard kind == "BPE" else { throw .unsupported(feature: "tokenizers of the kind \(kind)") }
    try checkOptions(model)
    let preTokenizer = try preTokenizer()
    let vocabulary = try vocabulary(model)
    let added = try addedTokens()
    let merges = try merges(model, vocabulary)
    var tokenBytes = [Bytes](repeating: [], count: try size(vocabulary, added))
    for (bytes, token) in vocabulary { tokenBytes[Int(token)] = bytes }
    for token in added { tokenBytes[token.token] = token.content }
    let longestFirst = added.sorted { $0.content.count > $1.content.count }
    let (prefix, suffix) = try specialTokensAround()
    return Tokenizer(
      merges: merges,
      preTokenizer: preTokenizer,
      normalization: try normalization(),
      tokenBytes: tokenBytes,
      wholePieces: model["ignore_merges"]?.bool == true ? vocabulary : nil,
      addedTokens: Dictionary(grouping: longestFirst) { $0.content[0] },
      specialTokens: Set(added.filter(\.isSpecial).map(\.token)),
      prefix: prefix,
      suffix: suffix)
  }

  private func checkOptions(_ model: JSON) throws(ModelError) {
    for name in ["dropout", "continuing_subword_prefix", "end_of_word_suffix", "unk_token"] {
      guard let value = model[name], !value.isNull, value.string != "" else { continue }
      throw .unsupported(feature: "\(name) in a tokenizer")
    }
    if model["byte_fallback"]?.bool == true {
      throw .unsupported(feature: "byte_fallback in a tokenizer")
    }
  }

  private func malformed(_ reason: String) -> ModelError {
    .malformed(file: Self.fileName, reason: reason)
  }
}

// MARK: Splitting

extension TokenizerFile {
  private func preTokenizer() throws(ModelError) -> PreTokenizer {
    guard let value = json["pre_tokenizer"], !value.isNull else {
      throw .unsupported(feature: "a tokenizer that is not byte-level")
    }
    let steps = value["type"]?.string == "Sequence" ? value["pretokenizers"]?.array ?? [] : [value]
    guard let byteLevel = steps.last, byteLevel["type"]?.string == "ByteLevel" else {
      throw .unsupported(feature: "a tokenizer that is not byte-level")
    }
    if byteLevel["add_prefix_space"]?.bool == true {
      throw .unsupported(feature: "add_prefix_space in a tokenizer")
    }
    let usesExpression = byteLevel["use_regex"]?.bool ?? true
    if steps.count == 1, usesExpression { return .gpt2 }
    guard steps.count == 2, !usesExpression, steps[0]["type"]?.string == "Split",
      steps[0]["behavior"]?.string == "Isolated", steps[0]["invert"]?.bool != true,
      let expression = steps[0]["pattern"]?["Regex"]?.string
    else {
      throw .unsupported(feature: "this combination of pre-tokenizers")
    }
    guard let known = PreTokenizer(expression: expression) else {
      throw .unsupported(feature: "the pre-tokenizer expression \(expression)")
    }
    return known
  }

  private func normalization() throws(ModelError) -> Tokenizer.Normalization {
    guard let value = json["normalizer"], !value.isNull else { return .none }
    guard value["type"]?.string == "NFC" else {
      throw .unsupported(feature: "the normalizer \(value["type"]?.string ?? "without type")")
    }
    return .composed
  }

  /// The special tokens before and behind a single text.
  private func specialTokensAround() throws(ModelError) -> (prefix: [Int], suffix: [Int]) {
    guard let value = json["post_processor"], !value.isNull else { return ([], []) }
    let steps = value["type"]?.string == "Sequence" ? value["processors"]?.array ?? [] : [value]
    var prefix: [Int] = []
    var suffix: [Int] = []
    for step in steps where step["type"]?.string != "ByteLevel" {
      guard step["type"]?.string == "TemplateProcessing", let single = step["single"]?.array else {
        throw .unsupported(feature: "the post-processor \(step["type"]?.string ?? "without type")")
      }
      var isBehind = false
      for part in single {
        if part["Sequence"] != nil {
          isBehind = true
          continue
        }
        guard let name = part["SpecialToken"]?["id"]?.string,
          let tokens = step["special_tokens"]?[name]?["ids"]?.array
        else { throw malformed("the post-processor names an unknown token") }
        for token in tokens {
          guard let token = token.int, (0..<Self.vocabularyLimit).contains(token) else {
            throw malformed("the post-processor names no token")
          }
          if isBehind { suffix.append(token) } else { prefix.append(token) }
        }
      }
    }
    return (prefix, suffix)
  }
}

// MARK: Vocabulary

extension TokenizerFile {
  private func vocabulary(_ model: JSON) throws(ModelError) -> [Bytes: Int32] {
    guard let object = model["vocab"]?.object else { throw malformed("no vocabulary") }
    var vocabulary: [Bytes: Int32] = [:]
    vocabulary.reserveCapacity(object.count)
    var seen = Set<Int>()
    for (text, value) in object {
      guard let token = value.int, (0..<Self.vocabularyLimit).contains(token) else {
        throw malformed("the entry \(text) has no token from 0 to \(Self.vocabularyLimit - 1)")
      }
      guard seen.insert(token).inserted else { throw malformed("token \(token) is there twice") }
      vocabulary[ByteAlphabet.bytes(of: text) ?? Bytes(text.utf8)] = Int32(token)
    }
    return vocabulary
  }

  private func addedTokens() throws(ModelError) -> [Tokenizer.AddedToken] {
    var added: [Tokenizer.AddedToken] = []
    for value in json["added_tokens"]?.array ?? [] {
      guard let token = value["id"]?.int, (0..<Self.vocabularyLimit).contains(token),
        let content = value["content"]?.string, !content.utf8.isEmpty
      else { throw malformed("an added token without number or content") }
      for option in ["single_word", "lstrip", "rstrip"] where value[option]?.bool == true {
        throw .unsupported(feature: "\(option) in an added token")
      }
      added.append(
        Tokenizer.AddedToken(
          token: token, content: Bytes(content.utf8), isSpecial: value["special"]?.bool ?? false))
    }
    return added
  }

  private func size(
    _ vocabulary: [Bytes: Int32], _ added: [Tokenizer.AddedToken]
  ) throws(ModelError) -> Int {
    let highest = max(vocabulary.values.max().map(Int.init) ?? -1, added.map(\.token).max() ?? -1)
    guard highest >= 0 else { throw malformed("an empty vocabulary") }
    return highest + 1
  }

  private func merges(
    _ model: JSON, _ vocabulary: [Bytes: Int32]
  ) throws(ModelError) -> BytePairMerges {
    guard let list = model["merges"]?.array else { throw malformed("no merges") }
    var byteTokens: [Int32] = []
    for byte in UInt8.min...UInt8.max {
      guard let token = vocabulary[[byte]] else {
        throw malformed("no token for the byte \(byte)")
      }
      byteTokens.append(token)
    }
    var pairs: [(left: Int32, right: Int32, joined: Int32)] = []
    pairs.reserveCapacity(list.count)
    for (rank, value) in list.enumerated() {
      guard let (left, right) = Self.sides(value), let leftToken = vocabulary[left],
        let rightToken = vocabulary[right], let joined = vocabulary[left + right]
      else { throw malformed("merge \(rank) is no pair of tokens that join to a token") }
      pairs.append((leftToken, rightToken, joined))
    }
    return BytePairMerges(byteTokens: byteTokens, pairs: pairs)
  }

  /// Both sides of a merge, written as `["a", "b"]` or, by older versions, as `"a b"`.
  private static func sides(_ value: JSON) -> (Bytes, Bytes)? {
    var texts: [String] = []
    if let array = value.array {
      texts = array.compactMap(\.string)
    } else if let text = value.string {
      texts = text.utf8.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    }
    guard texts.count == 2, let left = ByteAlphabet.bytes(of: texts[0]),
      let right = ByteAlphabet.bytes(of: texts[1])
    else { return nil }
    return (left, right)
  }
}

/// The printable characters by which a byte-level vocabulary writes bytes.
///
/// Printable bytes of Latin-1 stand for themselves, the others follow from U+0100 on.
/// Source: GPT-2, `encoder.py`, `bytes_to_unicode`.
enum ByteAlphabet {
  private static let byteOfScalar: [UInt32: UInt8] = {
    var table: [UInt32: UInt8] = [:]
    var next: UInt32 = 256
    for byte in UInt8.min...UInt8.max {
      switch byte {
      case 0x21...0x7e, 0xa1...0xac, 0xae...0xff: table[UInt32(byte)] = byte
      default:
        table[next] = byte
        next += 1
      }
    }
    return table
  }()

  /// The bytes that a vocabulary entry stands for, if it is written in the alphabet.
  static func bytes(of text: String) -> Bytes? {
    var bytes: Bytes = []
    for scalar in text.unicodeScalars {
      guard let byte = byteOfScalar[scalar.value] else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
