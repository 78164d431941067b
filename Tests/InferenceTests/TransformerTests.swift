import Inference
import Testing

/// The forward pass against what PyTorch and transformers compute on the same weights.
@Suite struct TransformerTests {
  @Test("logits agree with the reference implementation at every position", arguments: 0..<3)
  func logits(prompt: Int) throws {
    let model = try Fixtures.llamaModel.get()
    let expected = try Safetensors(path: Fixtures.llama + "/expected.safetensors")
    let tokens = try expected.integers("p\(prompt).ids")
    let wanted = try expected.floats(
      "p\(prompt).base.logits", shape: [tokens.count, model.architecture.vocabularySize])
    var cache = KeyValueCache(model.architecture, capacity: tokens.count)
    let logits = model.transformer.extend(&cache, with: tokens, wanted: .all)
    #expect(largestDifference(logits, wanted) < 1e-4)
  }

  @Test("greedy continuations are the reference implementation's", arguments: 0..<3)
  func greedy(prompt: Int) throws {
    let model = try Fixtures.llamaModel.get()
    let expected = try Safetensors(path: Fixtures.llama + "/expected.safetensors")
    let tokens = try expected.integers("p\(prompt).ids")
    let wanted = try expected.integers("p\(prompt).base.greedy")
    #expect(greedy(model, tokens, count: wanted.count) == wanted)
  }

  @Test("the demo model's logits and greedy texts are the reference's", arguments: 0..<5)
  func demo(prompt: Int) throws {
    let model = try Fixtures.demoModel.get()
    let expected = try Safetensors(path: Fixtures.demoExpected)
    let tokens = try expected.integers("p\(prompt).ids")
    let wanted = try expected.floats(
      "p\(prompt).base.logits_last", shape: [model.architecture.vocabularySize])
    var cache = KeyValueCache(model.architecture, capacity: tokens.count)
    let logits = model.transformer.extend(&cache, with: tokens)
    #expect(largestDifference(logits, wanted) < 1e-4)
    let continuation = try expected.integers("p\(prompt).base.greedy")
    #expect(greedy(model, tokens, count: continuation.count) == continuation)
  }

  @Test(
    "other families of the same kind agree too, in both spellings of the configuration",
    .enabled(if: Fixtures.hasThirdPartyVectors), arguments: ["mistral", "qwen2"],
    ["config.json", "config.v4.json"])
  func families(family: String, configuration: String) throws {
    let source = Fixtures.thirdPartyVectors + "/inference/" + family
    let folder = try TemporaryFolder()
    try folder.copy(["tokenizer.json", "model.safetensors"], from: source)
    try folder.write(
      "config.json", readFile(source + "/" + configuration, limitInBytes: 1 << 20))
    let model = try LanguageModel.load(directory: folder.path)
    let expected = try Safetensors(path: source + "/expected.safetensors")
    for prompt in 0..<3 {
      let tokens = try expected.integers("p\(prompt).ids")
      let wanted = try expected.floats(
        "p\(prompt).base.logits", shape: [tokens.count, model.architecture.vocabularySize])
      var cache = KeyValueCache(model.architecture, capacity: tokens.count)
      let logits = model.transformer.extend(&cache, with: tokens, wanted: .all)
      #expect(largestDifference(logits, wanted) < 1e-4)
      let continuation = try expected.integers("p\(prompt).base.greedy")
      #expect(greedy(model, tokens, count: continuation.count) == continuation)
    }
  }

  private func greedy(_ model: LanguageModel, _ tokens: [Int], count: Int) -> [Int] {
    var cache = KeyValueCache(model.architecture, capacity: tokens.count + count)
    var logits = model.transformer.extend(&cache, with: tokens)
    var continuation: [Int] = []
    while continuation.count < count {
      let token = indexOfLargest(logits)
      continuation.append(token)
      logits = model.transformer.extend(&cache, with: [token])
    }
    return continuation
  }
}
