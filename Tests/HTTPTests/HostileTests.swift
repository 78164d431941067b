import Glibc
import HTTP
import Synchronization
import Testing

@Suite("Hostile HTTP clients", .serialized)
struct HostileTests {
  private let post = "POST / HTTP/1.1\r\nHost: x\r\n"

  private func works(_ server: HTTPServer) -> Bool {
    RawClient(port: server.port).ask("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n")?.text == "GET /ok [] - "
  }

  @Test("a body over the limit is refused with 413, which names the limit")
  func oversized() throws {
    let server = try echoServer { $0.maximumBodySizeInBytes = 1000 }
    let exact = RawClient(port: server.port)
    let body = String(repeating: "b", count: 1000)
    #expect(exact.ask(post + "Content-Length: 1000\r\n\r\n" + body)?.status == 200)

    let stated = exact.ask(post + "Content-Length: 1001\r\n\r\n" + body + "b")
    #expect(stated?.status == 413)
    #expect(
      stated?.text
        == #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"#
        + #""request body larger than the limit of 1000 bytes"}}"#)
    #expect(exact.ask("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n")?.text == "GET /ok [] - ")

    let chunked = exact.ask(
      post + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + body + "\r\n1\r\nb\r\n0\r\n\r\n")
    #expect(chunked?.status == 413)

    for length in ["4001000", "99999999999999999999999", "1001\r\nExpect: 100-continue"] {
      let client = RawClient(port: server.port)
      client.send(post + "Content-Length: \(length)\r\n\r\n")
      #expect(client.receiveAll().hasPrefix("HTTP/1.1 413"))
    }
    #expect(works(server))
    server.stop()
  }

  @Test("a client that goes on sending chunks far over the limit is cut off")
  func endless() throws {
    let server = try echoServer { $0.maximumBodySizeInBytes = 10_000 }
    let client = RawClient(port: server.port)
    client.send(post + "Transfer-Encoding: chunked\r\n\r\n")
    let chunk = "400\r\n" + String(repeating: "c", count: 1024) + "\r\n"
    var count = 0
    while count < 100_000, client.send(chunk) { count += 1 }
    #expect(count < 100_000)
    #expect(works(server))
    server.stop()
  }

  static let notHTTP = [
    "\r\n\r\n\r\n\r\nnonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabcdef\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\na",
  ]

  @Test("what is no HTTP is refused or cut off, never handled", arguments: notHTTP)
  func malformed(text: String) throws {
    let handled = Counter(0)
    let server = try HTTPServer(configuration: HTTPConfiguration()) { _, responder in
      handled.add()
      responder.respond(status: 200)
    }
    let client = RawClient(port: server.port)
    client.send(text)
    client.finishSending()
    let answer = client.receiveAll()
    #expect(
      answer.isEmpty
        || ["HTTP/1.1 4", "HTTP/1.1 5", "HTTP/1.0 4"].contains(String(answer.prefix(10))))
    #expect(handled.value == 0)
    #expect(
      RawClient(port: server.port).ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 200)
    server.stop()
  }

  @Test("a head over the limit is refused")
  func largeHead() throws {
    let server = try echoServer { $0.maximumHeaderSizeInBytes = 8 << 10 }
    for head in [
      "GET / HTTP/1.1\r\nHost: x\r\nX-Large: \(String(repeating: "h", count: 100_000))\r\n\r\n",
      "GET /\(String(repeating: "u", count: 100_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 20_000) + "\r\n",
    ] {
      let client = RawClient(port: server.port)
      client.send(head)
      let answer = client.receiveAll()
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
    }
    #expect(works(server))
    server.stop()
  }

  @Test("a request cut off at any byte is not handled and harms nobody")
  func truncated() throws {
    let handled = Counter(0)
    let server = try HTTPServer(configuration: HTTPConfiguration()) { _, responder in
      handled.add()
      responder.respond(status: 200)
    }
    let text = post + "X-A: b\r\nContent-Length: 10\r\n\r\n0123456789"
    for length in 0..<text.utf8.count {
      let client = RawClient(port: server.port)
      client.send([UInt8](text.utf8.prefix(length)))
      client.finishSending()
      _ = client.receiveAll()
    }
    #expect(handled.value == 0)
    #expect(RawClient(port: server.port).ask(text)?.status == 200)
    server.stop()
  }

  @Test("random and mutated bytes harm nobody")
  func fuzzed() throws {
    let server = try echoServer { $0.maximumBodySizeInBytes = 1000 }
    let valid = [UInt8](
      (post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        + post + "Content-Length: 4\r\n\r\nabcd").utf8)
    var state: UInt64 = 42
    func next(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for round in 0..<600 {
      var bytes = valid
      if round % 6 == 0 {
        bytes = (0..<next(below: 400)).map { _ in UInt8(next(below: 256)) }
      } else {
        for _ in 0...next(below: 4) { bytes[next(below: bytes.count)] = UInt8(next(below: 256)) }
      }
      let client = RawClient(port: server.port)
      client.send(bytes)
      client.finishSending()
      _ = client.receiveAll()
    }
    #expect(works(server))
    server.stop()
  }

  @Test("a client that drips its head is cut off, however often it drips")
  func slowLoris() throws {
    let server = try echoServer {
      $0.idleTimeoutInSeconds = 1
      $0.bodyTimeoutInSeconds = 1
    }
    for start in ["GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", post + "Content-Length: 900\r\n\r\n"] {
      let client = RawClient(port: server.port)
      client.send(start)
      #expect(
        waits {
          usleep(100_000)
          return !client.send("a")
        })
    }
    #expect(works(server))
    server.stop()
  }

  @Test("connections over the limit wait for a place")
  func connectionLimit() throws {
    let server = try echoServer { $0.maximumConnectionCount = 2 }
    var clients = (0..<2).map { _ in RawClient(port: server.port) }
    for client in clients {
      #expect(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 200)
    }
    let third = RawClient(port: server.port)
    third.send("GET /third HTTP/1.1\r\nHost: x\r\n\r\n")
    clients.removeAll()
    #expect(third.response()?.text == "GET /third [] - ")
    server.stop()
  }

  @Test("bodies that together exceed the memory for bodies are refused with 503")
  func totalBodySize() throws {
    let server = try echoServer { $0.maximumTotalBodySizeInBytes = 1500 }
    let first = RawClient(port: server.port)
    let body = String(repeating: "b", count: 1000)
    first.send(post + "Content-Length: 1001\r\n\r\n" + body)
    #expect(
      waits {
        RawClient(port: server.port).ask(post + "Content-Length: 1000\r\n\r\n" + body)?.status
          == 503
      })
    #expect(first.ask("b")?.status == 200)
    #expect(
      RawClient(port: server.port).ask(post + "Content-Length: 1000\r\n\r\n" + body)?.status == 200)
    server.stop()
  }
}

/// A number that threads count up.
final class Counter: Sendable {
  private let count: Atomic<Int>

  init(_ value: Int) { count = Atomic(value) }

  var value: Int { count.load(ordering: .sequentiallyConsistent) }

  func add() { count.add(1, ordering: .sequentiallyConsistent) }
}
