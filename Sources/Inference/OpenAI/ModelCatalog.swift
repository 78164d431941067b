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
    /// The adapters that act on it under this name.
    public let adapters: [AdapterUse]
    /// Since when it is offered, in seconds since 1970.
    public let created: UInt64
  }

  /// The models in the order in which they were added.
  public private(set) var entries: [Entry] = []

  /// A catalog without models.
  public init() {}

  /// Offers a model under a name, in place of what had that name before.
  ///
  /// The same model may be there under several names, each with its own adapters.
  public mutating func add(
    _ model: LanguageModel, adapters: [AdapterUse] = [], name: String, created: UInt64
  ) {
    entries.removeAll { $0.name == name }
    entries.append(Entry(name: name, model: model, adapters: adapters, created: created))
  }

  /// What is offered under a name.
  ///
  /// - Throws: `OpenAIError` with status 404.
  public func entry(named name: String) throws(OpenAIError) -> Entry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw OpenAIError(
        status: 404, message: "The model `\(name)` does not exist or you do not have access to it.",
        parameter: "model", code: "model_not_found")
    }
    return entry
  }

  /// The reply to `GET /v1/models`.
  public var json: JSON {
    ["object": "list", "data": .array(entries.map(Self.json))]
  }

  /// The reply to `GET /v1/models/{name}`.
  ///
  /// - Throws: `OpenAIError` with status 404.
  public func json(named name: String) throws(OpenAIError) -> JSON {
    Self.json(try entry(named: name))
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
        "adapterHashes": .array(
          entry.adapters.map { .string($0.adapter.adapterHash.hexadecimal) }),
        "contextLength": .integer(entry.model.architecture.contextLength),
      ],
    ]
  }
}
