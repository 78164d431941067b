/// The forward pass of a decoder of the LLaMA kind: tokens in, logits out.
///
/// Every token's numbers are the same whether it is fed alone or among others, in one piece or in
/// several: each sum has its own fixed order (see `Kernels`).
/// Source: Touvron et al. 2023, "LLaMA"; Zhang and Sennrich 2019 (RMSNorm); Shazeer 2020 (SwiGLU).
package struct Transformer: Sendable {
  /// Tokens worked on at a time while reading a prompt; bounds the working memory.
  package static let chunkLength = 64

  /// Which positions' logits are wanted.
  package enum Wanted: Sendable {
    /// Those after the last token, `[vocabulary]`.
    case last
    /// Those after every token, `[token, vocabulary]`.
    case all
  }

  package let architecture: Architecture
  private let weights: Weights
  private let frequencies: [Float]

  init(_ architecture: Architecture, weights: Weights) {
    self.architecture = architecture
    self.weights = weights
    frequencies = architecture.rotation.frequencies(headSize: architecture.headSize)
  }

  /// Appends tokens to the cached text and returns the logits that follow.
  ///
  /// Tokens have to be in the vocabulary and fit into the cache. The whole text has to be fed with
  /// the same adapters.
  package func extend(
    _ cache: inout KeyValueCache, with tokens: [Int], adapters: [AdapterUse] = [],
    wanted: Wanted = .last
  ) -> [Float] {
    precondition(!tokens.isEmpty && cache.count + tokens.count <= cache.capacity)
    var logits: [Float] = []
    var start = 0
    while start < tokens.count {
      let chunk = tokens[start..<min(start + Self.chunkLength, tokens.count)]
      start = chunk.endIndex
      let isLast = start == tokens.count
      var work = Workspace(architecture, tokens: chunk.count, positions: cache.count + chunk.count)
      embed(chunk, into: &work)
      for layer in weights.blocks.indices { run(layer, &work, &cache, adapters) }
      cache.count += chunk.count
      switch wanted {
      case .all: logits += project(&work, from: 0)
      case .last: if isLast { logits = project(&work, from: chunk.count - 1) }
      }
    }
    return logits
  }

  private func embed(_ tokens: ArraySlice<Int>, into work: inout Workspace) {
    let size = architecture.hiddenSize
    for (index, token) in tokens.enumerated() {
      precondition((0..<architecture.vocabularySize).contains(token))
      work.hidden.replaceSubrange(
        (index * size)..<((index + 1) * size), with: weights.embedding.row(token))
    }
  }

  /// One block: attention, then the feed-forward part, each added to what came in.
  private func run(
    _ layer: Int, _ work: inout Workspace, _ cache: inout KeyValueCache, _ adapters: [AdapterUse]
  ) {
    let block = weights.blocks[layer]
    let count = work.tokens
    func project(_ projection: Projection, _ inputs: [Float], into outputs: inout [Float]) {
      block.linear(projection).apply(inputs, count: count, into: &outputs)
      for use in adapters {
        use.adapter.change(layer: layer, projection)?
          .add(of: inputs, count: count, weight: Float(use.weight), to: &outputs)
      }
    }
    normalize(&work, block.attentionNorm)
    project(.query, work.normalized, into: &work.query)
    project(.key, work.normalized, into: &work.key)
    project(.value, work.normalized, into: &work.value)
    rotate(&work, from: cache.count)
    store(work, in: &cache, layer: layer)
    attend(&work, cache, layer: layer)
    project(.output, work.attended, into: &work.result)
    Kernels.add(work.result, count: count * architecture.hiddenSize, to: &work.hidden)

    normalize(&work, block.feedForwardNorm)
    project(.gate, work.normalized, into: &work.gate)
    project(.up, work.normalized, into: &work.up)
    Kernels.activate(
      &work.gate, up: work.up, count: count * architecture.feedForwardSize)
    project(.down, work.gate, into: &work.result)
    Kernels.add(work.result, count: count * architecture.hiddenSize, to: &work.hidden)
  }

  private func normalize(_ work: inout Workspace, _ weight: [Float]) {
    Kernels.normalize(
      work.hidden, count: work.tokens, weight: weight,
      epsilon: architecture.normalizationEpsilon, into: &work.normalized)
  }

  /// Turns each pair of dimensions of the queries and keys by its position's angle.
  private func rotate(_ work: inout Workspace, from position: Int) {
    let half = architecture.headSize / 2
    var cosines = [Float](repeating: 1, count: half)
    var sines = [Float](repeating: 0, count: half)
    for token in 0..<work.tokens {
      for pair in 0..<half {
        let angle = Float(position + token) * frequencies[pair]
        let turned = Mathematics.sineAndCosine(Double(angle))
        cosines[pair] = Float(turned.cosine)
        sines[pair] = Float(turned.sine)
      }
      Kernels.rotate(
        &work.query, row: token, heads: architecture.headCount, cosines: cosines, sines: sines)
      Kernels.rotate(
        &work.key, row: token, heads: architecture.keyValueHeadCount, cosines: cosines,
        sines: sines)
    }
  }

  private func store(_ work: Workspace, in cache: inout KeyValueCache, layer: Int) {
    let size = work.tokens * architecture.keyValueHeadCount * architecture.headSize
    cache.append(keys: work.key[..<size], values: work.value[..<size], layer: layer)
  }

  private func attend(_ work: inout Workspace, _ cache: KeyValueCache, layer: Int) {
    let size = architecture.headSize
    let group = architecture.headCount / architecture.keyValueHeadCount
    let scale = 1 / Float(size).squareRoot()
    for token in 0..<work.tokens {
      let position = cache.count + token
      let first = architecture.attentionWindow.map { max(0, position - $0 + 1) } ?? 0
      for head in 0..<architecture.headCount {
        let shape = AttentionShape(
          queryOffset: (token * architecture.headCount + head) * size,
          headOffset: head / group * size,
          size: size,
          stride: architecture.keyValueHeadCount * size,
          positions: first..<(position + 1),
          scale: scale)
        Kernels.attend(
          shape, query: work.query, keys: cache.keys[layer], values: cache.values[layer],
          scores: &work.scores, into: &work.attended)
      }
    }
  }

  /// The logits of the tokens from the given one on.
  private func project(_ work: inout Workspace, from first: Int) -> [Float] {
    normalize(&work, weights.finalNorm)
    let count = work.tokens - first
    let inputs =
      first == 0
      ? work.normalized : Array(work.normalized[(first * architecture.hiddenSize)...])
    var logits = [Float](repeating: 0, count: count * architecture.vocabularySize)
    Kernels.multiply(weights.head, inputs, count: count, into: &logits)
    return logits
  }
}

/// The intermediate results of one chunk, `[token, feature]`.
private struct Workspace {
  let tokens: Int
  var hidden: [Float]
  var normalized: [Float]
  var query: [Float]
  var key: [Float]
  var value: [Float]
  var attended: [Float]
  var result: [Float]
  var gate: [Float]
  var up: [Float]
  /// One score per position, rounded up to 16.
  var scores: [Float]

  init(_ shape: Architecture, tokens: Int, positions: Int) {
    func buffer(_ size: Int) -> [Float] { [Float](repeating: 0, count: tokens * size) }
    self.tokens = tokens
    hidden = buffer(shape.hiddenSize)
    normalized = hidden
    result = hidden
    query = buffer(shape.headCount * shape.headSize)
    attended = query
    key = buffer(shape.keyValueHeadCount * shape.headSize)
    value = key
    gate = buffer(shape.feedForwardSize)
    up = gate
    scores = [Float](repeating: 0, count: (positions + 15) / 16 * 16)
  }
}
