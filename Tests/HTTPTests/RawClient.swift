import Glibc
import HTTP
import Synchronization

/// A client that sends whatever bytes it is told to.
final class RawClient {
  /// What a server answered.
  struct Response {
    var status: Int
    var head: String
    var body: [UInt8]
    /// Whether the body ended as its framing says it must.
    var isWhole: Bool

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let descriptor: Int32
  private var buffer: [UInt8] = []
  private(set) var isAtEnd = false

  init(port: UInt16, receiveBufferSizeInBytes: Int32? = nil) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var timeout = timeval(tv_sec: 20, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    if var size = receiveBufferSizeInBytes {
      unsafe setsockopt(
        descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    isAtEnd = unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe connect(
        descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(bytes.count)) != 0
    }
  }

  /// A client of a local socket.
  init(path: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) {
      unsafe $0.copyBytes(from: [UInt8](path.utf8))
    }
    isAtEnd = unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe connect(
        descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(bytes.count)) != 0
    }
  }

  deinit { close(descriptor) }

  /// What was received and not read, or else the next portion; nil at the end.
  func takeBytes() -> [UInt8]? {
    if buffer.isEmpty, !receive() { return nil }
    defer { buffer = [] }
    return buffer
  }

  /// Sends all; false when the server does not take it any more.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send([UInt8](text.utf8)) }

  /// No more will be sent.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Reads what there is, at most one portion; false at the end.
  func receive() -> Bool {
    if isAtEnd { return false }
    let part = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { part, count in
      count = unsafe Swift.max(0, recv(descriptor, part.baseAddress, part.count, 0))
    }
    buffer += part
    isAtEnd = part.isEmpty
    return !isAtEnd
  }

  /// Everything until the server closes.
  func receiveAll() -> String {
    while receive() {}
    defer { buffer = [] }
    return String(decoding: buffer, as: UTF8.self)
  }

  /// Whether what was received comes to end with that text.
  func receives(_ text: String) -> Bool {
    while !String(decoding: buffer, as: UTF8.self).hasSuffix(text) {
      if !receive() { return false }
    }
    return true
  }

  /// The next answer, interim ones left out.
  func response(toHead: Bool = false) -> Response? {
    guard let head = takeHead() else { return nil }
    let fields = head.lowercased().split(separator: "\r\n")
    let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    if status == 100 { return response(toHead: toHead) }
    var response = Response(status: status, head: head, body: [], isWhole: true)
    if toHead { return response }
    if fields.contains("transfer-encoding: chunked") {
      response.isWhole = takeChunks(into: &response.body)
    } else {
      let length = fields.compactMap { field in
        field.hasPrefix("content-length: ") ? Int(field.dropFirst(16)) : nil
      }
      response.isWhole = take(length.first ?? 0, into: &response.body)
    }
    return response
  }

  /// Sends a request and reads its answer.
  func ask(_ text: String) -> Response? {
    send(text)
    return response()
  }

  /// Reads an interim or final head.
  func takeHead() -> String? {
    let mark = [UInt8]("\r\n\r\n".utf8)
    var searched = 0
    while true {
      var place = Swift.max(0, searched - 3)
      while place + 4 <= buffer.count {
        if buffer[place] == mark[0], Array(buffer[place..<place + 4]) == mark {
          let head = String(decoding: buffer[..<place], as: UTF8.self)
          buffer.removeFirst(place + 4)
          return head
        }
        place += 1
      }
      searched = buffer.count
      if !receive() { return nil }
    }
  }

  private func take(_ count: Int, into body: inout [UInt8]) -> Bool {
    while buffer.count < count, receive() {}
    let part = buffer.prefix(count)
    body += part
    buffer.removeFirst(part.count)
    return part.count == count
  }

  private func takeChunks(into body: inout [UInt8]) -> Bool {
    while true {
      var size: [UInt8] = []
      while size.suffix(2) != [0x0d, 0x0a] {
        guard take(1, into: &size) else { return false }
      }
      guard let count = Int(String(decoding: size.dropLast(2), as: UTF8.self), radix: 16)
      else { return false }
      var end: [UInt8] = []
      guard take(count, into: &body), take(2, into: &end) else { return false }
      if count == 0 { return true }
    }
  }
}

/// Runs something on a thread of its own, so that blocking there stops no other test.
func onThread(_ body: @escaping @Sendable () -> Void) {
  final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  unsafe pthread_create(
    &thread, nil,
    { work in
      if let work = unsafe work {
        unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
      }
      return nil
    }, Unmanaged.passRetained(Work(body)).toOpaque())
  pthread_detach(thread)
}

/// Waits until something holds; false if it still does not after a long while.
func waits(until condition: () -> Bool) -> Bool {
  for _ in 0..<4_000 {
    if condition() { return true }
    usleep(5_000)
  }
  return false
}

/// A server whose answer says what it was asked.
func echoServer(
  _ change: (inout HTTPConfiguration) -> Void = { _ in }
) throws -> HTTPServer {
  var configuration = HTTPConfiguration()
  change(&configuration)
  return try HTTPServer(configuration: configuration) { request, responder in
    let text =
      "\(request.method) \(request.path) [\(request.query)] "
      + "\(request.headers["x-test"] ?? "-") "
    responder.respond(
      status: 200, headers: ["content-type": "text/plain", "X-Size": "\(request.body.count)"],
      body: [UInt8](text.utf8) + request.body)
  }
}
