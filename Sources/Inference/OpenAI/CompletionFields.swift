import JSON
import Primitives

/// The fields of a completion call, read one by one.
struct CompletionFields {
  let json: JSON
  let kind: CompletionCall.Kind

  /// Fields that are read, or that say nothing about the answer.
  private static let known: Set<String> = [
    "model", "stream", "stream_options", "max_tokens", "temperature", "top_p", "top_k", "seed",
    "stop", "opal", "user", "metadata", "store", "service_tier", "safety_identifier",
    "prompt_cache_key",
  ]

  /// Fields that are taken at the value that changes nothing.
  private static let neutral: [String: [JSON]] = [
    "n": [1], "best_of": [1], "echo": [false], "logprobs": [false], "suffix": [""],
    "frequency_penalty": [0, .double(0)], "presence_penalty": [0, .double(0)],
    "logit_bias": [[:]], "tools": [[]], "functions": [[]], "tool_choice": ["none", "auto"],
    "response_format": [["type": "text"]], "top_logprobs": [0], "modalities": [["text"]],
    "parallel_tool_calls": [true, false],
  ]

  /// Refuses what is not known, and what is known but would have to be acted upon.
  func checkNames() throws(OpenAIError) {
    let own: Set<String> =
      kind == .chat ? ["messages", "max_completion_tokens"] : ["prompt"]
    for (name, value) in json.object ?? JSONObject() {
      if Self.known.contains(name) || own.contains(name) || value.isNull { continue }
      guard let accepted = Self.neutral[name] else {
        throw OpenAIError(
          message: "Unrecognized request argument supplied: \(name.prefix(64))",
          parameter: String(name.prefix(64)), code: "unknown_parameter")
      }
      if !accepted.contains(value) { throw .unsupported(name) }
    }
  }

  func request(for model: LanguageModel) throws(OpenAIError) -> GenerationRequest {
    let sampling = Sampling(
      temperature: try number("temperature", 0...2) ?? 1,
      topK: try integer("top_k", 0...(1 << 30)) ?? 0,
      topP: try number("top_p", 0...1) ?? 1,
      seed: UInt64(bitPattern: Int64(try integer("seed", Int.min...Int.max) ?? 0)))
    let length = try maximumTokens(model)
    let stop = try stop()
    switch kind {
    case .completion:
      return GenerationRequest(
        promptTokens: try prompt(model), maximumTokens: length, sampling: sampling, stop: stop)
    case .chat:
      let messages = try messages()
      do throws(ModelError) {
        return try model.request(
          chat: messages, maximumTokens: length, sampling: sampling, stop: stop)
      } catch {
        throw OpenAIError(message: error.description, parameter: "messages")
      }
    }
  }

  private func maximumTokens(_ model: LanguageModel) throws(OpenAIError) -> Int {
    let range = 1...(1 << 30)
    if kind == .chat, let length = try integer("max_completion_tokens", range) { return length }
    if let length = try integer("max_tokens", range) { return length }
    return kind == .chat ? model.architecture.contextLength : 16
  }

  func includesUsage(isStreamed: Bool) throws(OpenAIError) -> Bool {
    guard let options = field("stream_options") else { return false }
    guard options.object != nil else {
      throw .type("stream_options", expected: "an object", got: options)
    }
    guard isStreamed else {
      throw .value("stream_options", "is only allowed when 'stream' is true")
    }
    guard let value = options["include_usage"], !value.isNull else { return false }
    guard let flag = value.bool else {
      throw .type("stream_options.include_usage", expected: "a boolean", got: value)
    }
    return flag
  }
}

// MARK: What is asked

extension CompletionFields {
  /// A text, tokens, or a list of one of either.
  private func prompt(_ model: LanguageModel) throws(OpenAIError) -> [Int] {
    guard var value = field("prompt") else {
      throw OpenAIError(
        message: "you must provide a prompt", parameter: "prompt",
        code: "missing_required_parameter")
    }
    if let list = value.array, let first = list.first, first.number == nil {
      guard list.count == 1 else {
        throw .value("prompt", "this server answers one prompt at a time")
      }
      value = first
    }
    if let text = value.string { return model.tokenizer.encode(text) }
    guard let list = value.array else {
      throw .type("prompt", expected: "a string or an array of tokens", got: value)
    }
    var tokens: [Int] = []
    for element in list {
      guard let token = element.int else {
        throw .type("prompt", expected: "an array of tokens", got: element)
      }
      tokens.append(token)
    }
    return tokens
  }

  private func messages() throws(OpenAIError) -> [ChatMessage] {
    guard let value = field("messages") else {
      throw OpenAIError(
        message: "Missing required parameter: 'messages'.", parameter: "messages",
        code: "missing_required_parameter")
    }
    guard let list = value.array else {
      throw .type("messages", expected: "an array of objects", got: value)
    }
    guard !list.isEmpty else { throw .value("messages", "there has to be at least one message") }
    var messages: [ChatMessage] = []
    for (index, message) in list.enumerated() {
      messages.append(try self.message(message, at: "messages[\(index)]"))
    }
    return messages
  }

  private func message(_ value: JSON, at path: String) throws(OpenAIError) -> ChatMessage {
    guard value.object != nil else { throw .type(path, expected: "an object", got: value) }
    guard let name = value["role"]?.string else {
      throw .value(path + ".role", "has to be 'system', 'user' or 'assistant'")
    }
    guard let role = ChatMessage.Role(rawValue: name == "developer" ? "system" : name) else {
      throw .value(path + ".role", "'\(name.prefix(64))' is not 'system', 'user' or 'assistant'")
    }
    for name in ["tool_calls", "function_call", "audio"] {
      if let call = value[name], !call.isNull, call != [] { throw .unsupported(path + "." + name) }
    }
    return ChatMessage(role: role, content: try content(value["content"] ?? .null, path))
  }

  /// A message's text, in one piece or as parts of the type `text`.
  private func content(_ value: JSON, _ path: String) throws(OpenAIError) -> String {
    if let text = value.string { return text }
    guard let parts = value.array else {
      throw .type(path + ".content", expected: "a string or an array of parts", got: value)
    }
    var text = ""
    for (index, part) in parts.enumerated() {
      guard part["type"]?.string == "text", let piece = part["text"]?.string else {
        throw .value("\(path).content[\(index)]", "only parts of the type 'text' are supported")
      }
      text += piece
    }
    return text
  }

  private func stop() throws(OpenAIError) -> [String] {
    guard let value = field("stop") else { return [] }
    if let text = value.string { return [text] }
    guard let list = value.array else {
      throw .type("stop", expected: "a string or an array of strings", got: value)
    }
    var texts: [String] = []
    for element in list {
      guard let text = element.string else {
        throw .type("stop", expected: "an array of strings", got: element)
      }
      texts.append(text)
    }
    return texts
  }
}

// MARK: Types

extension CompletionFields {
  /// A field's value; null counts as absent.
  private func field(_ name: String) -> JSON? {
    json[name].flatMap { $0.isNull ? nil : $0 }
  }

  func string(_ name: String) throws(OpenAIError) -> String? {
    guard let value = field(name) else { return nil }
    guard let string = value.string else {
      throw .type(name, expected: "a string", got: value)
    }
    return string
  }

  func flag(_ name: String) throws(OpenAIError) -> Bool? {
    guard let value = field(name) else { return nil }
    guard let flag = value.bool else { throw .type(name, expected: "a boolean", got: value) }
    return flag
  }

  private func integer(_ name: String, _ range: ClosedRange<Int>) throws(OpenAIError) -> Int? {
    guard let value = field(name) else { return nil }
    guard let number = value.int else { throw .type(name, expected: "an integer", got: value) }
    guard range.contains(number) else {
      throw .value(name, "expected \(range.lowerBound) to \(range.upperBound), got \(number)")
    }
    return number
  }

  private func number(
    _ name: String, _ range: ClosedRange<Double>
  ) throws(OpenAIError) -> Double? {
    guard let value = field(name) else { return nil }
    guard let number = value.double else { throw .type(name, expected: "a number", got: value) }
    guard range.contains(number) else {
      throw .value(name, "expected \(range.lowerBound) to \(range.upperBound), got \(number)")
    }
    return number
  }
}
