import Glibc
import Inference
import Testing

/// The kernels against their definition, and our functions against the C library's.
@Suite struct KernelTests {
  /// The definition of a sum of products in kernel version 1.
  private func product(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>) -> Float {
    var lanes = [Float](repeating: 0, count: 16)
    for (index, (left, right)) in zip(left, right).enumerated() {
      let rounded = left * right
      lanes[index % 16] += rounded
    }
    while lanes.count > 1 {
      let half = lanes.count / 2
      lanes = (0..<half).map { lanes[$0] + lanes[$0 + half] }
    }
    return lanes[0]
  }

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = SeededNumbers(seed: seed)
    return (0..<count).map { _ in Float(random.next(below: 1 << 24)) / 8_388_608 - 1 }
  }

  @Test(
    "a product has the defined bits, whatever the sizes",
    arguments: [(1, 1), (2, 15), (3, 16), (5, 17), (4, 64), (7, 100), (2, 333)])
  func products(rows: Int, columns: Int) {
    let matrix = Matrix(
      rows: rows, columns: columns, values: numbers(rows * columns, seed: UInt64(columns)))
    let inputs = numbers(3 * columns, seed: 99)
    var together = [Float](repeating: 0, count: 3 * rows)
    Kernels.multiply(matrix, inputs, count: 3, into: &together)
    for vector in 0..<3 {
      let input = inputs[(vector * columns)..<((vector + 1) * columns)]
      for row in 0..<rows {
        let wanted = product(matrix.row(row), input)
        #expect(together[vector * rows + row].bitPattern == wanted.bitPattern)
      }
    }
  }

  @Test("a text fed in pieces gives the same bits as in one")
  func pieces() throws {
    let model = try Fixtures.llamaModel.get()
    let tokens = (0..<70).map { 3 + $0 * 7 % 500 }
    var whole = KeyValueCache(model.architecture, capacity: 80)
    let wanted = model.transformer.extend(&whole, with: tokens)
    var cache = KeyValueCache(model.architecture, capacity: 70)
    _ = model.transformer.extend(&cache, with: Array(tokens[..<33]))
    for token in tokens[33..<69] { _ = model.transformer.extend(&cache, with: [token]) }
    let logits = model.transformer.extend(&cache, with: [tokens[69]])
    #expect(logits.map(\.bitPattern) == wanted.map(\.bitPattern))
    cache.truncate(to: 20)
    let again = model.transformer.extend(&cache, with: Array(tokens[20...]))
    #expect(again.map(\.bitPattern) == wanted.map(\.bitPattern))
  }

  @Test("exponential, sine, cosine, logarithm and power are right to the last bits")
  func functions() {
    for step in -8000..<8000 {
      let x = Float(step) * 0.011
      let wanted = exp(Double(x))
      if x > -87.2 && x < 88.2 {
        #expect((Double(Mathematics.exponential(x)) / wanted - 1).magnitude < 2.5e-7)
      }
      let angle = Double(step) * 3.7
      let turned = Mathematics.sineAndCosine(angle)
      #expect((turned.sine - sin(angle)).magnitude < 3e-16)
      #expect((turned.cosine - cos(angle)).magnitude < 3e-16)
      let positive = Double(step + 8001) * 0.37
      #expect((Mathematics.logarithm(positive) - log(positive)).magnitude < 4e-15)
      let exponent = Double(step) / 8000
      #expect((Mathematics.power(10_000, exponent) / pow(10_000, exponent) - 1).magnitude < 4e-15)
    }
  }

  @Test("an exponential out of range is zero or the largest, never a trap")
  func extremes() {
    #expect(Mathematics.exponential(-.infinity) == 0)
    #expect(Mathematics.exponential(-1000) == 0)
    #expect(Mathematics.exponential(.infinity) > 1e38)
    #expect(Mathematics.exponential(0) == 1)
    _ = Mathematics.exponential(.nan)
  }

  @Test("probabilities of equal scores are equal")
  func softmax() {
    var scores = [Float](repeating: 3, count: 16)
    Kernels.softmax(&scores, count: 4)
    #expect(scores == [0.25, 0.25, 0.25, 0.25] + [Float](repeating: 0, count: 12))
  }
}
