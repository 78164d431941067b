import Inference
import Primitives
import Testing

/// Configurations in both spellings, and what is wrong with others.
@Suite struct ConfigurationTests {
  private func architecture(_ text: String) throws -> Architecture {
    try Configuration.architecture(Bytes(text.utf8))
  }

  private let smallest = """
    "model_type": "llama", "vocab_size": 10, "hidden_size": 8, "num_hidden_layers": 1,
    "num_attention_heads": 2, "intermediate_size": 4
    """

  @Test("both spellings of transformers' configuration say the same")
  func spellings() throws {
    let new = try readFile(Fixtures.llama + "/config.json", limitInBytes: 1 << 20)
    let old = try readFile(Fixtures.llama + "/config.v4.json", limitInBytes: 1 << 20)
    let architecture = try Configuration.architecture(new)
    #expect(try Configuration.architecture(old) == architecture)
    #expect(architecture.headSize == 16)
    #expect(architecture.endTokens == [2])
    #expect(!architecture.tiesEmbeddings)
  }

  @Test("what is left out has its customary value")
  func defaults() throws {
    let architecture = try architecture("{\(smallest)}")
    #expect(architecture.keyValueHeadCount == 2)
    #expect(architecture.headSize == 4)
    #expect(architecture.rotation == Rotation(base: 10_000, scaling: .none))
    #expect(architecture.attentionWindow == nil)
  }

  @Test("Llama 3.1's frequencies are scaled as published")
  func llama3Scaling() throws {
    let architecture = try architecture(
      """
      {\(smallest), "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0,
      "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}
      """)
    let frequencies = architecture.rotation.frequencies(headSize: 128)
    let plain = Rotation(base: 500_000, scaling: .none).frequencies(headSize: 128)
    #expect(frequencies[0] == plain[0])
    #expect(frequencies[63] == plain[63] / 8)
    #expect(zip(frequencies, plain).allSatisfy { $0 <= $1 && $0 >= $1 / 8 })
  }

  @Test(
    "what we do not do is refused by name",
    arguments: [
      #""model_type": "gpt2""#, #""hidden_act": "gelu""#,
      #""rope_scaling": {"rope_type": "yarn", "factor": 2.0}"#,
      #""quantization_config": {"bits": 4}"#, #""partial_rotary_factor": 0.5"#,
    ])
  func unsupported(member: String) {
    // The last member of a name would do in other parsers; ours refuses twins, so replace it.
    let base =
      member.hasPrefix("\"model_type\"")
      ? String(smallest.dropFirst("\"model_type\": \"llama\", ".count)) : smallest
    #expect {
      try architecture("{\(base), \(member)}")
    } throws: { error in
      if case ModelError.unsupported = error { true } else { false }
    }
  }

  @Test(
    "a malformed configuration is refused",
    arguments: [
      "", "{", "[]", "{}", #"{"model_type": 1}"#, #"{"model_type": "llama"}"#,
      #"{"model_type": "llama", "vocab_size": 10, "hidden_size": 8, "num_hidden_layers": 1, "#
        + #""num_attention_heads": 0, "intermediate_size": 4}"#,
      #"{"model_type": "llama", "vocab_size": 1e3, "hidden_size": 8}"#,
      #"{"model_type": "llama", "vocab_size": 99999999999999999999, "hidden_size": 8}"#,
      #"{"model_type": "llama", "vocab_size": 10, "hidden_size": 3, "num_hidden_layers": 1, "#
        + #""num_attention_heads": 1, "intermediate_size": 4}"#,
      #"{"model_type": "llama", "vocab_size": 10, "hidden_size": 8, "num_hidden_layers": 1, "#
        + #""num_attention_heads": 3, "num_key_value_heads": 2, "intermediate_size": 4}"#,
    ])
  func malformed(text: String) {
    #expect {
      try architecture(text)
    } throws: { error in
      if case ModelError.malformed = error { true } else { false }
    }
  }
}
