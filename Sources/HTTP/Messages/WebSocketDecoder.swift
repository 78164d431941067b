/// Reads a WebSocket's frames out of bytes as they come, and puts messages together.
///
/// Pure: it is given bytes and asked for what they say. What breaks the protocol or the limit is an
/// error with the code to close with; nothing is read after it. Memory is bounded by the limit and
/// by the bytes that were really received, whatever lengths are claimed.
///
/// Source: RFC 6455, sections 5 and 7.
public struct WebSocketDecoder: Sendable {
  /// Whose frames are read: a client's must be masked, a server's must not.
  public enum Sender: Sendable {
    /// A client's.
    case client
    /// A server's.
    case server
  }

  /// What frames said.
  public enum Event: Hashable, Sendable {
    /// A message of UTF-8.
    case text([UInt8])
    /// A message of bytes.
    case binary([UInt8])
    /// The peer wants these bytes back.
    case ping([UInt8])
    /// The peer answers a ping.
    case pong([UInt8])
    /// The peer will send no more, and says why, if it does.
    case close(code: UInt16?, reason: [UInt8])
  }

  /// The peer broke the protocol or the limit.
  public struct Violation: Error, Hashable, Sendable {
    /// The code to close with.
    public var code: UInt16
    /// What is wrong, for people.
    public var message: String
  }

  private struct Header {
    var isFinal: Bool
    var opcode: WebSocketOpcode
    var mask: [UInt8]
    var masked = 0
    var remaining: Int
  }

  private let sender: Sender
  private let maximumMessageSizeInBytes: Int
  private var buffer: [UInt8] = []
  private var position = 0
  private var header: Header?
  /// The message whose parts are being gathered.
  private var message: [UInt8] = []
  private var messageOpcode: WebSocketOpcode?
  private var control: [UInt8] = []
  private var check = UTF8Check()

  /// A decoder of one side's frames; larger messages are a violation.
  public init(sender: Sender, maximumMessageSizeInBytes: Int) {
    self.sender = sender
    self.maximumMessageSizeInBytes = maximumMessageSizeInBytes
  }

  /// Bytes that are held: received and not yet handed on.
  public var heldSizeInBytes: Int { buffer.count - position + message.count + control.count }

  /// Whether a message has begun and is not whole.
  public var isAmidMessage: Bool {
    messageOpcode != nil || header != nil || position < buffer.count
  }

  /// Adds bytes that were received.
  public mutating func append(_ bytes: ArraySlice<UInt8>) { buffer.append(contentsOf: bytes) }

  /// The next thing said; nil until more bytes come.
  public mutating func next() throws(Violation) -> Event? {
    while true {
      if header == nil { header = try readHeader() }
      guard var current = header else { break }
      try takePayload(of: &current)
      guard current.remaining == 0 else {
        header = current
        break
      }
      header = nil
      if let event = try finish(current) { return event }
    }
    compact()
    return nil
  }

  /// Lets go of what was read.
  private mutating func compact() {
    if position == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.count <= 1 << 16)
    } else if position > 0 {
      buffer.removeFirst(position)
    }
    position = 0
  }

  private mutating func readHeader() throws(Violation) -> Header? {
    let available = buffer.count - position
    guard available >= 2 else { return nil }
    let (first, second) = (buffer[position], buffer[position + 1])
    guard first & 0x70 == 0 else { throw broken("reserved bits are set") }
    guard let opcode = WebSocketOpcode(rawValue: first & 0x0f) else {
      throw broken("unknown opcode \(first & 0x0f)")
    }
    let isFinal = first & 0x80 != 0
    guard (second & 0x80 != 0) == (sender == .client) else {
      throw broken(sender == .client ? "a frame without a mask" : "a frame with a mask")
    }
    let short = Int(second & 0x7f)
    if opcode.isControl {
      guard isFinal, short < 126 else { throw broken("a control frame in parts or too long") }
    } else if (opcode == .continuation) != (messageOpcode != nil) {
      throw broken("a part of another message than the one begun")
    }
    let lengthSize = short < 126 ? 0 : short == 126 ? 2 : 8
    let maskSize = sender == .client ? 4 : 0
    guard available >= 2 + lengthSize + maskSize else { return nil }
    let length = try readLength(short, sizeInBytes: lengthSize)
    if !opcode.isControl, length > maximumMessageSizeInBytes - message.count {
      throw Violation(
        code: WebSocketCloseCode.tooLarge,
        message: "message larger than the limit of \(maximumMessageSizeInBytes) bytes")
    }
    let maskStart = position + 2 + lengthSize
    let mask = [UInt8](buffer[maskStart..<maskStart + maskSize])
    position = maskStart + maskSize
    return Header(isFinal: isFinal, opcode: opcode, mask: mask, remaining: length)
  }

  private func readLength(_ short: Int, sizeInBytes: Int) throws(Violation) -> Int {
    if sizeInBytes == 0 { return short }
    let value = buffer[position + 2..<position + 2 + sizeInBytes].reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    guard value > (sizeInBytes == 2 ? 125 : UInt64(UInt16.max)) else {
      throw broken("a length in more bytes than it needs")
    }
    guard let length = Int(exactly: value) else { throw broken("a length beyond 63 bits") }
    return length
  }

  /// Moves what there is of a frame's payload to where it belongs, without its mask.
  private mutating func takePayload(of header: inout Header) throws(Violation) {
    let count = min(header.remaining, buffer.count - position)
    guard count > 0 else { return }
    if !header.mask.isEmpty {
      for place in 0..<count {
        buffer[position + place] ^= header.mask[(header.masked + place) & 3]
      }
      header.masked = (header.masked + count) & 3
    }
    let part = buffer[position..<position + count]
    position += count
    header.remaining -= count
    if header.opcode.isControl {
      control.append(contentsOf: part)
      return
    }
    let kind = messageOpcode ?? header.opcode
    if kind == .text, !check.accept(part) { throw invalidText }
    message.append(contentsOf: part)
  }

  /// A frame is whole.
  private mutating func finish(_ header: Header) throws(Violation) -> Event? {
    if header.opcode.isControl {
      defer { control = [] }
      switch header.opcode {
      case .ping: return .ping(control)
      case .pong: return .pong(control)
      default: return try closing(control)
      }
    }
    let kind = messageOpcode ?? header.opcode
    guard header.isFinal else {
      messageOpcode = kind
      return nil
    }
    guard kind != .text || check.isComplete else { throw invalidText }
    defer {
      message = []
      messageOpcode = nil
      check = UTF8Check()
    }
    return kind == .text ? .text(message) : .binary(message)
  }

  private func closing(_ payload: [UInt8]) throws(Violation) -> Event {
    if payload.isEmpty { return .close(code: nil, reason: []) }
    guard payload.count >= 2 else { throw broken("a close frame of one byte") }
    let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
    guard WebSocketCloseCode.maySend(code) else { throw broken("close code \(code)") }
    var check = UTF8Check()
    guard check.accept(payload[2...]), check.isComplete else { throw invalidText }
    return .close(code: code, reason: [UInt8](payload[2...]))
  }

  private var invalidText: Violation {
    Violation(code: WebSocketCloseCode.invalidText, message: "text that is no UTF-8")
  }

  private func broken(_ message: String) -> Violation {
    Violation(code: WebSocketCloseCode.protocolError, message: message)
  }
}
