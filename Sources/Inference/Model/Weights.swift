import Primitives

/// A projection: a matrix `[output, input]` and perhaps a bias `[output]`.
struct Linear: Sendable {
  let matrix: Matrix
  let bias: [Float]?

  /// Projects `count` vectors, `[vector, input]` to `[vector, output]`.
  func apply(_ inputs: [Float], count: Int, into outputs: inout [Float]) {
    Kernels.multiply(matrix, inputs, count: count, into: &outputs)
    guard let bias else { return }
    for vector in 0..<count {
      for row in 0..<matrix.rows { outputs[vector * matrix.rows + row] += bias[row] }
    }
  }
}

/// The weights of one block.
struct Block: Sendable {
  let attentionNorm: [Float]
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let feedForwardNorm: [Float]
  let gate: Linear
  let up: Linear
  let down: Linear
}

/// All weights of a model, checked against its architecture.
struct Weights: Sendable {
  let embedding: Matrix
  let blocks: [Block]
  let finalNorm: [Float]
  /// The output projection; the embedding itself if the two are tied.
  let head: Matrix

  init(_ file: borrowing Safetensors, _ shape: Architecture) throws(ModelError) {
    embedding = try Self.matrix(
      file, "model.embed_tokens", shape.vocabularySize, shape.hiddenSize)
    finalNorm = try file.floats("model.norm.weight", shape: [shape.hiddenSize])
    head =
      shape.tiesEmbeddings
      ? embedding : try Self.matrix(file, "lm_head", shape.vocabularySize, shape.hiddenSize)
    var blocks: [Block] = []
    for layer in 0..<shape.layerCount {
      blocks.append(try Self.block(file, "model.layers.\(layer).", shape))
    }
    self.blocks = blocks
  }

  private static func block(
    _ file: borrowing Safetensors, _ prefix: String, _ shape: Architecture
  ) throws(ModelError) -> Block {
    let hidden = shape.hiddenSize
    let queries = shape.headCount * shape.headSize
    let keys = shape.keyValueHeadCount * shape.headSize
    let inner = shape.feedForwardSize
    let attention = shape.hasAttentionBias
    let attentionOutput = shape.hasAttentionOutputBias
    let feedForward = shape.hasFeedForwardBias
    return Block(
      attentionNorm: try file.floats(prefix + "input_layernorm.weight", shape: [hidden]),
      query: try linear(file, prefix + "self_attn.q_proj", queries, hidden, attention),
      key: try linear(file, prefix + "self_attn.k_proj", keys, hidden, attention),
      value: try linear(file, prefix + "self_attn.v_proj", keys, hidden, attention),
      output: try linear(file, prefix + "self_attn.o_proj", hidden, queries, attentionOutput),
      feedForwardNorm: try file.floats(
        prefix + "post_attention_layernorm.weight", shape: [hidden]),
      gate: try linear(file, prefix + "mlp.gate_proj", inner, hidden, feedForward),
      up: try linear(file, prefix + "mlp.up_proj", inner, hidden, feedForward),
      down: try linear(file, prefix + "mlp.down_proj", hidden, inner, feedForward))
  }

  private static func linear(
    _ file: borrowing Safetensors, _ name: String, _ rows: Int, _ columns: Int, _ hasBias: Bool
  ) throws(ModelError) -> Linear {
    let matrix = try matrix(file, name, rows, columns)
    let bias = hasBias ? try file.floats(name + ".bias", shape: [rows]) : nil
    return Linear(matrix: matrix, bias: bias)
  }

  private static func matrix(
    _ file: borrowing Safetensors, _ name: String, _ rows: Int, _ columns: Int
  ) throws(ModelError) -> Matrix {
    let values = try file.floats(name + ".weight", shape: [rows, columns])
    return Matrix(rows: rows, columns: columns, values: values)
  }
}
