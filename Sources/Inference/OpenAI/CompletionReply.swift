import JSON
import Primitives

/// Writes answers in OpenAI's wire format, whole or as server-sent events.
///
/// Source: OpenAI API reference; WHATWG HTML, section 9.2 "Server-sent events".
public struct CompletionReply: Sendable {
  /// Which end was called.
  public let kind: CompletionCall.Kind
  /// The answer's name, unique on this server.
  public let identifier: String
  /// When the answer began, in seconds since 1970.
  public let created: UInt64
  /// The model's name as the caller wrote it.
  public let modelName: String
  /// Whether the stream ends with the usage, so that the other chunks say that it is null.
  public let includesUsage: Bool

  /// The reply to a call.
  public init(to call: CompletionCall, identifier: String, created: UInt64) {
    kind = call.kind
    self.identifier = identifier
    self.created = created
    modelName = call.modelName
    includesUsage = call.includesUsage
  }

  // MARK: Whole

  /// The whole answer; `extensions` becomes its member `opal`, unless null.
  public func whole(_ result: GenerationResult, extensions: JSON = .null) -> JSON {
    let finishReason = Self.finishReason(result.finishReason)
    let choice: JSON =
      switch kind {
      case .completion:
        [
          "text": .string(result.text), "index": 0, "logprobs": .null,
          "finish_reason": finishReason,
        ]
      case .chat:
        [
          "index": 0,
          "message": [
            "role": "assistant", "content": .string(result.text), "refusal": .null,
          ],
          "logprobs": .null, "finish_reason": finishReason,
        ]
      }
    var members = head(isChunk: false, choices: [choice])
    members["usage"] = Self.usage(result)
    if !extensions.isNull { members["opal"] = extensions }
    return .object(members)
  }

  // MARK: Piece by piece

  /// What a stream begins with: in a chat, who speaks; for a completion nothing.
  public func opening() -> Bytes {
    guard kind == .chat else { return [] }
    return chunk(["role": "assistant", "content": "", "refusal": .null], finishReason: .null)
  }

  /// A piece of text; nothing for a piece without text.
  public func piece(_ piece: TokenPiece) -> Bytes {
    guard !piece.text.utf8.isEmpty else { return [] }
    return chunk(["content": .string(piece.text)], text: piece.text, finishReason: .null)
  }

  /// What a stream ends with: the reason, the usage if wanted, and `[DONE]`.
  ///
  /// `extensions` becomes the member `opal` of the last chunk, unless null.
  public func closing(_ result: GenerationResult, extensions: JSON = .null) -> Bytes {
    let last = chunk(
      [:], finishReason: Self.finishReason(result.finishReason),
      extensions: includesUsage ? .null : extensions)
    guard includesUsage else { return last + Self.done }
    var members = head(isChunk: true, choices: [])
    members["usage"] = Self.usage(result)
    if !extensions.isNull { members["opal"] = extensions }
    return last + Self.event(.object(members)) + Self.done
  }

  /// An error within a stream, after which nothing follows but `[DONE]`.
  public static func failure(_ error: OpenAIError) -> Bytes { event(error.json) + done }

  private func chunk(
    _ delta: JSON, text: String = "", finishReason: JSON, extensions: JSON = .null
  ) -> Bytes {
    let choice: JSON =
      switch kind {
      case .completion:
        [
          "text": .string(text), "index": 0, "logprobs": .null, "finish_reason": finishReason,
        ]
      case .chat:
        ["index": 0, "delta": delta, "logprobs": .null, "finish_reason": finishReason]
      }
    var members = head(isChunk: true, choices: [choice])
    if includesUsage { members["usage"] = .null }
    if !extensions.isNull { members["opal"] = extensions }
    return Self.event(.object(members))
  }

  private func head(isChunk: Bool, choices: [JSON]) -> JSONObject {
    var members = JSONObject()
    members["id"] = .string(identifier)
    switch kind {
    case .completion: members["object"] = "text_completion"
    case .chat: members["object"] = isChunk ? "chat.completion.chunk" : "chat.completion"
    }
    members["created"] = .integer(created)
    members["model"] = .string(modelName)
    members["choices"] = .array(choices)
    return members
  }

  private static func usage(_ result: GenerationResult) -> JSON {
    [
      "prompt_tokens": .integer(result.promptTokenCount),
      "completion_tokens": .integer(result.completionTokenCount),
      "total_tokens": .integer(result.promptTokenCount + result.completionTokenCount),
    ]
  }

  /// OpenAI knows no word for an answer that nobody waited for.
  private static func finishReason(_ reason: FinishReason) -> JSON {
    reason == .length ? "length" : "stop"
  }

  private static func event(_ json: JSON) -> Bytes {
    Bytes("data: ".utf8) + json.serialized() + Bytes("\n\n".utf8)
  }

  private static let done = Bytes("data: [DONE]\n\n".utf8)
}
