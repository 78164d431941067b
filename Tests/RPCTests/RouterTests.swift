import Glibc
import HTTP
import JSON
import Node
import RPC
import Testing

@Suite("The HTTP face of JSON-RPC", .serialized)
struct RouterTests {
  private let call = #"{"jsonrpc":"2.0","id":1,"method":"echo","params":["a"]}"#

  /// A server with the usual policy, asked one raw request; its answer until it closes.
  private func ask(
    _ request: String, body: String = "", policy: AccessPolicy = AccessPolicy(host: "127.0.0.1")
  ) throws -> String {
    let dispatcher = JSONRPCDispatcher(methods: [
      "echo": .immediate { .array($0.values) },
      "later": .asynchronous { parameters in .array(parameters.values) },
    ])
    let router = HTTPRouter(
      policy: policy, routes: dispatcher.routes(about: ["name": "opal"]))
    let server = try HTTPServer(configuration: HTTPConfiguration()) { router.handle($0, $1) }
    defer { server.stop() }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = server.port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isConnected = unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe connect(
        descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(bytes.count)) == 0
    }
    #expect(isConnected)
    let text = [UInt8](
      (request + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body).utf8)
    #expect(unsafe send(descriptor, text, text.count, 0) == text.count)
    var answer: [UInt8] = []
    while true {
      let part = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { part, count in
        count = unsafe Swift.max(0, recv(descriptor, part.baseAddress, part.count, 0))
      }
      if part.isEmpty { return String(decoding: answer, as: UTF8.self) }
      answer += part
    }
  }

  @Test(
    "a call is answered at once or later, a notification with 204, a stranger told what this is")
  func calls() throws {
    let post = "POST / HTTP/1.1\r\nHost: localhost:8545\r\n"
    let reply = #"{"jsonrpc":"2.0","id":1,"result":["a"]}"#
    #expect(try ask(post, body: call).hasSuffix("\r\n\r\n" + reply))
    let later = call.replacing("echo", with: "later")
    #expect(try ask(post, body: later).hasSuffix("\r\n\r\n" + reply))
    #expect(try ask(post, body: "[\(call),\(later)]").hasSuffix("\r\n\r\n[\(reply),\(reply)]"))
    #expect(try ask(post, body: "{").contains("-32700"))
    let silent = call.replacing(#""id":1,"#, with: "")
    #expect(try ask(post, body: silent).hasPrefix("HTTP/1.1 204"))
    #expect(try ask("GET / HTTP/1.1\r\nHost: localhost\r\n").contains(#""name": "opal""#))
    #expect(try ask("GET /x HTTP/1.1\r\nHost: localhost\r\n").hasPrefix("HTTP/1.1 404"))
    let socket = try ask("GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n")
    #expect(socket.hasPrefix("HTTP/1.1 501") && socket.contains("WebSocket"))
    let wrong = try ask("PUT / HTTP/1.1\r\nHost: localhost\r\n", body: call)
    #expect(wrong.hasPrefix("HTTP/1.1 405") && wrong.contains("allow: POST, GET"))
  }

  @Test("requests by a foreign name or from a foreign page are refused before they run")
  func strangers() throws {
    let host = "POST / HTTP/1.1\r\nHost: "
    #expect(try ask(host + "evil.example\r\n", body: call).hasPrefix("HTTP/1.1 403"))
    #expect(
      try ask(host + "localhost\r\nOrigin: https://evil.example\r\n", body: call)
        .hasPrefix("HTTP/1.1 403"))
    let local = try ask(host + "localhost\r\nOrigin: http://localhost:3000\r\n", body: call)
    #expect(local.hasPrefix("HTTP/1.1 200"))
    #expect(local.contains("access-control-allow-origin: http://localhost:3000"))
  }

  @Test("where a secret is shared, only those who have it are served")
  func tokens() throws {
    var policy = AccessPolicy(host: "127.0.0.1")
    let tokens = try #require(JSONWebToken(secret: [UInt8](repeating: 7, count: 32)))
    policy.tokens = tokens
    let post = "POST / HTTP/1.1\r\nHost: localhost\r\n"
    let refused = try ask(post, body: call, policy: policy)
    #expect(refused.hasPrefix("HTTP/1.1 401") && refused.contains("missing token"))
    let now = NodeConfiguration.systemClock() / 1000
    let field = "Authorization: Bearer \(tokens.token(issuedAt: now))\r\n"
    #expect(try ask(post + field, body: call, policy: policy).hasPrefix("HTTP/1.1 200"))
    let socket = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    #expect(try ask(socket, policy: policy).contains("501"))
  }

  @Test("large answers are compressed for those who take it, and compressed requests are read")
  func compression() throws {
    let long = call.replacing("\"a\"", with: "\"\(String(repeating: "a", count: 10_000))\"")
    let post = "POST / HTTP/1.1\r\nHost: localhost\r\n"
    let plain = try ask(post, body: long)
    #expect(!plain.contains("content-encoding") && plain.utf8.count > 10_000)
    let compressed = try ask(post + "Accept-Encoding: deflate, gzip\r\n", body: long)
    #expect(compressed.contains("content-encoding: gzip") && compressed.utf8.count < 1_000)
    #expect(!(try ask(post + "Accept-Encoding: gzip\r\n", body: call)).contains("gzip"))
    let malformed = try ask(post + "Content-Encoding: gzip\r\n", body: call)
    #expect(malformed.hasPrefix("HTTP/1.1 400"))
    #expect(try ask(post + "Content-Encoding: br\r\n", body: call).hasPrefix("HTTP/1.1 415"))
  }

  @Test("a browser's question before a request is answered")
  func preflight() throws {
    let answer = try ask(
      "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example\r\n"
        + "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-a\r\n",
      policy: AccessPolicy(host: "127.0.0.1", origins: .listed(["https://app.example"])))
    #expect(answer.hasPrefix("HTTP/1.1 204"))
    #expect(answer.contains("access-control-allow-headers: x-a"))
    #expect(answer.contains("access-control-allow-origin: https://app.example"))
  }

  @Test("the policy tells names and origins apart that only look alike")
  func policy() {
    let policy = AccessPolicy(host: "node.example", hostNames: ["other"])
    for host in [
      nil, "localhost", "LOCALHOST:8545", "127.0.0.1:1", "10.1.2.3", "[::1]", "[::1]:8545",
      "node.example:80", "other", "a.localhost",
    ] { #expect(policy.allows(host: host), "\(host ?? "none")") }
    for host in [
      "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::1].evil.example",
      "256.1.1.1", "evillocalhost", "[evil]",
    ] { #expect(!policy.allows(host: host), "\(host)") }
    for origin in [
      "http://localhost", "https://127.0.0.1:80", "http://[::1]:5", "http://127.9.9.9",
    ] {
      #expect(policy.admission(origin: origin) == .reading, "\(origin)")
    }
    for origin in [
      "null", "", "http://localhost.evil.example", "http://127.evil.example", "file://",
      "https://evil.example", "http://10.1.2.3",
    ] { #expect(policy.admission(origin: origin) == .none, "\(origin)") }
    #expect(policy.admission(origin: nil) == .full)
    #expect(policy.admission(origin: "Titanoboa") == .full, "a program, which no browser is")
    #expect(
      policy.admission(origin: "http://localhost:8545", host: "LOCALHOST:8545") == .full,
      "the server's own page")
    #expect(policy.admission(origin: "http://localhost:1", host: "localhost:2") == .reading)
    #expect(
      AccessPolicy(host: "h", origins: .all).admission(origin: "https://evil.example") == .full)
  }

  @Test("without sharing, pages of other origins on this machine may not even look")
  func noSharing() {
    let policy = AccessPolicy(host: "127.0.0.1", origins: .none)
    #expect(policy.admission(origin: nil) == .full)
    #expect(policy.admission(origin: "http://localhost:3000", host: "localhost:8545") == .none)
    #expect(policy.admission(origin: "http://localhost:8545", host: "localhost:8545") == .full)
    let usual = AccessPolicy(host: "127.0.0.1")
    #expect(usual.admission(origin: "http://localhost:3000", host: "localhost:8545") == .reading)
  }
}
