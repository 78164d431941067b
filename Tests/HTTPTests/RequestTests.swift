import Glibc
import HTTP
import Synchronization
import Testing

@Suite("HTTP requests", .serialized)
struct RequestTests {
  @Test("method, path, query, headers and body reach the handler, and its answer the client")
  func plain() throws {
    let server = try echoServer()
    let client = RawClient(port: server.port)
    let response = try #require(
      client.ask(
        "POST /a%20b?c=d&e HTTP/1.1\r\nhost: x\r\nX-TEST: y z\r\ncontent-length: 3\r\n\r\nabc"))
    #expect(response.status == 200)
    #expect(response.text == "POST /a%20b [c=d&e] y z abc")
    #expect(response.head.contains("X-Size: 3"))
    #expect(client.ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n")?.text == "GET / [] - ")
    server.stop()
  }

  @Test("ten thousand requests go over one connection")
  func keepAlive() throws {
    let server = try echoServer()
    let client = RawClient(port: server.port)
    var count = 0
    for number in 0..<10_000 {
      let response = client.ask(
        "POST /\(number) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok")
      if response?.text == "POST /\(number) [] - ok" { count += 1 }
    }
    #expect(count == 10_000)
    server.stop()
  }

  @Test("pipelined requests are answered in their order")
  func pipelined() throws {
    let server = try echoServer()
    let client = RawClient(port: server.port)
    let requests = (0..<50).map {
      "POST /\($0) HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n\($0 % 10)"
    }
    client.send(requests.joined())
    for number in 0..<50 {
      #expect(client.response()?.text == "POST /\(number) [] - \(number % 10)")
    }
    server.stop()
  }

  @Test("two hundred connections at a time are all served")
  func parallel() throws {
    let server = try echoServer()
    let clients = (0..<200).map { _ in RawClient(port: server.port) }
    for round in 0..<5 {
      for (number, client) in clients.enumerated() {
        client.send("GET /\(round)/\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
      }
      for (number, client) in clients.enumerated() {
        #expect(client.response()?.text == "GET /\(round)/\(number) [] - ")
      }
    }
    server.stop()
  }

  @Test("a body in chunks is put together, with its trailers left out")
  func chunked() throws {
    let server = try echoServer()
    let client = RawClient(port: server.port)
    let response = client.ask(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n")
    #expect(response?.text == "POST / [] - abc0123456789")
    #expect(client.ask("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n")?.text == "GET /2 [] - ")
    server.stop()
  }

  @Test("a client that expects 100 gets it before it sends its body")
  func expectContinue() throws {
    let server = try echoServer()
    let client = RawClient(port: server.port)
    client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    #expect(client.takeHead() == "HTTP/1.1 100 Continue")
    #expect(client.ask("hello")?.text == "POST / [] - hello")
    server.stop()
  }

  @Test("HEAD is answered without a body, and OPTIONS and unknown methods reach the handler")
  func methods() throws {
    let server = try echoServer()
    let client = RawClient(port: server.port)
    client.send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n")
    let head = try #require(client.response(toHead: true))
    #expect(head.head.contains("Content-Length: 13"))
    for method in ["OPTIONS", "DELETE", "PATCH", "BREW"] {
      #expect(client.ask("\(method) /o HTTP/1.1\r\nHost: x\r\n\r\n")?.text == "\(method) /o [] - ")
    }
    server.stop()
  }

  @Test("a client of HTTP/1.0 is answered and the connection closed")
  func oldVersion() throws {
    let server = try echoServer()
    let client = RawClient(port: server.port)
    client.send("GET /old HTTP/1.0\r\n\r\n")
    #expect(client.receiveAll().hasSuffix("GET /old [] - "))
    server.stop()
  }

  @Test("large bodies pass both ways unharmed")
  func largeBody() throws {
    let server = try echoServer()
    let client = RawClient(port: server.port)
    let body = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\n\r\n")
    onThread { [descriptor = dup(client.descriptor)] in
      var sent = 0
      while sent < body.count {
        let count = unsafe body[sent...].withUnsafeBytes {
          unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { break }
        sent += count
      }
      close(descriptor)
    }
    let response = try #require(client.response())
    #expect(Array(response.body.dropFirst("POST / [] - ".utf8.count)) == body)
    server.stop()
  }

  @Test("the client's address and port are told")
  func remoteAddress() throws {
    let server = try HTTPServer(configuration: HTTPConfiguration()) { request, responder in
      responder.respond(status: 200, body: [UInt8](request.remoteAddress.utf8))
    }
    let client = RawClient(port: server.port)
    let address = try #require(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")?.text)
    #expect(address.hasPrefix("127.0.0.1:"))
    #expect((Int(address.dropFirst(10)) ?? 0) > 1023)
    server.stop()
  }
}
