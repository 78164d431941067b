/// Cuts a stream of JSON texts, as local sockets carry them, into one text after the other.
///
/// Only brackets and strings are looked at: what is between a text's first and last bracket is for
/// the parser to judge. White space between texts is skipped; anything else there is an error.
public struct JSONStreamDecoder: Sendable {
  /// The stream cannot be gone on with.
  public enum Violation: Error, Hashable, Sendable {
    /// Something between two texts is neither an object nor an array.
    case noText
    /// A text is larger than the limit.
    case tooLarge(limitInBytes: Int)
  }

  private let maximumMessageSizeInBytes: Int
  private var buffer: [UInt8] = []
  /// Up to where the buffer was looked at.
  private var position = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  /// A decoder; larger texts are a violation.
  public init(maximumMessageSizeInBytes: Int) {
    self.maximumMessageSizeInBytes = maximumMessageSizeInBytes
  }

  /// Bytes that are held: received and not yet handed on.
  public var heldSizeInBytes: Int { buffer.count }

  /// Whether a text has begun and is not whole.
  public var isAmidMessage: Bool { depth > 0 }

  /// Adds bytes that were received.
  public mutating func append(_ bytes: ArraySlice<UInt8>) { buffer.append(contentsOf: bytes) }

  /// The next text; nil until more bytes come.
  public mutating func next() throws(Violation) -> [UInt8]? {
    if depth == 0 { try skipWhiteSpace() }
    while position < buffer.count {
      let byte = buffer[position]
      position += 1
      guard position <= maximumMessageSizeInBytes else {
        throw .tooLarge(limitInBytes: maximumMessageSizeInBytes)
      }
      if scan(byte) {
        let text = [UInt8](buffer[..<position])
        buffer.removeFirst(position)
        position = 0
        return text
      }
    }
    return nil
  }

  private mutating func skipWhiteSpace() throws(Violation) {
    let start = buffer.firstIndex { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } ?? buffer.count
    buffer.removeFirst(start)
    if let first = buffer.first, first != UInt8(ascii: "{"), first != UInt8(ascii: "[") {
      throw .noText
    }
  }

  /// Looks at a byte; true where a text ends with it.
  private mutating func scan(_ byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      return depth == 0
    default: break
    }
    return false
  }
}
