import Glibc
import HTTP
import Synchronization
import Testing

/// Answers every message with itself; "silent" gets no answer, "push N" gets N messages.
final class EchoSession: MessageSession {
  let connection: MessageConnection
  let closed: Counter

  init(_ connection: MessageConnection, closed: Counter) {
    self.connection = connection
    self.closed = closed
  }

  func receive(_ message: [UInt8], _ responder: MessageResponder) {
    let text = String(decoding: message, as: UTF8.self)
    if text == "silent" { return }
    if text.hasPrefix("push "), let count = Int(text.dropFirst(5)) {
      for _ in 0..<count {
        guard connection.send([UInt8](repeating: 0x70, count: 10_000)) else { return }
      }
    }
    responder.respond(message)
  }

  func connectionDrained() {}
  func connectionClosed() { closed.add() }
}

/// A client of WebSockets that sends whatever frames it is told to.
struct WebSocketClient {
  let raw: RawClient
  private var decoder: WebSocketDecoder

  static let request =
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

  init?(port: UInt16, early: [UInt8] = [], receiveBufferSizeInBytes: Int32? = nil) {
    raw = RawClient(port: port, receiveBufferSizeInBytes: receiveBufferSizeInBytes)
    decoder = WebSocketDecoder(sender: .server, maximumMessageSizeInBytes: 1 << 26)
    raw.send([UInt8](Self.request.utf8) + early)
    guard let head = raw.takeHead(), head.hasPrefix("HTTP/1.1 101"),
      head.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=")
    else { return nil }
  }

  @discardableResult
  func send(_ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true) -> Bool {
    raw.send(WebSocketFrame.encode(opcode, payload, isFinal: isFinal, mask: 0x0102_0304))
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(.text, [UInt8](text.utf8)) }

  /// What the server says next; nil at the end.
  mutating func next() -> WebSocketDecoder.Event? {
    while true {
      if let event = try? decoder.next() { return event }
      guard let bytes = raw.takeBytes() else { return nil }
      decoder.append(bytes[...])
    }
  }

  /// What the server says last.
  mutating func last() -> WebSocketDecoder.Event? {
    var last: WebSocketDecoder.Event?
    while let event = next() { last = event }
    return last
  }
}

@Suite("WebSockets", .serialized)
struct WebSocketTests {
  let closed = Counter(0)

  private func server(
    _ change: (inout HTTPConfiguration) -> Void = { _ in }
  ) throws -> HTTPServer {
    var configuration = HTTPConfiguration()
    change(&configuration)
    return try HTTPServer(configuration: configuration) { [closed] request, responder in
      guard request.asksForWebSocket else {
        responder.respond(status: 200, body: request.body)
        return
      }
      responder.upgrade(request) { EchoSession($0, closed: closed) }
    }
  }

  @Test("messages come back, also those sent before the handshake was answered and in parts")
  func echo() throws {
    let server = try server()
    let early = WebSocketFrame.encode(.text, [0x65], mask: 7)
    var client = try #require(WebSocketClient(port: server.port, early: early))
    #expect(client.next() == .text([0x65]))
    client.send(.text, [0x61], isFinal: false)
    client.send(.ping, [1, 2, 3])
    client.send(.continuation, [0x62])
    #expect(client.next() == .pong([1, 2, 3]))
    #expect(client.next() == .text([0x61, 0x62]))
    let large = [UInt8](repeating: 0x63, count: 3_000_000)
    client.send(.binary, large)
    #expect(client.next() == .text(large))
    client.send("silent")
    client.send("after")
    #expect(client.next() == .text([UInt8]("after".utf8)))
    client.send(.close, [0x03, 0xe8])
    #expect(client.next() == .close(code: 1000, reason: []))
    #expect(client.next() == nil)
    #expect(waits { closed.value == 1 })
    #expect(RawClient(port: server.port).ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 200)
    server.stop()
  }

  static let refused: [(change: (String, String), status: String)] = [
    (("GET", "POST"), "405"), (("Version: 13", "Version: 8"), "426"),
    (("Connection: keep-alive, Upgrade", "Connection: close"), "400"),
    (("dGhlIHNhbXBsZSBub25jZQ==", "short"), "400"),
    (("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), "400"),
  ]

  @Test("a handshake that is none is refused, with a reason", arguments: refused)
  func handshake(_ change: (String, String), _ status: String) throws {
    let server = try server()
    let client = RawClient(port: server.port)
    client.send(WebSocketClient.request.replacing(change.0, with: change.1))
    let head = try #require(client.takeHead())
    #expect(head.hasPrefix("HTTP/1.1 \(status)"), "\(head)")
    if status == "426" { #expect(head.lowercased().contains("sec-websocket-version: 13")) }
    server.stop()
  }

  @Test("what breaks the protocol or the limit is answered with its close code")
  func violations() throws {
    let server = try server { $0.messages.maximumMessageSizeInBytes = 1000 }
    for (bytes, code) in [
      ([0x81, 0x00], 1002), ([0xff, 0x80], 1002), ([0x81, 0xfe, 0x03, 0xe9, 0, 0, 0, 0], 1009),
      ([0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
    ] as [([UInt8], UInt16)] {
      var client = try #require(WebSocketClient(port: server.port))
      client.raw.send(bytes)
      guard case .close(code, _)? = client.next() else {
        Issue.record("no close frame with \(code)")
        continue
      }
      #expect(client.next() == nil)
    }
    #expect(waits { closed.value == 4 })
    server.stop()
  }

  @Test("a client that does not read is ended with 1008, and others go on")
  func slowReader() throws {
    let server = try server { $0.messages.maximumBacklogInBytes = 1 << 20 }
    var slow = try #require(
      WebSocketClient(port: server.port, receiveBufferSizeInBytes: 4096))
    slow.send("push 100000")
    var quick = try #require(WebSocketClient(port: server.port))
    quick.send("hello")
    #expect(quick.next() == .text([UInt8]("hello".utf8)))
    guard case .close(1008, _)? = slow.last() else {
      Issue.record("no close frame with 1008")
      return
    }
    #expect(waits { closed.value == 1 })
    server.stop()
  }

  @Test("a client that asks and asks but does not read is not read either")
  func pausedReader() throws {
    let server = try server { $0.messages.pausingBacklogInBytes = 1 << 16 }
    let client = try #require(WebSocketClient(port: server.port, receiveBufferSizeInBytes: 4096))
    var timeout = timeval(tv_sec: 1, tv_usec: 0)
    unsafe setsockopt(
      client.raw.descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout,
      socklen_t(MemoryLayout<timeval>.size))
    var count = 0
    let message = String(repeating: "m", count: 100_000)
    while count < 1_000, client.send(message) { count += 1 }
    #expect(count < 1_000)
    server.stop()
  }

  @Test("silent clients are pinged, and cut off when they stay silent; dripped messages too")
  func silence() throws {
    let server = try server {
      $0.messages.pingIntervalInSeconds = 1
      $0.messages.messageTimeoutInSeconds = 1
    }
    // Spread over a turn of the server's loop, so that one is looked at late.
    var clients: [WebSocketClient] = []
    for _ in 0..<10 {
      clients.append(try #require(WebSocketClient(port: server.port)))
      usleep(100_000)
    }
    for index in clients.indices {
      #expect(clients[index].next() == .ping([]))
      #expect(clients[index].next() == nil)
    }
    #expect(waits { closed.value == 10 })
    var dripping = try #require(WebSocketClient(port: server.port))
    dripping.send(.text, [0x61], isFinal: false)
    #expect(
      waits {
        usleep(100_000)
        return !dripping.send(.continuation, [0x61], isFinal: false) || closed.value == 11
      })
    guard case .close(1008, _)? = dripping.last() else {
      Issue.record("no close frame with 1008")
      return
    }
    server.stop()
  }

  @Test("a server that stops says goodbye to all")
  func stop() throws {
    let server = try server()
    var clients = try (0..<20).map { _ in try #require(WebSocketClient(port: server.port)) }
    clients[0].send("silent")
    server.stop()
    for index in clients.indices {
      guard case .close(1001, _)? = clients[index].next() else {
        Issue.record("no close frame with 1001")
        continue
      }
    }
    #expect(closed.value == 20)
  }

  @Test("clients that vanish amid a handshake or a frame are forgotten")
  func vanishing() throws {
    let server = try server()
    for length in stride(from: 0, to: WebSocketClient.request.utf8.count, by: 7) {
      let client = RawClient(port: server.port)
      client.send([UInt8](WebSocketClient.request.utf8.prefix(length)))
    }
    for length in 1..<12 {
      let client = try #require(WebSocketClient(port: server.port))
      client.raw.send([UInt8](WebSocketFrame.encode(.text, [1, 2, 3, 4], mask: 5).prefix(length)))
    }
    #expect(waits { closed.value == 11 })
    var client = try #require(WebSocketClient(port: server.port))
    client.send("still here")
    #expect(client.next() == .text([UInt8]("still here".utf8)))
    server.stop()
  }
}

@Suite("Local sockets", .serialized)
struct LocalSocketTests {
  @Test("texts are answered line by line, also after the client has finished sending")
  func texts() throws {
    let path = "/tmp/opal-test-\(getpid()).ipc"
    let closed = Counter(0)
    let server = try LocalSocketServer(path: path, limits: MessageLimits()) {
      EchoSession($0, closed: closed)
    }
    #expect(throws: HTTPServerError.addressInUse(host: path, port: 0)) {
      _ = try LocalSocketServer(path: path, limits: MessageLimits()) {
        EchoSession($0, closed: closed)
      }
    }
    let client = RawClient(path: path)
    client.send(#"{"a":1}[2] {"b""#)
    #expect(client.receives("{\"a\":1}\n[2]\n"))
    client.send(":2}")
    client.finishSending()
    #expect(client.receiveAll().hasSuffix("{\"b\":2}\n"))
    let wrong = RawClient(path: path)
    wrong.send("hello")
    #expect(wrong.receiveAll().isEmpty)
    #expect(waits { closed.value == 2 })
    server.stop()
    #expect(unsafe access(path, F_OK) != 0)
  }
}
