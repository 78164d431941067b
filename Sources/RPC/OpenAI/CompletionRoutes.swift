import HTTP
import Inference
import JSON
import Node
import Primitives

/// The HTTP routes in OpenAI's wire format: models, completions and chat, whole or streamed.
///
/// Requests wait in line for the engine, which serves one after the other on a thread of its own.
public struct CompletionRoutes: Sendable {
  private let engine: Engine
  private let models: ModelService
  private let clock: @Sendable () -> UInt64

  /// How many requests may wait.
  public static let queueLimit = 256

  /// Routes to an engine and its models; `clock` gives milliseconds since 1970.
  public init(engine: Engine, models: ModelService, clock: @escaping @Sendable () -> UInt64) {
    self.engine = engine
    self.models = models
    self.clock = clock
  }

  /// The routes.
  public var routes: [HTTPRouter.Route] {
    var routes = [
      HTTPRouter.Route("GET", "/v1/models") { _, responder in
        models.perform(responder) { catalog in
          responder.respond(status: 200, json: catalog.json)
        }
      },
      HTTPRouter.Route("POST", "/v1/completions") { request, responder in
        serve(request, .completion, responder)
      },
      HTTPRouter.Route("POST", "/v1/chat/completions") { request, responder in
        serve(request, .chat, responder)
      },
    ]
    for name in models.names {
      routes.append(
        HTTPRouter.Route("GET", "/v1/models/" + name) { _, responder in
          models.perform(responder) { catalog in
            if let json = try? catalog.json(named: name) {
              responder.respond(status: 200, json: json)
            }
          }
        })
    }
    return routes
  }

  private func serve(
    _ request: HTTPRequest, _ kind: CompletionCall.Kind, _ responder: HTTPResponder
  ) {
    models.perform(responder) { catalog in
      let stream = PieceStream(responder)
      do throws(OpenAIError) {
        try answer(request, kind, catalog, responder, stream)
      } catch {
        stream.fail(error)
      }
    }
  }

  private func answer(
    _ request: HTTPRequest, _ kind: CompletionCall.Kind, _ catalog: ModelCatalog,
    _ responder: HTTPResponder, _ stream: PieceStream
  ) throws(OpenAIError) {
    let call = try CompletionCall.parse(request.body, kind: kind, catalog: catalog)
    let credential = try credential(request, call)
    let identifier = (kind == .chat ? "chatcmpl-" : "cmpl-") + models.nextIdentifier()
    let reply = CompletionReply(to: call, identifier: identifier, created: clock() / 1000)
    let use: ServedUse
    do throws(EngineRefusal) {
      use = try engine.serve(call.request, model: call.model, credential: credential) { piece in
        guard call.isStreamed else { return !responder.isCancelled }
        return stream.write(piece, of: reply)
      }
    } catch {
      throw error.openAI
    }
    let extensions = UsageJSON.extensions(use.digest, use.report, sequence: use.sequence)
    if call.isStreamed {
      stream.close(use.result, of: reply, extensions: extensions)
    } else {
      responder.respond(status: 200, json: reply.whole(use.result, extensions: extensions))
    }
  }

  /// Who pays: the signed authorisation in the body, else the bearer token.
  private func credential(
    _ request: HTTPRequest, _ call: CompletionCall
  ) throws(OpenAIError) -> Credential {
    if !call.extensions.isNull {
      guard let grant = Grant(json: call.extensions) else {
        throw OpenAIError(
          message: "'opal' is not {authorization, signature}.", parameter: "opal",
          code: "invalid_value")
      }
      return .authorization(grant)
    }
    guard let header = request.headers["authorization"] else { return .none }
    let words = header.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else {
      throw OpenAIError(
        status: 401, message: "The Authorization header is not a bearer token.",
        type: "authentication_error", code: "invalid_api_key")
    }
    // OpenAI's client libraries insist on some key; one that is none of ours stands for none.
    return words[1].hasPrefix(PayerBook.keyPrefix) ? .apiKey(String(words[1])) : .none
  }
}

/// A streamed answer, begun with its first piece, so that a refusal before it has its own status.
private final class PieceStream {
  private let responder: HTTPResponder
  private var stream: HTTPStream?

  init(_ responder: HTTPResponder) { self.responder = responder }

  /// Sends a piece; false when nobody listens any more.
  func write(_ piece: TokenPiece, of reply: CompletionReply) -> Bool {
    begin(reply).write(reply.piece(piece))
  }

  /// Sends what a stream ends with.
  func close(_ result: GenerationResult, of reply: CompletionReply, extensions: JSON) {
    let stream = begin(reply)
    stream.write(reply.closing(result, extensions: extensions))
    stream.finish()
  }

  /// Answers with an error, within the stream if it has begun.
  func fail(_ error: OpenAIError) {
    if let stream {
      stream.write(CompletionReply.failure(error))
      stream.finish()
    } else {
      responder.respond(status: error.status, json: error.json)
    }
  }

  private func begin(_ reply: CompletionReply) -> HTTPStream {
    if let stream { return stream }
    let begun = responder.beginStream(
      status: 200, headers: ["content-type": "text/event-stream", "cache-control": "no-cache"])
    begun.write(reply.opening())
    stream = begun
    return begun
  }
}
