import COpenSSL

/// The request by which a client asks for a WebSocket.
///
/// Source: RFC 6455, section 4.2.
enum WebSocketHandshake {
  /// Whether a request asks for a WebSocket at all.
  static func isAsked(by request: HTTPRequest) -> Bool {
    request.headers["upgrade"].map { tokens($0).contains("websocket") } ?? false
  }

  /// The fields of the answer, or why the request is refused.
  static func answer(to request: HTTPRequest) -> Result<HTTPHeaders, HandshakeRefusal> {
    guard request.method == "GET" else { return .failure(.init(status: 405, "ask by GET")) }
    guard request.headers["connection"].map({ tokens($0).contains("upgrade") }) ?? false else {
      return .failure(.init(status: 400, "no Connection: Upgrade"))
    }
    guard request.headers["sec-websocket-version"] == "13" else {
      return .failure(
        .init(
          status: 426, "WebSocket version 13 is spoken", headers: ["sec-websocket-version": "13"]))
    }
    guard let key = request.headers["sec-websocket-key"], isKey(key) else {
      return .failure(.init(status: 400, "no valid Sec-WebSocket-Key"))
    }
    return .success(["upgrade": "websocket", "sec-websocket-accept": acceptance(of: key)])
  }

  /// What proves that the server has read the key.
  static func acceptance(of key: String) -> String {
    let text = [UInt8]((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    let digest = unsafe [UInt8](unsafeUninitializedCapacity: 20) { digest, count in
      unsafe text.withUnsafeBufferPointer {
        _ = unsafe SHA1($0.baseAddress, $0.count, digest.baseAddress)
      }
      count = 20
    }
    // 20 bytes are 28 characters, and OpenSSL writes a zero behind them.
    let characters = unsafe [UInt8](unsafeUninitializedCapacity: 29) { characters, count in
      count = Int(unsafe EVP_EncodeBlock(characters.baseAddress, digest, 20))
    }
    return String(decoding: characters, as: UTF8.self)
  }

  /// Whether a text is 16 bytes in base64.
  private static func isKey(_ text: String) -> Bool {
    let bytes = [UInt8](text.utf8)
    guard bytes.count == 24, bytes[22] == 0x3d, bytes[23] == 0x3d else { return false }
    return bytes[..<22].allSatisfy { byte in
      switch byte {
      case 0x41...0x5a, 0x61...0x7a, 0x30...0x39, 0x2b, 0x2f: true
      default: false
      }
    }
  }

  private static func tokens(_ field: String) -> [String] {
    field.lowercased().split(separator: ",").map {
      String(
        $0.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }
          .reversed())
    }
  }
}

/// Why a WebSocket is refused.
struct HandshakeRefusal: Error {
  var status: Int
  var message: String
  var headers: HTTPHeaders

  init(status: Int, _ message: String, headers: HTTPHeaders = [:]) {
    self.status = status
    self.message = message
    self.headers = headers
  }
}
