import Client
import HTTP
import JSON
import Testing

@Suite("The client of JSON-RPC", .serialized)
struct RPCClientTests {
  /// A server that answers every request with the same.
  private func server(status: Int = 200, _ answer: String) throws -> HTTPServer {
    try HTTPServer(configuration: HTTPConfiguration()) { request, responder in
      responder.respond(
        status: status, headers: ["x-method": request.method],
        body: [UInt8](
          answer.replacing("BODY", with: String(decoding: request.body, as: UTF8.self)).utf8))
    }
  }

  private func ask(_ answer: String, status: Int = 200) throws -> Result<JSON, RPCClientError> {
    let server = try server(status: status, answer)
    defer { server.stop() }
    let client = RPCClient(url: "http://127.0.0.1:\(server.port)")
    return Result { () throws(RPCClientError) in try client.ask("m", "a", 1) }
  }

  @Test("a request goes out as JSON-RPC 2.0, and its result comes back")
  func result() throws {
    let sent = try ask(#"{"jsonrpc":"2.0","id":1,"result":BODY}"#).get()
    #expect(sent == ["jsonrpc": "2.0", "id": 1, "method": "m", "params": ["a", 1]])
    #expect(try ask(#"{"id":1,"result":null,"error":null}"#).get() == .null)
  }

  @Test("refusals keep code, words and data; what is no answer says so")
  func failures() throws {
    #expect(
      try ask(#"{"id":1,"error":{"code":3,"message":"execution reverted","data":"0x01"}}"#)
        == .failure(.refused(code: 3, message: "execution reverted", data: "0x01")))
    for text in ["", "hello", "[]", "{}", "{\"id\":1}"] {
      guard case .failure(.malformed(_, 404, _)) = try ask(text, status: 404) else {
        Issue.record("\(text) was taken for an answer")
        continue
      }
    }
    let stopped = try server("")
    let port = stopped.port
    stopped.stop()
    let client = RPCClient(url: "http://127.0.0.1:\(port)")
    guard
      case .failure(.unreachable) = Result(catching: { () throws(RPCClientError) in
        try client.ask("m")
      })
    else {
      Issue.record("nobody answered, and yet there is an answer")
      return
    }
  }
}
