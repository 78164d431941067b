/// What a transformer of the LLaMA kind consists of.
///
/// Families differ in a few choices per block; each is a field here, so that another family is
/// another value and not another forward pass.
public struct Architecture: Sendable, Hashable {
  /// The family, as `model_type` names it.
  public var family: String
  /// Rows of the embedding and of the logits.
  public var vocabularySize: Int
  /// Floats per token between blocks.
  public var hiddenSize: Int
  /// Blocks.
  public var layerCount: Int
  /// Heads of queries.
  public var headCount: Int
  /// Heads of keys and values; divides `headCount`.
  public var keyValueHeadCount: Int
  /// Floats per head, even.
  public var headSize: Int
  /// Floats between the two halves of the feed-forward part.
  public var feedForwardSize: Int
  /// The most positions that the model was made for.
  public var contextLength: Int
  /// What keeps the root-mean-square normalisation from dividing by zero.
  public var normalizationEpsilon: Float
  /// How positions turn queries and keys.
  public var rotation: Rotation
  /// Whether the queries', keys' and values' projections have biases.
  public var hasAttentionBias: Bool
  /// Whether the attention's output projection has a bias.
  public var hasAttentionOutputBias: Bool
  /// Whether the feed-forward projections have biases.
  public var hasFeedForwardBias: Bool
  /// How many positions back a query sees, itself included; all if absent.
  public var attentionWindow: Int?
  /// Whether the output projection is the embedding.
  public var tiesEmbeddings: Bool
  /// Tokens that end a text.
  public var endTokens: [Int]
}

/// Rotary position embedding: how fast each pair of dimensions turns.
///
/// Source: Su et al. 2021, "RoFormer"; pairs are the two halves of a head, as in LLaMA.
public struct Rotation: Sendable, Hashable {
  /// How the frequencies are changed for contexts longer than those trained on.
  public enum Scaling: Sendable, Hashable {
    /// As trained.
    case none
    /// Every frequency divided by the factor.
    case linear(factor: Double)
    /// Llama 3.1: low frequencies divided by the factor, a smooth band between.
    case llama3(factor: Double, lowFactor: Double, highFactor: Double, originalLength: Double)
  }

  /// The base of the geometric series of frequencies.
  public var base: Double
  /// The change for long contexts.
  public var scaling: Scaling

  /// Frequencies from a base, changed or not.
  public init(base: Double, scaling: Scaling = .none) {
    self.base = base
    self.scaling = scaling
  }

  /// Radians per position for each pair of dimensions, the fastest first.
  package func frequencies(headSize: Int) -> [Float] {
    (0..<(headSize / 2)).map { pair in
      // In single precision where the reference implementation rounds, so that angles agree.
      let exponent = Float(2 * pair) / Float(headSize)
      let frequency = 1 / Float(Mathematics.power(base, Double(exponent)))
      return scaled(frequency)
    }
  }

  private func scaled(_ frequency: Float) -> Float {
    switch scaling {
    case .none: return frequency
    case .linear(let factor): return frequency / Float(factor)
    case .llama3(let factor, let lowFactor, let highFactor, let originalLength):
      let wavelength = 2 * Double.pi / Double(frequency)
      if wavelength > originalLength / lowFactor { return frequency / Float(factor) }
      if wavelength < originalLength / highFactor { return frequency }
      let share = (originalLength / wavelength - lowFactor) / (highFactor - lowFactor)
      return Float((1 - share) * Double(frequency) / factor + share * Double(frequency))
    }
  }
}
