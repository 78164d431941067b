/// What a frame of a WebSocket carries.
///
/// Source: RFC 6455, section 5.2.
public enum WebSocketOpcode: UInt8, Hashable, Sendable {
  /// More of the message that was begun.
  case continuation = 0x0
  /// A message of UTF-8, or its first part.
  case text = 0x1
  /// A message of bytes, or its first part.
  case binary = 0x2
  /// The last frame of its sender.
  case close = 0x8
  /// Asks for a pong.
  case ping = 0x9
  /// Answers a ping.
  case pong = 0xa

  /// Whether the frame stands for itself and may come amid a message's parts.
  public var isControl: Bool { rawValue & 0x8 != 0 }
}

/// Why a WebSocket is closed, as its last frame says.
///
/// Source: RFC 6455, section 7.4.1, and IANA's registry of close codes.
public enum WebSocketCloseCode {
  /// Nothing more is to be said.
  public static let normal: UInt16 = 1000
  /// The server stops.
  public static let goingAway: UInt16 = 1001
  /// The peer does not follow the protocol.
  public static let protocolError: UInt16 = 1002
  /// Text is no UTF-8.
  public static let invalidText: UInt16 = 1007
  /// The peer does not follow the server's rules: it reads too slowly.
  public static let policyViolation: UInt16 = 1008
  /// A message is larger than the limit.
  public static let tooLarge: UInt16 = 1009
  /// The server is overloaded.
  public static let tryAgainLater: UInt16 = 1013

  /// Whether a frame may carry the code.
  static func maySend(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}

/// The encoder of a WebSocket's frames.
public enum WebSocketFrame {
  /// A frame's bytes; a client's frames have a mask, a server's have none.
  public static func encode(
    _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, mask: UInt32? = nil
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(payload.count + 14)
    bytes.append((isFinal ? 0x80 : 0) | opcode.rawValue)
    let flag: UInt8 = mask == nil ? 0 : 0x80
    if payload.count < 126 {
      bytes.append(flag | UInt8(payload.count))
    } else if payload.count <= Int(UInt16.max) {
      bytes.append(flag | 126)
      append(UInt64(payload.count), sizeInBytes: 2, to: &bytes)
    } else {
      bytes.append(flag | 127)
      append(UInt64(payload.count), sizeInBytes: 8, to: &bytes)
    }
    guard let mask else { return bytes + payload }
    append(UInt64(mask), sizeInBytes: 4, to: &bytes)
    for (place, byte) in payload.enumerated() {
      bytes.append(byte ^ UInt8(truncatingIfNeeded: mask >> UInt32(24 - 8 * (place % 4))))
    }
    return bytes
  }

  /// The frame that ends a WebSocket; a reason beyond 123 bytes is left out.
  public static func close(
    code: UInt16, reason: String = "", mask: UInt32? = nil
  ) -> [UInt8] {
    var payload: [UInt8] = []
    append(UInt64(code), sizeInBytes: 2, to: &payload)
    if reason.utf8.count <= 123 { payload.append(contentsOf: reason.utf8) }
    return encode(.close, payload, mask: mask)
  }

  private static func append(_ value: UInt64, sizeInBytes: Int, to bytes: inout [UInt8]) {
    for shift in stride(from: 8 * (sizeInBytes - 1), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }
}
