import JSON

/// What a method answers instead of a result, with the codes that clients know from geth.
public struct RPCError: Error, Hashable, Sendable {
  /// The kind of error: JSON-RPC's own are from -32700 to -32600, a revert's is 3.
  public var code: Int

  /// What is wrong, for people; clients match geth's wording.
  public var message: String

  /// More for programs: a revert's output as hexadecimal.
  public var data: JSON?

  /// An error of that code.
  public init(code: Int, message: String, data: JSON? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  /// The body is no JSON.
  public static func unreadable(_ error: JSONError) -> RPCError {
    RPCError(code: -32700, message: "parse error: \(error.description)")
  }

  /// The JSON is no request.
  public static func invalidRequest(_ message: String = "invalid request") -> RPCError {
    RPCError(code: -32600, message: message)
  }

  /// There is no such method.
  public static func unknownMethod(_ name: String) -> RPCError {
    let name = name.utf8.count <= 128 ? name : String(name.prefix(64)) + "…"
    return RPCError(
      code: -32601, message: "the method \(name) does not exist/is not available")
  }

  /// The parameters are not those of the method.
  public static func invalidParameters(_ message: String) -> RPCError {
    RPCError(code: -32602, message: message)
  }

  /// The node failed, not the caller.
  public static func internalFailure(_ message: String) -> RPCError {
    RPCError(code: -32603, message: message)
  }

  /// The request is understood and refused, as geth refuses nearly everything.
  public static func refused(_ message: String) -> RPCError {
    RPCError(code: -32000, message: message)
  }

  /// The answer would be larger than the server allows.
  public static var responseTooLarge: RPCError {
    RPCError(code: -32003, message: "response too large")
  }

  /// The time of a request is over.
  public static var timedOut: RPCError { RPCError(code: -32002, message: "request timed out") }

  /// More requests are on their way than the server takes.
  static func tooManyRequests(_ limit: Int) -> RPCError {
    RPCError(code: -32005, message: "too many requests at a time: at most \(limit)")
  }

  /// A call reverted with that output; `reason` is the decoded text, if there is one.
  public static func reverted(reason: String?, output: [UInt8]) -> RPCError {
    var writer = JSONWriter()
    writer.data(output)
    let data = String(decoding: writer.bytes.dropFirst().dropLast(), as: UTF8.self)
    return RPCError(
      code: 3, message: "execution reverted" + (reason.map { ": " + $0 } ?? ""),
      data: .string(data))
  }

  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("code")
    writer.integer(code)
    writer.key("message")
    writer.string(message)
    if let data {
      writer.key("data")
      writer.value(data)
    }
    writer.endObject()
  }
}
