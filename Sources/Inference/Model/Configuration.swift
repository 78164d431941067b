import JSON
import Primitives

/// Reads an `Architecture` from a `config.json` of transformers 4 or 5.
///
/// Version 5 writes `rope_parameters` and `dtype`, version 4 wrote `rope_theta`, `rope_scaling`
/// and `torch_dtype`. What is present and would change the result, but is not known, is refused.
package struct Configuration {
  private static let fileName = "config.json"
  static let limitInBytes = 1 << 20

  private let json: JSON

  /// The architecture that the bytes of a `config.json` describe.
  package static func architecture(_ bytes: Bytes) throws(ModelError) -> Architecture {
    guard bytes.count <= limitInBytes else {
      throw .tooLarge(file: fileName, limitInBytes: limitInBytes)
    }
    let json = try parseJSON(bytes, file: fileName)
    guard json.object != nil else { throw .malformed(file: fileName, reason: "no JSON object") }
    return try Configuration(json: json).architecture()
  }

  private func architecture() throws(ModelError) -> Architecture {
    guard let family = json["model_type"]?.string else { throw missing("model_type") }
    guard ["llama", "mistral", "qwen2"].contains(family) else {
      throw .unsupported(feature: "the model family \(family)")
    }
    try checkActivation()
    if json["quantization_config"].map({ !$0.isNull }) ?? false {
      throw .unsupported(feature: "quantized weights in safetensors")
    }
    let headCount = try size("num_attention_heads", limit: 1 << 12)
    let hiddenSize = try size("hidden_size", limit: 1 << 18)
    let keyValueHeadCount =
      try optionalSize("num_key_value_heads", limit: 1 << 12) ?? headCount
    let headSize = try optionalSize("head_dim", limit: 1 << 14) ?? hiddenSize / headCount
    guard headCount % keyValueHeadCount == 0 else {
      throw .malformed(
        file: Self.fileName,
        reason: "\(keyValueHeadCount) key/value heads do not divide \(headCount) heads")
    }
    guard headSize > 0, headSize % 2 == 0 else {
      throw .malformed(file: Self.fileName, reason: "heads of \(headSize) cannot be rotated")
    }
    let hasBias = try flag("attention_bias") ?? false
    return Architecture(
      family: family,
      vocabularySize: try size("vocab_size", limit: 1 << 24),
      hiddenSize: hiddenSize,
      layerCount: try size("num_hidden_layers", limit: 1 << 12),
      headCount: headCount,
      keyValueHeadCount: keyValueHeadCount,
      headSize: headSize,
      feedForwardSize: try size("intermediate_size", limit: 1 << 20),
      contextLength: try optionalSize("max_position_embeddings", limit: 1 << 22) ?? 2048,
      normalizationEpsilon: Float(try epsilon()),
      rotation: try rotation(),
      hasAttentionBias: hasBias || family == "qwen2",
      hasAttentionOutputBias: hasBias && family == "llama",
      hasFeedForwardBias: try flag("mlp_bias") ?? false,
      attentionWindow: try attentionWindow(family),
      tiesEmbeddings: try flag("tie_word_embeddings") ?? false,
      endTokens: try tokens("eos_token_id"))
  }

  private func checkActivation() throws(ModelError) {
    let activation = json["hidden_act"]?.string ?? "silu"
    guard activation == "silu" else {
      throw .unsupported(feature: "the activation function \(activation)")
    }
  }

  private func epsilon() throws(ModelError) -> Double {
    guard let value = json["rms_norm_eps"] else { return 1e-6 }
    guard let number = value.double, number >= 0, number < 1 else {
      throw .malformed(file: Self.fileName, reason: "rms_norm_eps is no small number")
    }
    return number
  }

  private func attentionWindow(_ family: String) throws(ModelError) -> Int? {
    guard let window = try optionalSize("sliding_window", limit: 1 << 22) else { return nil }
    switch family {
    case "mistral": return window
    case "qwen2":
      guard try flag("use_sliding_window") ?? false else { return nil }
      throw .unsupported(feature: "a sliding window on some layers only")
    default: return nil
    }
  }
}

// MARK: Rotation

extension Configuration {
  private func rotation() throws(ModelError) -> Rotation {
    let parameters = json["rope_parameters"] ?? json["rope_scaling"] ?? .null
    guard parameters.isNull || parameters.object != nil else {
      throw .malformed(file: Self.fileName, reason: "the rope parameters are no object")
    }
    let source = parameters["rope_theta"] == nil ? json : parameters
    let base = try number("rope_theta", in: source) ?? 10000
    guard base > 1, base < 1e12 else {
      throw .malformed(file: Self.fileName, reason: "rope_theta \(base) is out of range")
    }
    if let share = try number("partial_rotary_factor", in: json), share != 1 {
      throw .unsupported(feature: "rotation of a part of each head")
    }
    return Rotation(base: base, scaling: try scaling(parameters))
  }

  private func scaling(_ parameters: JSON) throws(ModelError) -> Rotation.Scaling {
    let kind = parameters["rope_type"]?.string ?? parameters["type"]?.string ?? "default"
    switch kind {
    case "default": return .none
    case "linear": return .linear(factor: try positive("factor", in: parameters))
    case "llama3":
      let low = try positive("low_freq_factor", in: parameters)
      let high = try positive("high_freq_factor", in: parameters)
      guard high > low else {
        throw .malformed(
          file: Self.fileName, reason: "high_freq_factor is not above low_freq_factor")
      }
      return .llama3(
        factor: try positive("factor", in: parameters), lowFactor: low, highFactor: high,
        originalLength: try positive("original_max_position_embeddings", in: parameters))
    default: throw .unsupported(feature: "rope scaling of the kind \(kind)")
    }
  }
}

// MARK: Fields

extension Configuration {
  private func missing(_ name: String) -> ModelError {
    .malformed(file: Self.fileName, reason: "\(name) is missing")
  }

  private func size(_ name: String, limit: Int) throws(ModelError) -> Int {
    guard let value = try optionalSize(name, limit: limit) else { throw missing(name) }
    return value
  }

  private func optionalSize(_ name: String, limit: Int) throws(ModelError) -> Int? {
    guard let value = json[name], !value.isNull else { return nil }
    guard let number = value.int, (1...limit).contains(number) else {
      throw .malformed(file: Self.fileName, reason: "\(name) is no number from 1 to \(limit)")
    }
    return number
  }

  private func flag(_ name: String) throws(ModelError) -> Bool? {
    guard let value = json[name], !value.isNull else { return nil }
    guard let flag = value.bool else {
      throw .malformed(file: Self.fileName, reason: "\(name) is neither true nor false")
    }
    return flag
  }

  private func number(_ name: String, in object: JSON) throws(ModelError) -> Double? {
    guard let value = object[name], !value.isNull else { return nil }
    guard let number = value.double else {
      throw .malformed(file: Self.fileName, reason: "\(name) is no number")
    }
    return number
  }

  private func positive(_ name: String, in object: JSON) throws(ModelError) -> Double {
    guard let value = try number(name, in: object) else { throw missing(name) }
    guard value > 0 else {
      throw .malformed(file: Self.fileName, reason: "\(name) is not above zero")
    }
    return value
  }

  private func tokens(_ name: String) throws(ModelError) -> [Int] {
    guard let value = json[name], !value.isNull else { return [] }
    var tokens: [Int] = []
    for element in value.array ?? [value] {
      guard let token = element.int, token >= 0 else {
        throw .malformed(file: Self.fileName, reason: "\(name) is no token")
      }
      tokens.append(token)
    }
    return tokens
  }
}
