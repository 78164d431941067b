import Inference
import JSON
import Primitives
import Testing

/// Tokenizers against Hugging Face tokenizers, token for token.
@Suite struct TokenizerTests {
  static func load(_ name: String) throws -> Tokenizer {
    try Tokenizer.parse(readFile(path(name, "tokenizer.json"), limitInBytes: 1 << 20))
  }

  static func path(_ name: String, _ file: String) -> String {
    "\(Fixtures.root)/Tests/Vectors/inference/tokenizers/\(name)/\(file)"
  }

  static func vectors(_ name: String) throws -> [JSON] {
    let bytes = try readFile(path(name, "vectors.json"), limitInBytes: 1 << 20)
    return try #require(JSON.parse(bytes)["vectors"]?.array)
  }

  @Test("tokens and texts are the reference's", arguments: ["gpt2", "llama3", "qwen2"])
  func vectors(name: String) throws {
    let tokenizer = try Self.load(name)
    for vector in try Self.vectors(name) {
      let text = try #require(vector["text"]?.string)
      let tokens = try #require(vector["ids"]?.array).compactMap(\.int)
      let plain = try #require(vector["ids_no_special"]?.array).compactMap(\.int)
      #expect(tokenizer.encode(text) == tokens, "\(text)")
      #expect(tokenizer.encode(text, addsSpecialTokens: false) == plain, "\(text)")
      #expect(
        tokenizer.decode(plain, skipsSpecialTokens: false) == vector["decoded"]?.string)
      #expect(tokenizer.decode(tokens) == vector["decoded_skip_special"]?.string)
    }
  }

  @Test("text that streams is never half a character", arguments: ["gpt2", "llama3", "qwen2"])
  func streaming(name: String) throws {
    let tokenizer = try Self.load(name)
    for vector in try Self.vectors(name) {
      let tokens = try #require(vector["ids_no_special"]?.array).compactMap(\.int)
      var stream = TextStream(stop: [])
      var text = ""
      for token in tokens {
        let piece = stream.append(tokenizer.bytes(of: token)).text
        #expect(!piece.unicodeScalars.contains("\u{FFFD}"))
        text += piece
      }
      text += stream.finish()
      #expect(text == vector["decoded"]?.string)
    }
  }

  @Test("any text comes back from its tokens", arguments: ["gpt2", "llama3"])
  func roundTrip(name: String) throws {
    let tokenizer = try Self.load(name)
    var random = SeededNumbers(seed: 1)
    for _ in 0..<200 {
      let limits: [UInt32] = [0x80, 0x800, 0x11_0000]
      let scalars = (0..<random.next(below: 40)).compactMap { _ in
        Unicode.Scalar(random.next(below: limits[Int(random.next(below: 3))]))
      }
      let text = String(String.UnicodeScalarView(scalars))
      let tokens = tokenizer.encode(
        text, addsSpecialTokens: false, recognizesSpecialTokens: false)
      #expect(tokenizer.decode(tokens).utf8.elementsEqual(text.utf8))
    }
  }

  @Test("a mark in a stranger's text can be read as plain characters")
  func plainMarks() throws {
    let tokenizer = try Self.load("llama3")
    let text = "<|eos|>"
    #expect(tokenizer.encode(text) == [1, 2])
    let plain = tokenizer.encode(
      text, addsSpecialTokens: false, recognizesSpecialTokens: false)
    #expect(plain.count > 1)
    #expect(tokenizer.decode(plain) == text)
  }

  @Test("a long word takes little time")
  func longWord() throws {
    let tokenizer = try Self.load("gpt2")
    let text = String(repeating: "th", count: 20_000)
    #expect(tokenizer.decode(tokenizer.encode(text)) == text)
  }

  @Test("tokenizers of another kind are refused", arguments: ["llama2_sp_bpe", "unigram"])
  func refusedKinds(name: String) {
    #expect {
      try Self.load(name)
    } throws: { error in
      if case ModelError.unsupported = error { true } else { false }
    }
  }

  @Test(
    "a malformed tokenizer is refused with its reason",
    arguments: [
      "", "[]", "{}", "{\"model\":{}}", "{\"model\":{\"type\":\"BPE\"}}",
      """
      {"model":{"type":"BPE","vocab":{},"merges":[]},"pre_tokenizer":{"type":"ByteLevel"}}
      """,
      """
      {"model":{"type":"BPE","vocab":{"a":-1},"merges":[]},"pre_tokenizer":{"type":"ByteLevel"}}
      """,
      """
      {"model":{"type":"BPE","vocab":{"a":99999999999},"merges":[]},
       "pre_tokenizer":{"type":"ByteLevel"}}
      """,
      """
      {"model":{"type":"BPE","vocab":{"a":1,"b":1},"merges":["a"]},
       "pre_tokenizer":{"type":"ByteLevel"}}
      """,
    ])
  func malformed(text: String) {
    #expect(throws: ModelError.self) { try Tokenizer.parse(Bytes(text.utf8)) }
  }

  @Test("no byte changed in a tokenizer file makes reading it trap")
  func flippedBytes() throws {
    let bytes = try readFile(Self.path("gpt2", "tokenizer.json"), limitInBytes: 1 << 20)
    for step in 0..<40 {
      var damaged = bytes
      damaged[(step * 7919) % bytes.count] ^= UInt8(truncatingIfNeeded: 1 << (step % 8))
      _ = try? Tokenizer.parse(damaged)
      _ = try? Tokenizer.parse(Bytes(bytes.prefix((step * 7919) % bytes.count)))
    }
  }
}
