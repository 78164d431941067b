import Primitives

extension LanguageModel {
  /// Answers a request; `onToken` sees each piece as it comes and says whether to go on.
  ///
  /// The pieces' texts joined are the result's text. Takes as long as the model needs and does
  /// not suspend: call it on a thread of its own.
  /// - Throws: `GenerationError`, before the first piece except for `notFinite`.
  public func generate(
    _ request: GenerationRequest, onToken: (TokenPiece) -> Bool = { _ in true }
  ) throws(GenerationError) -> GenerationResult {
    try check(request)
    let room = architecture.contextLength - request.promptTokens.count
    let limit = min(request.maximumTokens, room)
    let sampler = Sampler(request.sampling)
    var stream = TextStream(stop: request.stop)
    var cache = KeyValueCache(architecture, capacity: request.promptTokens.count + limit)
    var tokens: [Int] = []
    var text = ""
    var finishReason = FinishReason.length
    var next = request.promptTokens
    var isStopped = false
    while tokens.count < limit {
      let logits = transformer.extend(&cache, with: next, adapters: request.adapters)
      guard let token = sampler.choose(logits, step: tokens.count) else { throw .notFinite }
      tokens.append(token)
      next = [token]
      let isEnd = architecture.endTokens.contains(token)
      let bytes = tokenizer.isSpecial(token) ? [] : tokenizer.bytes(of: token)
      let shown = stream.append(bytes)
      text += shown.text
      isStopped = shown.isStopped
      if isEnd || isStopped { finishReason = .stop }
      if !onToken(TokenPiece(token: token, text: shown.text)) && finishReason != .stop {
        finishReason = .cancelled
      }
      if finishReason != .length { break }
    }
    let rest = stream.finish()
    if !isStopped && !rest.isEmpty {
      text += rest
      _ = onToken(TokenPiece(token: nil, text: rest))
    }
    return GenerationResult(
      tokens: tokens, text: text, finishReason: finishReason,
      promptTokenCount: request.promptTokens.count)
  }

  /// Refuses what cannot be answered.
  ///
  /// - Throws: `GenerationError`.
  public func check(_ request: GenerationRequest) throws(GenerationError) {
    guard !request.promptTokens.isEmpty else { throw .emptyPrompt }
    guard request.promptTokens.count < architecture.contextLength else {
      throw .promptTooLong(
        tokenCount: request.promptTokens.count, contextLength: architecture.contextLength)
    }
    for token in request.promptTokens where !(0..<architecture.vocabularySize).contains(token) {
      throw .unknownToken(token)
    }
    guard request.maximumTokens > 0 else {
      throw .parameter(name: "max_tokens", reason: "is not above zero")
    }
    let sampling = request.sampling
    guard sampling.temperature >= 0, sampling.temperature <= 100 else {
      throw .parameter(name: "temperature", reason: "is not from 0 to 100")
    }
    guard sampling.topK >= 0 else {
      throw .parameter(name: "top_k", reason: "is below zero")
    }
    guard sampling.topP > 0, sampling.topP <= 1 else {
      throw .parameter(name: "top_p", reason: "is not above 0 and at most 1")
    }
    for use in request.adapters {
      guard use.adapter.modelHash == identity.modelHash, use.weight.isFinite else {
        throw .parameter(name: "model", reason: "has an adapter for another model")
      }
    }
    let limits = GenerationRequest.stopLimits
    guard request.stop.count <= limits.count else {
      throw .parameter(name: "stop", reason: "has more than \(limits.count) texts")
    }
    for text in request.stop where !(1...limits.sizeInBytes).contains(text.utf8.count) {
      throw .parameter(
        name: "stop", reason: "has a text that is not 1 to \(limits.sizeInBytes) bytes long")
    }
  }
}
