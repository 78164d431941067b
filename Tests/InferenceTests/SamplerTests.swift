import Inference
import JSON
import Testing

/// Choosing tokens: the distributions of transformers' processors, drawn from reproducibly.
@Suite struct SamplerTests {
  private static func fixture() throws -> JSON {
    let path = Fixtures.root + "/Tests/Vectors/inference/sampling.json"
    return try JSON.parse(readFile(path, limitInBytes: 1 << 20))
  }

  private static func floats(_ json: JSON?) throws -> [Float] {
    try #require(json?.array).compactMap { $0.double.map { Float($0) } }
  }

  @Test("probabilities are those of the reference's processors")
  func distributions() throws {
    let fixture = try Self.fixture()
    let logits = try Self.floats(fixture["logits"])
    let known: Set<String> = ["temperature", "top_k", "top_p"]
    var checked = 0
    for item in try #require(fixture["cases"]?.array) {
      let parameters = try #require(item["params"]?.object)
      guard parameters.allSatisfy({ known.contains($0.key) }) else { continue }
      let sampling = Sampling(
        temperature: parameters["temperature"]?.double ?? 1, topK: parameters["top_k"]?.int ?? 0,
        topP: parameters["top_p"]?.double ?? 1)
      let probabilities = Sampler(sampling).probabilities(logits)
      #expect(largestDifference(probabilities, try Self.floats(item["probs"])) < 1e-5)
      checked += 1
    }
    #expect(checked == 6)
  }

  @Test("tokens come as often as their probabilities say")
  func frequencies() throws {
    let logits = try Self.floats(Self.fixture()["logits"])
    let sampling = Sampling(temperature: 0.8, topK: 10, topP: 0.95, seed: 7)
    let sampler = Sampler(sampling)
    let probabilities = sampler.probabilities(logits)
    let draws = 4000
    var counts = [Int](repeating: 0, count: logits.count)
    for step in 0..<draws { counts[try #require(sampler.choose(logits, step: step))] += 1 }
    var chiSquare = 0.0
    for (count, probability) in zip(counts, probabilities) {
      guard probability > 0 else {
        #expect(count == 0)
        continue
      }
      let expected = Double(probability) * Double(draws)
      chiSquare += (Double(count) - expected) * (Double(count) - expected) / expected
    }
    // Nine degrees of freedom: above 27.9 in one seed of a thousand.
    #expect(chiSquare < 27.9)
  }

  @Test("the seed decides, and the step decides")
  func seeds() throws {
    let logits = try Self.floats(Self.fixture()["logits"])
    func draw(_ seed: UInt64) -> [Int?] {
      let sampler = Sampler(Sampling(seed: seed))
      return (0..<20).map { sampler.choose(logits, step: $0) }
    }
    #expect(draw(1) == draw(1))
    #expect(draw(1) != draw(2))
    #expect(Set(draw(1)).count > 1)
  }

  @Test("without temperature the likeliest is taken, the first of equals")
  func greedy() {
    #expect(Sampler(.greedy).choose([1, 3, 2, 3], step: 0) == 1)
    let tiny = Sampling(temperature: 1e-300)
    #expect(Sampler(tiny).choose([1, 3, 2, 3], step: 0) == 1)
    #expect(Sampler(Sampling(temperature: 1e-30)).choose([1, 3, 2, 4], step: 0) == 3)
  }

  @Test("numbers that are none give no token")
  func notFinite() {
    #expect(Sampler(.greedy).choose([1, .nan], step: 0) == nil)
    #expect(Sampler(.greedy).choose([.infinity, 1], step: 0) == nil)
    #expect(Sampler(Sampling()).choose([-.infinity, -.infinity], step: 0) == nil)
    #expect(Sampler(Sampling()).choose([-.infinity, 0], step: 0) == 1)
  }
}
