import Glibc

/// Why a request of ours got no answer that could be used.
public enum HTTPClientError: Error, Hashable, Sendable {
  /// The address is none that this client speaks to: `http://host:port/path`.
  case unusableAddress(String)
  /// The server could not be reached, or was lost.
  case unreachable(String)
  /// The answer took too long.
  case timedOut
  /// The answer is larger than was asked for.
  case tooLarge(limitInBytes: Int)
  /// What came is no HTTP answer.
  case malformed(String)
  /// The server answered with another status than 200.
  case status(Int)

  /// The error in words.
  public var message: String {
    switch self {
    case .unusableAddress(let address): "\(address) is no address of the form http://host:port"
    case .unreachable(let reason): reason
    case .timedOut: "no answer in time"
    case .tooLarge(let limit): "the answer is larger than \(limit) bytes"
    case .malformed(let reason): "not an HTTP answer: \(reason)"
    case .status(let status): "the server answered with status \(status)"
    }
  }
}

/// Asks another node: one request a connection, over plain HTTP/1.1, waiting for the answer.
public struct HTTPClient: Sendable {
  /// How long the whole answer may take.
  public var timeoutInMilliseconds: Int = 10_000
  /// The most bytes of an answer.
  public var answerLimitInBytes = 64 << 20

  private let host: String
  private let port: String
  private let path: String

  /// A client of the server at an address.
  ///
  /// - Throws: ``HTTPClientError/unusableAddress(_:)``.
  public init(address: String) throws(HTTPClientError) {
    let scheme = "http://"
    guard address.utf8.starts(with: scheme.utf8) else { throw .unusableAddress(address) }
    let rest = address.dropFirst(scheme.count)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let authority = rest[..<slash]
    path = slash == rest.endIndex ? "/" : String(rest[slash...])
    let colon = authority.lastIndex(of: ":")
    let name = colon.map { authority[..<$0] } ?? authority
    port = colon.map { String(authority[authority.index(after: $0)...]) } ?? "80"
    host = name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : String(name)
    let isClean = address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    guard isClean, !host.isEmpty, UInt16(port) != nil else { throw .unusableAddress(address) }
  }

  /// Posts JSON, and gives the answer's body.
  ///
  /// - Throws: ``HTTPClientError``.
  public func post(_ body: [UInt8]) throws(HTTPClientError) -> [UInt8] {
    let answer = try exchange("POST", "", contentType: "application/json", body)
    guard answer.status == 200 else { throw .status(answer.status) }
    return answer.body
  }

  /// Sends a request for what is at the address and, appended to it, the rest of a target; gives
  /// the answer whatever its status.
  ///
  /// - Throws: ``HTTPClientError``, never for a status.
  public func exchange(
    _ method: String, _ target: String, contentType: String = "application/octet-stream",
    _ body: [UInt8] = []
  ) throws(HTTPClientError) -> (status: Int, body: [UInt8]) {
    let isClean = target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    guard isClean else { throw .unusableAddress(target) }
    let descriptor = try connected()
    defer { close(descriptor) }
    // The path ends with a slash where the address has none of its own.
    let whole =
      path.hasSuffix("/") && target.hasPrefix("/") ? path.dropLast() + target : path + target
    let head =
      "\(method) \(whole) HTTP/1.1\r\nhost: \(host):\(port)\r\n"
      + "content-type: \(contentType)\r\n"
      + "content-length: \(body.count)\r\nconnection: close\r\n\r\n"
    try send(Array(head.utf8) + body, to: descriptor)
    return try HTTPAnswer.parts(of: try received(from: descriptor), limit: answerLimitInBytes)
  }

  private func connected() throws(HTTPClientError) -> Int32 {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, port, &hints, &found) == 0, let first = unsafe found else {
      throw .unreachable("\(host): unknown host")
    }
    defer { unsafe freeaddrinfo(first) }
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = unsafe socket(first.pointee.ai_family, type, 0)
    guard descriptor >= 0 else { throw Self.failure() }
    var limit = timeval(
      tv_sec: timeoutInMilliseconds / 1000, tv_usec: timeoutInMilliseconds % 1000 * 1000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      unsafe setsockopt(
        descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    guard unsafe connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
      let failure = Self.failure("\(host):\(port)")
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  private func send(_ bytes: [UInt8], to descriptor: Int32) throws(HTTPClientError) {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes { rest in
        unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Self.failure() }
      sent += count
    }
  }

  /// All that comes until the server closes.
  private func received(from descriptor: Int32) throws(HTTPClientError) -> [UInt8] {
    var answer: [UInt8] = []
    var portion = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(descriptor, &portion, portion.count, 0)
      if count == 0 { return answer }
      guard count > 0 else { throw Self.failure() }
      answer += portion[..<count]
      guard answer.count <= answerLimitInBytes + HTTPAnswer.headLimitInBytes else {
        throw .tooLarge(limitInBytes: answerLimitInBytes)
      }
    }
  }

  private static func failure(_ subject: String = "connection") -> HTTPClientError {
    let number = errno
    if number == EAGAIN || number == EWOULDBLOCK || number == ETIMEDOUT { return .timedOut }
    return .unreachable("\(subject): \(unsafe String(cString: strerror(number)))")
  }
}

/// An answer taken apart.
enum HTTPAnswer {
  /// The most bytes of status line and headers.
  static let headLimitInBytes = 64 << 10

  /// The status and the body of a whole answer.
  static func parts(
    of answer: [UInt8], limit: Int
  ) throws(HTTPClientError) -> (status: Int, body: [UInt8]) {
    guard let end = firstIndex(of: [13, 10, 13, 10], in: answer[...]) else {
      throw .malformed("its headers have no end")
    }
    let lines = String(decoding: answer[..<end], as: UTF8.self).split(separator: "\r\n")
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw .malformed("its first line names no status")
    }
    var length: Int?
    var isChunked = false
    for line in lines.dropFirst() {
      let name = line.prefix { $0 != ":" }.lowercased()
      let value = line.dropFirst(name.utf8.count + 1).lowercased().filter { $0 != " " }
      if name == "content-length" { length = Int(value) }
      if name == "transfer-encoding" { isChunked = value == "chunked" }
    }
    let rest = answer[(end + 4)...]
    if isChunked { return (status, try chunks(rest, limit: limit)) }
    guard let length else { return (status, Array(rest)) }
    guard length >= 0, length <= limit else { throw .tooLarge(limitInBytes: limit) }
    guard rest.count >= length else { throw .malformed("it ends too early") }
    return (status, Array(rest.prefix(length)))
  }

  private static func chunks(
    _ bytes: ArraySlice<UInt8>, limit: Int
  ) throws(HTTPClientError) -> [UInt8] {
    var body: [UInt8] = []
    var rest = bytes
    while let end = firstIndex(of: [13, 10], in: rest) {
      let digits = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
        .prefix { $0 != ";" }
      guard let size = Int(digits, radix: 16), size >= 0, size <= limit else {
        throw .malformed("a chunk's size is none")
      }
      rest = rest[(end + 2)...]
      if size == 0 { return body }
      guard rest.count >= size + 2 else { break }
      body += rest.prefix(size)
      guard body.count <= limit else { throw .tooLarge(limitInBytes: limit) }
      rest = rest.dropFirst(size + 2)
    }
    throw .malformed("its chunks have no end")
  }

  private static func firstIndex(of pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= pattern.count else { return nil }
    return (bytes.startIndex...bytes.endIndex - pattern.count).first { start in
      bytes[start] == pattern[0] && bytes[start..<start + pattern.count].elementsEqual(pattern)
    }
  }
}
