import Glibc
import HTTP
import Synchronization
import Testing

@Suite("HTTP answers", .serialized)
struct ResponseTests {
  private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

  private func serve(
    _ configuration: HTTPConfiguration = HTTPConfiguration(),
    _ handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void
  ) throws -> HTTPServer {
    try HTTPServer(configuration: configuration, handler: handler)
  }

  @Test("an answer may come later from another thread, and then the next request is served")
  func later() throws {
    let server = try serve { request, responder in
      onThread {
        usleep(1_000)
        responder.respond(status: 201, body: [UInt8](request.path.utf8))
      }
    }
    let clients = (0..<20).map { _ in RawClient(port: server.port) }
    for round in 0..<10 {
      for client in clients { client.send("GET /\(round) HTTP/1.1\r\nHost: x\r\n\r\n") }
      for client in clients {
        let response = client.response()
        #expect(response?.status == 201)
        #expect(response?.text == "/\(round)")
      }
    }
    server.stop()
  }

  @Test("a large answer arrives whole, again and again, and only its head where that is asked for")
  func largeAnswer() throws {
    let text = (0..<100_000).map { "line \($0)\n" }.joined()
    let server = try serve { _, responder in
      responder.respond(status: 200, body: [UInt8](text.utf8))
    }
    let client = RawClient(port: server.port)
    for _ in 0..<5 {
      let response = try #require(client.ask(get))
      #expect(response.isWhole)
      #expect(response.text == text)
    }
    // Who goes in the middle of one is forgotten.
    let gone = RawClient(port: server.port)
    gone.send(get)
    server.stop()
  }

  @Test("a second answer is not taken, and a forgotten one is 500")
  func onceOnly() throws {
    let second = Counter(0)
    let server = try serve { request, responder in
      if request.path == "/forget" { return }
      #expect(responder.respond(status: 200))
      if responder.respond(status: 500) { second.add() }
    }
    let client = RawClient(port: server.port)
    #expect(client.ask(get)?.status == 200)
    #expect(client.ask("GET /forget HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 500)
    #expect(client.ask(get)?.status == 200)
    #expect(second.value == 0)
    server.stop()
  }

  @Test("a stream arrives bit by bit, ends whole, and the connection is used again")
  func stream() throws {
    let closed = Counter(0)
    let server = try serve { _, responder in
      let stream = responder.beginStream(
        status: 200, headers: ["content-type": "text/event-stream"], onClose: { closed.add() })
      onThread {
        for number in 0..<100 {
          #expect(stream.write([UInt8]("data: \(number)\n\n".utf8)))
          if number % 10 == 0 { usleep(500) }
        }
        stream.finish()
      }
    }
    let client = RawClient(port: server.port)
    let expected = (0..<100).map { "data: \($0)\n\n" }.joined()
    for _ in 0..<5 {
      let response = try #require(client.ask(get))
      #expect(response.text == expected)
      #expect(response.isWhole)
    }
    #expect(waits { closed.value == 5 })
    server.stop()
  }

  @Test("the first bit of a stream is there before the last is written")
  func streamIsPrompt() throws {
    let mayFinish = Counter(0)
    let server = try serve { _, responder in
      let stream = responder.beginStream(status: 200)
      onThread {
        stream.write([0x61])
        _ = waits { mayFinish.value == 1 }
        stream.finish()
      }
    }
    let client = RawClient(port: server.port)
    client.send(get)
    #expect(client.receives("\r\n\r\n1\r\na\r\n"))
    mayFinish.add()
    #expect(client.receives("\r\n0\r\n\r\n"))
    server.stop()
  }

  @Test("a stream that is let go without an end is cut off, which the client can tell")
  func streamWithoutEnd() throws {
    let server = try serve { _, responder in
      let stream = responder.beginStream(status: 200)
      stream.write([0x61, 0x62])
    }
    let client = RawClient(port: server.port)
    #expect(client.ask(get)?.isWhole == false)
    server.stop()
  }

  @Test("the writer of a stream is told when its client goes away")
  func clientLeaves() throws {
    let closed = Counter(0)
    let stopped = Counter(0)
    let server = try serve { _, responder in
      let stream = responder.beginStream(status: 200, onClose: { closed.add() })
      onThread {
        while stream.write([UInt8](repeating: 0x61, count: 100)) { usleep(1_000) }
        if stream.isCancelled { stopped.add() }
      }
    }
    for _ in 0..<20 {
      let client = RawClient(port: server.port)
      client.send(get)
      #expect(client.takeHead() != nil)
    }
    #expect(waits { closed.value == 20 && stopped.value == 20 })
    server.stop()
  }

  @Test("a client that resets its connection cancels the answer being computed")
  func clientResets() throws {
    let cancelled = Counter(0)
    let started = Counter(0)
    let server = try serve { _, responder in
      started.add()
      onThread {
        if waits(until: { responder.isCancelled }) { cancelled.add() }
        responder.respond(status: 200)
      }
    }
    do {
      let client = RawClient(port: server.port)
      client.send(get)
      #expect(waits { started.value == 1 })
      var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
      unsafe setsockopt(
        client.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }
    #expect(waits { cancelled.value == 1 })
    server.stop()
  }

  @Test("a client that does not read is cut off, not stored for")
  func backlog() throws {
    var configuration = HTTPConfiguration()
    configuration.maximumStreamBacklogInBytes = 1 << 20
    let written = Counter(0)
    let ended = Counter(0)
    let server = try serve(configuration) { _, responder in
      let stream = responder.beginStream(status: 200)
      onThread {
        while stream.write([UInt8](repeating: 0x61, count: 1 << 16)) { written.add() }
        ended.add()
      }
    }
    let client = RawClient(port: server.port, receiveBufferSizeInBytes: 4096)
    client.send(get)
    #expect(waits { ended.value == 1 })
    #expect(written.value < 1000)
    server.stop()
  }

  @Test("a writer that waits for its client is slowed down and loses nothing")
  func backpressure() async throws {
    var configuration = HTTPConfiguration()
    configuration.maximumStreamBacklogInBytes = 1 << 18
    let server = try serve(configuration) { _, responder in
      let stream = responder.beginStream(status: 200)
      Task {
        for number in 0..<200 {
          guard stream.write([UInt8](repeating: UInt8(number), count: 100_000)) else { return }
          guard await stream.drained() else { return }
        }
        stream.finish()
      }
    }
    let port = server.port
    let text = get
    let size: Int = await withCheckedContinuation { continuation in
      onThread {
        let response = RawClient(port: port, receiveBufferSizeInBytes: 4096).ask(text)
        let isRight = response?.body.enumerated().allSatisfy { $0 / 100_000 == Int($1) }
        continuation.resume(
          returning: response?.isWhole == true && isRight == true ? response?.body.count ?? 0 : 0)
      }
    }
    #expect(size == 20_000_000)
    await withCheckedContinuation { continuation in
      onThread {
        server.stop()
        continuation.resume()
      }
    }
  }

  @Test("stopping lets an answer under way be finished and cuts endless streams off")
  func stop() throws {
    var configuration = HTTPConfiguration()
    configuration.stopTimeoutInSeconds = 1
    let started = Counter(0)
    let server = try serve(configuration) { request, responder in
      started.add()
      if request.path == "/late" {
        onThread {
          usleep(100_000)
          responder.respond(status: 200, body: [0x6c])
        }
      } else if request.path == "/never" {
        onThread {
          usleep(3_000_000)
          #expect(!responder.respond(status: 200))
        }
      } else {
        let stream = responder.beginStream(status: 200)
        onThread { while stream.write([0x61]) { usleep(1_000) } }
      }
    }
    let paths = ["/late", "/never", "/stream"]
    let clients = paths.map { path in
      let client = RawClient(port: server.port)
      client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
      return client
    }
    #expect(waits { started.value == 3 })
    server.stop()
    server.stop()
    #expect(clients[0].response()?.text == "l")
    #expect(clients[1].response()?.status == 503)
    #expect(clients[2].response()?.isWhole == false)
    #expect(RawClient(port: server.port).isAtEnd)
  }

  @Test("a port in use and an unknown host are said to be so")
  func cannotListen() throws {
    let server = try echoServer()
    let port = server.port
    #expect(throws: HTTPServerError.addressInUse(host: "127.0.0.1", port: port)) {
      _ = try echoServer { $0.port = port }
    }
    #expect(throws: HTTPServerError.unknownHost("no such host")) {
      _ = try echoServer { $0.host = "no such host" }
    }
    #expect(throws: HTTPServerError.self) { _ = try echoServer { $0.host = "192.0.2.1" } }
    server.stop()
    let again = try echoServer { $0.port = port }
    #expect(again.port == port)
    again.stop()
  }
}
