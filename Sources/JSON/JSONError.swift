/// Why bytes are no JSON document that we take, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The document ends where more is needed.
    case unexpectedEnd
    /// This byte cannot stand here.
    case unexpectedByte(UInt8)
    /// More follows the document.
    case trailingByte(UInt8)
    /// A number that JSON's grammar does not know, such as `01`, `1.` or `+1`.
    case malformedNumber
    /// A backslash with something behind it that JSON's grammar does not know.
    case malformedEscape
    /// Half of a surrogate pair without its other half.
    case loneSurrogate
    /// Bytes of a string that are not UTF-8.
    case malformedUTF8
    /// A control character inside a string that should have been escaped.
    case controlCharacter(UInt8)
    /// An object names this key twice.
    case duplicateKey(String)
    /// Arrays and objects are nested deeper than this.
    case tooDeep(limit: Int)
    /// The document is longer than this.
    case tooLarge(limitInBytes: Int)
    /// The document has more values than this.
    case tooManyValues(limit: Int)
  }

  /// What is wrong.
  public var reason: Reason

  /// Where it is wrong: bytes from the beginning of the document.
  public var offset: Int

  /// That something is wrong, and where.
  public init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// What and where, for people.
  public var description: String { "\(message) at byte \(offset)" }

  /// What, for people.
  public var message: String {
    switch reason {
    case .unexpectedEnd: "unexpected end of JSON input"
    case .unexpectedByte(let byte): "unexpected \(named(byte))"
    case .trailingByte(let byte): "unexpected \(named(byte)) after the JSON document"
    case .malformedNumber: "malformed number"
    case .malformedEscape: "malformed escape in a string"
    case .loneSurrogate: "half of a surrogate pair in a string"
    case .malformedUTF8: "invalid UTF-8 in a string"
    case .controlCharacter(let byte): "unescaped \(named(byte)) in a string"
    case .duplicateKey(let key): "duplicate key \"\(excerpt(of: key))\""
    case .tooDeep(let limit): "nesting deeper than \(limit)"
    case .tooLarge(let limit): "document larger than \(limit) bytes"
    case .tooManyValues(let limit): "document of more than \(limit) values"
    }
  }

  private func named(_ byte: UInt8) -> String {
    if (0x21...0x7e).contains(byte) { return "'\(Character(Unicode.Scalar(byte)))'" }
    let digits = String(byte, radix: 16)
    return "byte 0x" + (digits.utf8.count == 1 ? "0" : "") + digits
  }

  private func excerpt(of key: String) -> String {
    key.utf8.count <= 64 ? key : String(key.prefix(32)) + "…"
  }
}

/// How much of a document the parser takes before it refuses.
public struct JSONLimits: Sendable, Hashable {
  /// How deep arrays and objects may be nested.
  public var depth: Int

  /// How long the document may be.
  public var sizeInBytes: Int

  /// How many values (elements, members and the document itself) there may be.
  public var valueCount: Int

  /// Limits; what is not named is as in `standard`.
  public init(
    depth: Int = 256, sizeInBytes: Int = 1 << 28, valueCount: Int = 1 << 24
  ) {
    self.depth = depth
    self.sizeInBytes = sizeInBytes
    self.valueCount = valueCount
  }

  /// Depth 256, 256 MiB, 16 Mi values: for files of our own choosing.
  public static let standard = JSONLimits()
}
