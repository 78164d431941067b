import Primitives

/// Turns text into tokens and back: byte-level byte-pair encoding as in Hugging Face tokenizers.
///
/// Any text can be encoded, and decoding gives it back, because every byte is a token.
public struct Tokenizer: Sendable {
  /// A token that stands for itself wherever its text appears, before anything else is looked at.
  struct AddedToken: Sendable {
    let token: Int
    let content: Bytes
    let isSpecial: Bool
  }

  /// What is done to text first.
  enum Normalization: Sendable {
    case none
    /// Canonical composition, Unicode's form C.
    case composed
  }

  let merges: BytePairMerges
  let preTokenizer: PreTokenizer
  let normalization: Normalization
  /// The bytes that each token stands for; a gap in the numbering has none.
  let tokenBytes: [Bytes]
  /// The whole pieces that are taken without merging, if the file says so.
  let wholePieces: [Bytes: Int32]?
  /// Added tokens by their first byte, the longest first.
  let addedTokens: [UInt8: [AddedToken]]
  let specialTokens: Set<Int>
  /// Special tokens that the tokenizer puts in front of and behind a text.
  let prefix: [Int]
  let suffix: [Int]

  /// One more than the highest token.
  public var vocabularySize: Int { tokenBytes.count }

  /// Whether a token is control rather than text.
  public func isSpecial(_ token: Int) -> Bool { specialTokens.contains(token) }

  /// The bytes that a token stands for, which need not be whole characters; none if unknown.
  public func bytes(of token: Int) -> Bytes {
    tokenBytes.indices.contains(token) ? tokenBytes[token] : []
  }

  /// The token of an added piece of text such as `<|user|>`, if there is one.
  public func addedToken(_ text: String) -> Int? {
    let bytes = Bytes(text.utf8)
    guard let first = bytes.first else { return nil }
    return addedTokens[first]?.first { $0.content == bytes }?.token
  }

  /// The tokens of a text.
  ///
  /// With `addsSpecialTokens`, those that the tokenizer puts around a text (such as the one for
  /// its beginning) are there too. Without `recognizesSpecialTokens`, text such as `<|eos|>` is
  /// encoded as plain characters, so that a stranger's text cannot pose as control.
  public func encode(
    _ text: String, addsSpecialTokens: Bool = true, recognizesSpecialTokens: Bool = true
  ) -> [Int] {
    var tokens = addsSpecialTokens ? prefix : []
    let bytes = Bytes(text.utf8)
    var plain = 0
    var position = 0
    while position < bytes.count {
      guard let added = addedToken(in: bytes, at: position, special: recognizesSpecialTokens)
      else {
        position += 1
        continue
      }
      encodePlain(bytes[plain..<position], into: &tokens)
      tokens.append(added.token)
      position += added.content.count
      plain = position
    }
    encodePlain(bytes[plain...], into: &tokens)
    return addsSpecialTokens ? tokens + suffix : tokens
  }

  private func addedToken(in bytes: Bytes, at position: Int, special: Bool) -> AddedToken? {
    addedTokens[bytes[position]]?.first { added in
      (special || !added.isSpecial) && bytes[position...].starts(with: added.content)
    }
  }

  private func encodePlain(_ bytes: ArraySlice<UInt8>, into tokens: inout [Int]) {
    guard !bytes.isEmpty else { return }
    let scalars = normalize(String(decoding: bytes, as: UTF8.self))
    for piece in preTokenizer.pieces(of: scalars) {
      let bytes = scalars[piece].flatMap { UTF8.encode($0).map(Array.init) ?? [] }
      if let whole = wholePieces?[bytes] {
        tokens.append(Int(whole))
      } else {
        tokens += merges.tokens(of: bytes).map(Int.init)
      }
    }
  }

  private func normalize(_ text: String) -> [Unicode.Scalar] {
    switch normalization {
    case .none: Array(text.unicodeScalars)
    case .composed: Array(canonicallyComposed(text))
    }
  }

  /// The text of tokens; bytes that are not UTF-8 become U+FFFD.
  public func decode(_ tokens: some Sequence<Int>, skipsSpecialTokens: Bool = true) -> String {
    var bytes: Bytes = []
    for token in tokens where !(skipsSpecialTokens && isSpecial(token)) {
      bytes += self.bytes(of: token)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
