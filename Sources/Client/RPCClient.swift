import JSON
import Primitives
import Synchronization

/// Why a node's answer could not be had.
public enum RPCClientError: Error, Hashable, Sendable {
  /// The node was not reached, or did not answer in time.
  case unreachable(url: String, reason: String)
  /// What came back is no JSON-RPC.
  case malformed(url: String, status: Int, beginning: String)
  /// The node refused, with its code, words and data.
  case refused(code: Int, message: String, data: JSON?)

  /// What is wrong, in words.
  public var message: String {
    switch self {
    case .unreachable(let url, let reason): "\(url): \(reason)"
    case .malformed(let url, let status, let beginning):
      "\(url) answered with status \(status) what is no JSON-RPC: \(beginning)"
    case .refused(let code, let message, _): "\(message) (\(code))"
    }
  }
}

/// Asks an Ethereum node by JSON-RPC over HTTP.
///
/// One request at a time, over one connection that is kept; from any thread.
public final class RPCClient: Sendable {
  /// Where the node is.
  public let url: String

  private let timeoutInMilliseconds: Int
  private let transfer: Mutex<HTTPTransfer>

  /// Larger answers are refused.
  public static let maximumAnswerSizeInBytes = 256 << 20

  /// A client of the node at an address; `headers` go with every request, `name: value` each.
  public init(url: String, headers: [String] = [], timeoutInMilliseconds: Int = 60_000) {
    self.url = url
    self.timeoutInMilliseconds = timeoutInMilliseconds
    transfer = Mutex(HTTPTransfer(headers: ["content-type: application/json"] + headers))
  }

  /// The result of a method.
  ///
  /// - Throws: ``RPCClientError``.
  public func ask(_ method: String, _ parameters: JSON...) throws(RPCClientError) -> JSON {
    try ask(method, parameters: parameters)
  }

  /// The result of a method.
  ///
  /// - Throws: ``RPCClientError``.
  public func ask(_ method: String, parameters: [JSON]) throws(RPCClientError) -> JSON {
    let request: JSON = [
      "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(parameters),
    ]
    let (status, body) = try transfer.withLock { (transfer) throws(RPCClientError) in
      do throws(TransferFailure) {
        return try transfer.post(
          request.serialized(), to: url, timeoutInMilliseconds: timeoutInMilliseconds,
          limitInBytes: Self.maximumAnswerSizeInBytes)
      } catch {
        throw .unreachable(url: url, reason: error.reason)
      }
    }
    let limits = JSONLimits(
      depth: 2_048, sizeInBytes: Self.maximumAnswerSizeInBytes, valueCount: 1 << 25)
    guard let reply = try? JSON.parse(body, limits: limits) else {
      throw .malformed(
        url: url, status: status, beginning: String(decoding: body.prefix(100), as: UTF8.self))
    }
    if let error = reply["error"], !error.isNull {
      throw .refused(
        code: error["code"]?.int ?? 0, message: error["message"]?.string ?? "no message",
        data: error["data"])
    }
    guard let result = reply["result"] else {
      throw .malformed(
        url: url, status: status, beginning: String(decoding: body.prefix(100), as: UTF8.self))
    }
    return result
  }
}
