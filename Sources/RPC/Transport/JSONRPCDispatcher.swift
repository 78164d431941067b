import Contracts
import JSON
import Primitives
import Synchronization

/// A method of the JSON-RPC interface.
public enum RPCMethod: Sendable {
  /// Takes microseconds, so that the server's own thread runs it.
  case immediate(@Sendable (RPCParameters) throws(RPCError) -> JSON)

  /// Takes its time, or waits for others; the server goes on meanwhile.
  case asynchronous(@Sendable (RPCParameters) async throws(RPCError) -> JSON)

  /// Is begun at once, and answered later by whoever did what it asked for; takes microseconds on
  /// both sides.
  case deferred(
    @Sendable (
      RPCParameters, @escaping @Sendable (Result<JSON, RPCError>) -> Void
    ) throws(RPCError) -> Void)

  /// Needs a connection that can be told things later; takes microseconds.
  case session(@Sendable (RPCParameters, RPCCall) throws(RPCError) -> JSON)
}

/// How much of JSON-RPC a dispatcher takes.
public struct JSONRPCLimits: Sendable {
  /// Larger batches are refused.
  public var batchCount = 1000

  /// Where the answers to a batch exceed this, the rest of it is refused.
  public var responseSizeInBytes = 25_000_000

  /// Larger bodies are refused, once they are no longer compressed.
  public var decompressedSizeInBytes = 32 << 20

  /// Requests that are being run or wait for their turn, a batch counted once; further ones are
  /// refused.
  public var concurrentRequests = 4_096

  /// How long a request that only looks may take; what changes something is told of to the end.
  public var requestTimeoutInMilliseconds: UInt64 = 30_000

  /// How deep the JSON of a request may be nested, and how many values it may have.
  public var json = JSONLimits(depth: 128, sizeInBytes: 1 << 28, valueCount: 1 << 21)

  /// The usual limits.
  public init() {}
}

/// Answers JSON-RPC 2.0 requests, alone or in batches, from a table of methods.
///
/// Requests of a batch run one after the other, so that a batch does what its order says.
public struct JSONRPCDispatcher: Sendable {
  private let methods: [String: RPCMethod]
  let limits: JSONRPCLimits
  private let load = RequestLoad()
  private let deadlines = RequestDeadlines()
  /// The names of custom errors, if anybody gave artifacts.
  private let artifacts: ArtifactBook?

  /// A dispatcher to these methods, by name.
  public init(
    methods: [String: RPCMethod], limits: JSONRPCLimits = JSONRPCLimits(),
    artifacts: ArtifactBook? = nil
  ) {
    self.artifacts = artifacts
    self.methods = methods
    self.limits = limits
  }

  /// The names of the methods, sorted.
  public var methodNames: [String] { methods.keys.sorted() }

  /// The answer to a body; nil where nothing is to be answered, to notifications.
  public func reply(to body: [UInt8]) async -> [UInt8]? {
    let beginning = begin(body)
    return await withCheckedContinuation { continuation in
      Task { await finish(beginning) { continuation.resume(returning: $0) } }
    }
  }

  /// Runs what was only begun, and answers in its stead once its time is over.
  ///
  /// `respond` is called once.
  func finish(
    _ beginning: Beginning, respond: @escaping @Sendable ([UInt8]?) -> Void
  ) async {
    guard beginning.isReading else { return respond(await finish(beginning)) }
    let replies = BatchReplies()
    let ticket = deadlines.add(afterMilliseconds: limits.requestTimeoutInMilliseconds) {
      respond(timedOut(beginning, replies))
    }
    let reply = await finish(beginning, replies: replies)
    if deadlines.remove(ticket) { respond(reply) }
  }

  /// What is answered to a request whose time is over; of a batch, behind the answers there are.
  private func timedOut(_ beginning: Beginning, _ replies: BatchReplies) -> [UInt8]? {
    guard case .batch(let requests, _) = beginning else {
      return answer(.failure(.timedOut), id: beginning.id)
    }
    for request in requests[replies.close()...] {
      replies.append(answer(.failure(.timedOut), id: request["id"]))
    }
    return replies.text
  }

  /// Runs what was only begun.
  func finish(
    _ beginning: Beginning, call: RPCCall? = nil, replies: BatchReplies = BatchReplies()
  ) async -> [UInt8]? {
    if case .done(let reply) = beginning { return reply }
    guard load.enter(limit: limits.concurrentRequests) else {
      return answer(.failure(.tooManyRequests(limits.concurrentRequests)), id: beginning.id)
    }
    defer { load.leave() }
    switch beginning {
    case .done(let reply): return reply
    case .call(let call): return await reply(to: call)
    case .deferred(let call): return await reply(to: call)
    case .batch(let requests, let isReading):
      await run(requests, call, isReading: isReading, into: replies)
      return replies.text
    }
  }

  /// A body that was read and, if that takes no time, answered.
  enum Beginning: Sendable {
    case done([UInt8]?)
    case call(Call)
    case deferred(DeferredCall)
    case batch([JSON], isReading: Bool)

    /// Whether nothing is changed by it.
    var isReading: Bool {
      switch self {
      case .done, .deferred: false
      case .call(let call): call.isReading
      case .batch(let requests, _):
        requests.allSatisfy { $0["method"]?.string.map(ReadingMethods.contains) ?? true }
      }
    }

    /// Whom to answer where it is refused as a whole.
    var id: JSON? {
      switch self {
      case .call(let call): call.id
      case .deferred(let call): call.id
      default: .null
      }
    }
  }

  /// A request that waits to be run.
  struct Call: Sendable {
    var id: JSON?
    var isReading: Bool
    var run: @Sendable () async throws(RPCError) -> JSON
  }

  /// A request that is to be begun.
  struct DeferredCall: Sendable {
    var id: JSON?
    var begin: @Sendable (@escaping @Sendable (Result<JSON, RPCError>) -> Void) -> Void
  }

  /// Reads a body and answers it at once if its method is immediate.
  ///
  /// `call` is the connection's that can be told things later, if the body came over one; with
  /// `isReading` only methods that look are answered.
  func begin(_ body: [UInt8], call: RPCCall? = nil, isReading: Bool = false) -> Beginning {
    let json: JSON
    do throws(JSONError) {
      json = try JSON.parse(body, limits: limits.json)
    } catch {
      return .done(answer(.failure(.unreadable(error)), id: .null))
    }
    guard case .array(let requests) = json else { return begin(json, call, isReading) }
    if requests.isEmpty {
      return .done(answer(.failure(.invalidRequest("empty batch")), id: .null))
    }
    if requests.count > limits.batchCount {
      return .done(answer(.failure(.invalidRequest("batch too large")), id: .null))
    }
    return .batch(requests, isReading: isReading)
  }

  private func begin(_ request: JSON, _ call: RPCCall?, _ isReading: Bool) -> Beginning {
    guard case .object(let members) = request else {
      return .done(answer(.failure(.invalidRequest()), id: .null))
    }
    let id = members["id"]
    switch id {
    case nil, .null, .string, .number: break
    default: return .done(answer(.failure(.invalidRequest("id is no string or number")), id: .null))
    }
    guard members["jsonrpc"] == "2.0", case .string(let name)? = members["method"], !name.isEmpty
    else { return .done(answer(.failure(.invalidRequest()), id: id ?? .null)) }
    do throws(RPCError) {
      guard let method = methods[name] else { throw .unknownMethod(name) }
      guard !isReading || ReadingMethods.contains(name) else {
        throw .refused(
          "\(name) is not answered to pages of other origins; see opal node --allow-origin")
      }
      let parameters = try RPCParameters(request: members["params"])
      switch method {
      case .session(let run):
        guard let call else {
          throw RPCError(code: -32601, message: "notifications not supported")
        }
        return .done(answer(.success(try run(parameters, call)), id: id))
      case .immediate(let run): return .done(answer(.success(try run(parameters)), id: id))
      case .deferred(let run):
        return .deferred(
          DeferredCall(id: id) { complete in
            do throws(RPCError) {
              try run(parameters, complete)
            } catch {
              complete(.failure(error))
            }
          })
      case .asynchronous(let run):
        return .call(
          Call(id: id, isReading: ReadingMethods.contains(name)) { () async throws(RPCError) in
            try await run(parameters)
          })
      }
    } catch {
      return .done(answer(.failure(error), id: id))
    }
  }

  private func reply(to call: Call) async -> [UInt8]? {
    do throws(RPCError) {
      return answer(.success(try await call.run()), id: call.id)
    } catch {
      return answer(.failure(error), id: call.id)
    }
  }

  private func reply(to call: DeferredCall) async -> [UInt8]? {
    let result = await withCheckedContinuation { continuation in
      call.begin { continuation.resume(returning: $0) }
    }
    return answer(result, id: call.id)
  }

  /// Runs what was only begun without a task of its own, where that can be done; false where not.
  ///
  /// `respond` is called on whatever thread did what was asked for.
  func run(
    _ beginning: Beginning, respond: @escaping @Sendable ([UInt8]?) -> Void
  ) -> Bool {
    guard case .deferred(let call) = beginning else { return false }
    guard load.enter(limit: limits.concurrentRequests) else { return false }
    call.begin { [self] result in
      load.leave()
      respond(answer(result, id: call.id))
    }
    return true
  }

  private func run(
    _ requests: [JSON], _ call: RPCCall?, isReading: Bool, into replies: BatchReplies
  ) async {
    for request in requests {
      var reply: [UInt8]?
      if replies.sizeInBytes > limits.responseSizeInBytes {
        reply = answer(.failure(.responseTooLarge), id: request["id"])
      } else {
        switch begin(request, call, isReading) {
        case .done(let bytes): reply = bytes
        case .call(let call): reply = await self.reply(to: call)
        case .deferred(let call): reply = await self.reply(to: call)
        case .batch: break
        }
      }
      guard replies.add(reply) else { return }
    }
  }

  /// A reply's text; nil for a notification, which has no id.
  private func answer(_ result: Result<JSON, RPCError>, id: JSON?) -> [UInt8]? {
    guard let id else { return nil }
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("jsonrpc")
    writer.string("2.0")
    writer.key("id")
    writer.value(id)
    switch result {
    case .success(let value):
      writer.key("result")
      writer.value(value)
    case .failure(let error):
      writer.key("error")
      named(error).write(to: &writer)
    }
    writer.endObject()
    return writer.bytes
  }
}

extension JSONRPCDispatcher {
  /// A revert with a custom error says which, if artifacts know it.
  private func named(_ error: RPCError) -> RPCError {
    guard let artifacts, error.code == 3, error.message == "execution reverted",
      let output = error.data?.string.flatMap({ Hexadecimal.decode($0) }),
      let words = artifacts.describe(error: output)
    else { return error }
    return RPCError(code: 3, message: "execution reverted: " + words, data: error.data)
  }
}

/// How many requests are on their way.
private final class RequestLoad: Sendable {
  private let count = Atomic<Int>(0)

  /// Takes a place, if there is one left.
  func enter(limit: Int) -> Bool {
    if count.add(1, ordering: .relaxed).newValue <= limit { return true }
    leave()
    return false
  }

  func leave() { count.subtract(1, ordering: .relaxed) }
}
