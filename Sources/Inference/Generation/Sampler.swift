/// Chooses tokens from logits, reproducibly.
package struct Sampler: Sendable {
  private let sampling: Sampling
  /// In single precision; so small a temperature that it becomes zero is zero.
  private let temperature: Float
  private let key: UInt64

  /// A sampler for one answer.
  package init(_ sampling: Sampling) {
    self.sampling = sampling
    temperature = Float(sampling.temperature)
    key = Self.mix(sampling.seed)
  }

  /// The token for a step; none if the logits are not finite.
  package func choose(_ logits: [Float], step: Int) -> Int? {
    guard let likeliest = Self.likeliest(logits) else { return nil }
    guard temperature > 0 else { return likeliest }
    let candidates = candidates(logits, highest: logits[likeliest])
    var total = 0.0
    for candidate in candidates { total += Double(candidate.weight) }
    let target = uniform(step) * total
    var sum = 0.0
    for candidate in candidates {
      sum += Double(candidate.weight)
      if sum > target { return candidate.token }
    }
    return candidates.last?.token
  }

  /// The probability with which each token is chosen, `[vocabulary]`.
  package func probabilities(_ logits: [Float]) -> [Float] {
    var probabilities = [Float](repeating: 0, count: logits.count)
    guard let likeliest = Self.likeliest(logits) else { return probabilities }
    guard temperature > 0 else {
      probabilities[likeliest] = 1
      return probabilities
    }
    let candidates = candidates(logits, highest: logits[likeliest])
    var total = 0.0
    for candidate in candidates { total += Double(candidate.weight) }
    for candidate in candidates {
      probabilities[candidate.token] = Float(Double(candidate.weight) / total)
    }
    return probabilities
  }

  /// The first of the highest logits, if none is infinite upwards or no number.
  private static func likeliest(_ logits: [Float]) -> Int? {
    var best: Int?
    for (token, logit) in logits.enumerated() {
      if logit.isNaN || logit == .infinity { return nil }
      if logit > best.map({ logits[$0] }) ?? -.infinity { best = token }
    }
    return best
  }

  private struct Candidate {
    let token: Int
    let weight: Float
  }

  /// The tokens in question and their weights, the likeliest of which is one.
  ///
  /// In the order of the vocabulary, or of likelihood (then vocabulary) where that matters.
  private func candidates(_ logits: [Float], highest: Float) -> [Candidate] {
    var candidates: [Candidate] = []
    candidates.reserveCapacity(logits.count)
    for (token, logit) in logits.enumerated() {
      let weight = Mathematics.exponential((logit - highest) / temperature)
      candidates.append(Candidate(token: token, weight: weight))
    }
    let isTopK = sampling.topK > 0 && sampling.topK < logits.count
    guard isTopK || sampling.topP < 1 else { return candidates }
    candidates.sort { ($0.weight, $1.token) > ($1.weight, $0.token) }
    if isTopK { candidates.removeSubrange(sampling.topK...) }
    if sampling.topP < 1 { candidates.removeSubrange(nucleus(candidates)...) }
    return candidates
  }

  /// How many of the likeliest it takes to reach the sum `topP`; at least one.
  private func nucleus(_ candidates: [Candidate]) -> Int {
    var total = 0.0
    for candidate in candidates { total += Double(candidate.weight) }
    var sum = 0.0
    for (index, candidate) in candidates.enumerated() {
      sum += Double(candidate.weight)
      if sum >= sampling.topP * total { return index + 1 }
    }
    return candidates.count
  }

  /// A number from zero up to one that depends on the seed and the step alone.
  private func uniform(_ step: Int) -> Double {
    let bits = Self.mix(key &+ UInt64(step + 1) &* 0x9e37_79b9_7f4a_7c15)
    return Double(bits >> 11) / 9_007_199_254_740_992  // 2^53
  }

  /// The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
