import HTTP
import Inference
import Node
import Primitives
import Synchronization

/// The models of a server, loaded when the first request needs them, and the line before them.
public final class ModelService: Sendable {
  /// A model by its name and folder.
  public struct Source: Sendable {
    var name: String
    var directory: String

    /// Names a model's folder.
    public init(name: String, directory: String) {
      self.name = name
      self.directory = directory
    }
  }

  /// The models' names.
  public var names: [String] { sources.map(\.name) }

  private let sources: [Source]
  private let created: UInt64
  private let worker = SerialWorker()
  private let waiting = Mutex(0)
  private let identifiers = Mutex<UInt64>(0)
  private let catalog = Mutex<ModelCatalog?>(nil)

  /// Offers models from now on, `created` seconds since 1970.
  public init(sources: [Source], created: UInt64) {
    self.sources = sources
    self.created = created
  }

  /// A name for an answer, unique on this server.
  func nextIdentifier() -> String {
    let number = identifiers.withLock { number in
      number += 1
      return number
    }
    return "\(created)-\(number)"
  }

  /// Runs a body with the models when its turn comes; answers at once when the line is too long
  /// or the models cannot be loaded.
  func perform(
    _ responder: HTTPResponder, _ body: @escaping @Sendable (ModelCatalog) -> Void
  ) {
    let isTaken = waiting.withLock { count in
      guard count < CompletionRoutes.queueLimit else { return false }
      count += 1
      return true
    }
    guard isTaken else {
      return refuse(
        responder, OpenAIError(status: 429, message: "Too many requests wait for the engine."))
    }
    let isQueued = worker.enqueue { [self] in
      defer { waiting.withLock { $0 -= 1 } }
      do throws(ModelError) {
        body(try loaded())
      } catch {
        refuse(
          responder, OpenAIError(status: 500, message: error.description, type: "server_error"))
      }
    }
    if !isQueued {
      refuse(
        responder,
        OpenAIError(status: 503, message: "The server is stopping.", type: "server_error"))
    }
  }

  /// Finishes what is in line.
  public func stop() { worker.stop() }

  private func loaded() throws(ModelError) -> ModelCatalog {
    if let catalog = catalog.withLock({ $0 }) { return catalog }
    var made = ModelCatalog()
    for source in sources {
      made.add(
        try LanguageModel.load(directory: source.directory), name: source.name, created: created)
    }
    let finished = made
    catalog.withLock { $0 = finished }
    return finished
  }

  private func refuse(_ responder: HTTPResponder, _ error: OpenAIError) {
    responder.respond(status: error.status, json: error.json)
  }
}
