/// The linear layers of a block, by the names that checkpoints use.
enum Projection: String, CaseIterable, Sendable {
  case query = "self_attn.q_proj"
  case key = "self_attn.k_proj"
  case value = "self_attn.v_proj"
  case output = "self_attn.o_proj"
  case gate = "mlp.gate_proj"
  case up = "mlp.up_proj"
  case down = "mlp.down_proj"

  /// What the projection's matrix is like: rows (outputs) and columns (inputs).
  func size(in shape: Architecture) -> (rows: Int, columns: Int) {
    let queries = shape.headCount * shape.headSize
    let keys = shape.keyValueHeadCount * shape.headSize
    switch self {
    case .query: return (queries, shape.hiddenSize)
    case .key, .value: return (keys, shape.hiddenSize)
    case .output: return (shape.hiddenSize, queries)
    case .gate, .up: return (shape.feedForwardSize, shape.hiddenSize)
    case .down: return (shape.hiddenSize, shape.feedForwardSize)
    }
  }

  /// Whether the projection adds a bias.
  func hasBias(in shape: Architecture) -> Bool {
    switch self {
    case .query, .key, .value: shape.hasAttentionBias
    case .output: shape.hasAttentionOutputBias
    case .gate, .up, .down: shape.hasFeedForwardBias
    }
  }
}
