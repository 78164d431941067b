import Cryptography
import JSON
import Primitives

extension LanguageModel {
  /// Reads a LoRA adapter for this model from a folder that PEFT wrote.
  ///
  /// - Throws: `ModelError`, which names the tensor or the setting.
  public func loadAdapter(directory: String) throws(ModelError) -> Adapter {
    let configuration = try readFile(
      directory + "/" + AdapterFile.fileName, limitInBytes: AdapterFile.limitInBytes)
    let settings = try AdapterFile(configuration)
    let file = try Safetensors(path: directory + "/adapter_model.safetensors")
    return Adapter(
      weightsHash: try file.sha256(), configurationHash: SHA256.hash(configuration),
      rank: settings.rank, modelHash: identity.modelHash,
      changes: try settings.changes(file, architecture))
  }
}

/// The settings of an adapter, `adapter_config.json`.
///
/// Variants of LoRA that compute something else are refused.
struct AdapterFile {
  static let fileName = "adapter_config.json"
  static let limitInBytes = 1 << 20
  private static let prefix = "base_model.model.model.layers."

  let rank: Int
  private let scale: Float

  init(_ bytes: Bytes) throws(ModelError) {
    let json = try parseJSON(bytes, file: Self.fileName)
    guard json["peft_type"]?.string == "LORA" else {
      throw .unsupported(feature: "adapters that are not LoRA")
    }
    try Self.checkOptions(json)
    guard let rank = json["r"]?.int, (1...4096).contains(rank) else {
      throw .malformed(file: Self.fileName, reason: "r is no number from 1 to 4096")
    }
    guard let alpha = json["lora_alpha"]?.double else {
      throw .malformed(file: Self.fileName, reason: "lora_alpha is no number")
    }
    let isRankStabilized = json["use_rslora"]?.bool == true
    self.rank = rank
    scale = Float(isRankStabilized ? alpha / Double(rank).squareRoot() : alpha / Double(rank))
  }

  private static func checkOptions(_ json: JSON) throws(ModelError) {
    let refused = [
      "use_dora", "use_qalora", "use_bdlora", "lora_bias", "fan_in_fan_out", "modules_to_save",
      "layer_replication", "alora_invocation_tokens", "trainable_token_indices",
      "target_parameters", "rank_pattern", "alpha_pattern",
    ]
    for name in refused {
      guard let value = json[name] else { continue }
      let isNeutral =
        value.isNull || value == false || value.object?.isEmpty == true
        || value.array?.isEmpty == true
      if !isNeutral { throw .unsupported(feature: "\(name) in an adapter") }
    }
    if let bias = json["bias"]?.string, bias != "none" {
      throw .unsupported(feature: "biases in an adapter")
    }
  }

  /// The changes by layer; every tensor of the file has to have its place.
  func changes(
    _ file: borrowing Safetensors, _ shape: Architecture
  ) throws(ModelError) -> [[Projection: LowRankChange]] {
    var changes = [[Projection: LowRankChange]](repeating: [:], count: shape.layerCount)
    var used = Set<String>()
    for layer in 0..<shape.layerCount {
      for projection in Projection.allCases {
        let name = "\(Self.prefix)\(layer).\(projection.rawValue)"
        let down = name + ".lora_A.weight"
        let up = name + ".lora_B.weight"
        guard file.entry(down) != nil || file.entry(up) != nil else { continue }
        let size = projection.size(in: shape)
        changes[layer][projection] = LowRankChange(
          down: Matrix(
            rows: rank, columns: size.columns,
            values: try file.floats(down, shape: [rank, size.columns])),
          up: Matrix(
            rows: size.rows, columns: rank,
            values: try file.floats(up, shape: [size.rows, rank])),
          scale: scale)
        used.formUnion([down, up])
      }
    }
    if let stray = file.names.first(where: { !used.contains($0) }) {
      throw .tensor(name: stray, reason: "is no change of a layer of this model")
    }
    return changes
  }
}
