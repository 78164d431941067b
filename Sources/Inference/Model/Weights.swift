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
  let feedForwardNorm: [Float]
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let gate: Linear
  let up: Linear
  let down: Linear

  /// The layer of that name.
  func linear(_ projection: Projection) -> Linear {
    switch projection {
    case .query: query
    case .key: key
    case .value: value
    case .output: output
    case .gate: gate
    case .up: up
    case .down: down
    }
  }
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
    let norms = [shape.hiddenSize]
    return Block(
      attentionNorm: try file.floats(prefix + "input_layernorm.weight", shape: norms),
      feedForwardNorm: try file.floats(
        prefix + "post_attention_layernorm.weight", shape: norms),
      query: try linear(file, prefix, .query, shape),
      key: try linear(file, prefix, .key, shape),
      value: try linear(file, prefix, .value, shape),
      output: try linear(file, prefix, .output, shape),
      gate: try linear(file, prefix, .gate, shape),
      up: try linear(file, prefix, .up, shape),
      down: try linear(file, prefix, .down, shape))
  }

  private static func linear(
    _ file: borrowing Safetensors, _ prefix: String, _ projection: Projection,
    _ shape: Architecture
  ) throws(ModelError) -> Linear {
    let name = prefix + projection.rawValue
    let size = projection.size(in: shape)
    let matrix = try matrix(file, name, size.rows, size.columns)
    let bias =
      projection.hasBias(in: shape) ? try file.floats(name + ".bias", shape: [size.rows]) : nil
    return Linear(matrix: matrix, bias: bias)
  }

  private static func matrix(
    _ file: borrowing Safetensors, _ name: String, _ rows: Int, _ columns: Int
  ) throws(ModelError) -> Matrix {
    let values = try file.floats(name + ".weight", shape: [rows, columns])
    return Matrix(rows: rows, columns: columns, values: values)
  }
}
