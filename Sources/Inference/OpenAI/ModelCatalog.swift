import JSON
import Primitives

/// The models that a server offers, by name.
public struct ModelCatalog: Sendable {
  /// A model and how it is listed.
  public struct Entry: Sendable {
    /// The name that requests use.
    public let name: String
    /// The model.
    public let model: LanguageModel
    /// Since when it is offered, in seconds since 1970.
    public let created: UInt64
  }

  /// The models in the order in which they were added.
  public private(set) var entries: [Entry] = []

  /// A catalog without models.
  public init() {}

  /// Offers a model under a name, in place of what had that name before.
  public mutating func add(_ model: LanguageModel, name: String, created: UInt64) {
    entries.removeAll { $0.name == name }
    entries.append(Entry(name: name, model: model, created: created))
  }

  /// The model of a name.
  ///
  /// - Throws: `OpenAIError` with status 404.
  public func model(named name: String) throws(OpenAIError) -> LanguageModel {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw OpenAIError(
        status: 404, message: "The model `\(name)` does not exist or you do not have access to it.",
        parameter: "model", code: "model_not_found")
    }
    return entry.model
  }

  /// The reply to `GET /v1/models`.
  public var json: JSON {
    ["object": "list", "data": .array(entries.map(Self.json))]
  }

  /// The reply to `GET /v1/models/{name}`.
  ///
  /// - Throws: `OpenAIError` with status 404.
  public func json(named name: String) throws(OpenAIError) -> JSON {
    _ = try model(named: name)
    return entries.first { $0.name == name }.map(Self.json) ?? .null
  }

  private static func json(_ entry: Entry) -> JSON {
    [
      "id": .string(entry.name),
      "object": "model",
      "created": .integer(entry.created),
      "owned_by": "opal",
      "opal": [
        "modelHash": .string(entry.model.identity.modelHash.hexadecimal),
        "weightsHash": .string(entry.model.identity.weightsHash.hexadecimal),
        "contextLength": .integer(entry.model.architecture.contextLength),
      ],
    ]
  }
}
