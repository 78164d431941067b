import Inference
import Testing

/// LoRA adapters against what PEFT computes.
@Suite struct AdapterTests {
  @Test("an adapter's logits agree with PEFT's at every position", arguments: ["a0", "a1", "a2"])
  func logits(name: String) throws {
    let model = try Fixtures.llamaModel.get()
    let adapter = try model.loadAdapter(directory: Fixtures.llama + "/adapters/" + name)
    let expected = try Safetensors(path: Fixtures.llama + "/expected.safetensors")
    let tokens = try expected.integers("p1.ids")
    let wanted = try expected.floats(
      "p1.\(name).logits", shape: [tokens.count, model.architecture.vocabularySize])
    var cache = KeyValueCache(model.architecture, capacity: tokens.count)
    let logits = model.transformer.extend(
      &cache, with: tokens, adapters: [AdapterUse(adapter)], wanted: .all)
    #expect(largestDifference(logits, wanted) < 1e-4)
  }

  @Test(
    "adapters add up with their weights",
    arguments: [
      ("both_a0_a1", [1.0, 1.0], ["a0", "a1"]), ("cat_a0_a1", [1.0, 0.5], ["a0", "a1"]),
      ("neg_a1_a2", [1.0, -0.5], ["a1", "a2"]),
    ])
  func combinations(run: String, weights: [Double], names: [String]) throws {
    let model = try Fixtures.llamaModel.get()
    var uses: [AdapterUse] = []
    for (name, weight) in zip(names, weights) {
      let adapter = try model.loadAdapter(directory: Fixtures.llama + "/adapters/" + name)
      uses.append(AdapterUse(adapter, weight: weight))
    }
    let expected = try Safetensors(path: Fixtures.llama + "/expected.safetensors")
    for prompt in 0..<3 {
      let tokens = try expected.integers("p\(prompt).ids")
      let wanted = try expected.integers("p\(prompt).\(run).greedy")
      let request = GenerationRequest(
        promptTokens: tokens, maximumTokens: wanted.count, adapters: uses)
      let tokensChosen = try model.generate(request).tokens
      #expect(tokensChosen == Array(wanted.prefix(tokensChosen.count)))
      var cache = KeyValueCache(model.architecture, capacity: tokens.count)
      let logits = model.transformer.extend(&cache, with: tokens, adapters: uses)
      let last = try expected.floats(
        "p\(prompt).\(run).logits_last", shape: [model.architecture.vocabularySize])
      #expect(largestDifference(logits, last) < 1e-4)
    }
  }

  @Test(
    "the demo model speaks in its adapters' voices", arguments: ["devil", "law", "elements"])
  func demo(name: String) throws {
    let model = try Fixtures.demoModel.get()
    let adapter = try model.loadAdapter(directory: Fixtures.demo + "/adapters/" + name)
    let expected = try Safetensors(path: Fixtures.demoExpected)
    for prompt in 0..<2 {
      let wanted = try expected.integers("p\(prompt).\(name).greedy")
      let request = GenerationRequest(
        promptTokens: try expected.integers("p\(prompt).ids"), maximumTokens: wanted.count,
        adapters: [AdapterUse(adapter)])
      #expect(try model.generate(request).tokens == wanted)
    }
  }

  @Test("an adapter for another model is refused")
  func otherModel() throws {
    let llama = try Fixtures.llamaModel.get()
    let demo = try Fixtures.demoModel.get()
    #expect(throws: ModelError.self) {
      try demo.loadAdapter(directory: Fixtures.llama + "/adapters/a0")
    }
    let adapter = try llama.loadAdapter(directory: Fixtures.llama + "/adapters/a0")
    let request = GenerationRequest(
      promptTokens: [1, 7], maximumTokens: 1, adapters: [AdapterUse(adapter)])
    #expect(throws: GenerationError.self) { try demo.generate(request) }
  }

  @Test("an adapter and its weight are part of the request's hash")
  func requestHash() throws {
    let model = try Fixtures.llamaModel.get()
    let adapter = try model.loadAdapter(directory: Fixtures.llama + "/adapters/a0")
    var request = GenerationRequest(promptTokens: [1, 7], maximumTokens: 1)
    var hashes = [request.requestHash]
    request.adapters = [AdapterUse(adapter)]
    hashes.append(request.requestHash)
    request.adapters = [AdapterUse(adapter, weight: 0.5)]
    hashes.append(request.requestHash)
    #expect(Set(hashes).count == 3)
  }
}
