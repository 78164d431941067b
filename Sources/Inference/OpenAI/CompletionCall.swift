import JSON
import Primitives

/// A call of `/v1/completions` or `/v1/chat/completions`, checked and ready to be answered.
///
/// Source: OpenAI API reference, "Completions" and "Chat"; `top_k` is an extension that other
/// servers know too. What would change the answer and is not done here is refused, never ignored.
public struct CompletionCall: Sendable {
  /// The longest body that is read.
  public static let bodyLimitInBytes = 1 << 20

  /// Which of the two ends was called.
  public enum Kind: Sendable, Hashable {
    /// `/v1/completions`: continue a text.
    case completion
    /// `/v1/chat/completions`: answer in a conversation.
    case chat
  }

  /// Which end was called.
  public let kind: Kind
  /// The model's name as the caller wrote it.
  public let modelName: String
  /// The model.
  public let model: LanguageModel
  /// What is asked of it.
  public let request: GenerationRequest
  /// Whether the answer is to come piece by piece.
  public let isStreamed: Bool
  /// Whether a stream is to end with the usage.
  public let includesUsage: Bool
  /// The member `opal` of the body, such as a signed authorisation; null if absent.
  public let extensions: JSON

  /// Reads a call's body.
  ///
  /// - Throws: `OpenAIError`, which names the parameter.
  public static func parse(
    _ body: Bytes, kind: Kind, catalog: ModelCatalog
  ) throws(OpenAIError) -> CompletionCall {
    guard body.count <= bodyLimitInBytes else {
      throw OpenAIError(
        status: 413, message: "The body is longer than \(bodyLimitInBytes) bytes.")
    }
    let json: JSON
    do throws(JSONError) {
      json = try JSON.parse(body, limits: JSONLimits(depth: 32, sizeInBytes: bodyLimitInBytes))
    } catch {
      throw OpenAIError(
        message: "We could not parse the JSON body of your request: \(error.description).")
    }
    guard json.object != nil else {
      throw OpenAIError(message: "The body of your request is not a JSON object.")
    }
    return try CompletionCall(CompletionFields(json: json, kind: kind), catalog: catalog)
  }

  private init(_ fields: CompletionFields, catalog: ModelCatalog) throws(OpenAIError) {
    guard let name = try fields.string("model") else {
      throw OpenAIError(
        message: "you must provide a model parameter", parameter: "model",
        code: "missing_required_parameter")
    }
    try fields.checkNames()
    kind = fields.kind
    modelName = name
    let entry = try catalog.entry(named: name)
    model = entry.model
    var request = try fields.request(for: entry.model)
    request.adapters = entry.adapters
    self.request = request
    isStreamed = try fields.flag("stream") ?? false
    includesUsage = try fields.includesUsage(isStreamed: isStreamed)
    extensions = fields.json["opal"] ?? .null
    do throws(GenerationError) {
      try model.check(request)
    } catch {
      throw OpenAIError(error)
    }
  }
}
