/// Reads a JSON document byte by byte, with a stack of its own instead of recursion.
///
/// Values that are complete wait on `values`, keys on `keys`; a frame remembers where its own
/// begin. Closing a frame turns its part of the stacks into one value.
struct JSONParser {
  private struct Frame {
    var isObject: Bool
    var firstValue: Int
    var firstKey: Int
  }

  let bytes: [UInt8]
  let limits: JSONLimits
  var position = 0

  private var values: [JSON] = []
  private var keys: [String] = []
  private var keyOffsets: [Int] = []
  private var frames: [Frame] = []
  private var valueCount = 0

  init(bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// The document, all of it.
  mutating func document() throws(JSONError) -> JSON {
    if bytes.count > limits.sizeInBytes {
      throw JSONError(reason: .tooLarge(limitInBytes: limits.sizeInBytes), offset: 0)
    }
    repeat {
      try readValue()
    } while try continuesAfterValue()
    skipWhiteSpace()
    if position < bytes.count { throw error(.trailingByte(bytes[position])) }
    guard let value = values.popLast() else { throw error(.unexpectedEnd) }
    return value
  }

  /// Reads one scalar or empty container, opening the containers in front of it.
  private mutating func readValue() throws(JSONError) {
    while true {
      let byte = try nextByte()
      valueCount += 1
      if valueCount > limits.valueCount { throw error(.tooManyValues(limit: limits.valueCount)) }
      switch byte {
      case UInt8(ascii: "["):
        try open(isObject: false)
        guard try nextByte() == UInt8(ascii: "]") else { continue }
        frames.removeLast()
        push(.array([]))
      case UInt8(ascii: "{"):
        try open(isObject: true)
        guard try nextByte() == UInt8(ascii: "}") else {
          try readKey()
          continue
        }
        frames.removeLast()
        push(.object(JSONObject()))
      default: values.append(try readScalar(byte))
      }
      return
    }
  }

  /// Closes the containers that end here; whether another value follows.
  private mutating func continuesAfterValue() throws(JSONError) -> Bool {
    while let frame = frames.last {
      let byte = try nextByte()
      if byte == UInt8(ascii: ",") {
        position += 1
        if frame.isObject { try readKey() }
        return true
      }
      guard byte == UInt8(ascii: frame.isObject ? "}" : "]") else {
        throw error(.unexpectedByte(byte))
      }
      position += 1
      try close(frame)
    }
    return false
  }

  private mutating func open(isObject: Bool) throws(JSONError) {
    if frames.count >= limits.depth { throw error(.tooDeep(limit: limits.depth)) }
    position += 1
    frames.append(Frame(isObject: isObject, firstValue: values.count, firstKey: keys.count))
  }

  /// Takes an empty container's closing byte.
  private mutating func push(_ emptyContainer: JSON) {
    position += 1
    values.append(emptyContainer)
  }

  private mutating func close(_ frame: Frame) throws(JSONError) {
    frames.removeLast()
    let value: JSON
    if frame.isObject {
      do throws(RepeatedKey) {
        let own = keys[frame.firstKey...]
        value = .object(try JSONObject(keys: own, values: values[frame.firstValue...]))
      } catch {
        let place = frame.firstKey + error.place
        throw JSONError(reason: .duplicateKey(keys[place]), offset: keyOffsets[place])
      }
      keys.removeSubrange(frame.firstKey...)
      keyOffsets.removeSubrange(frame.firstKey...)
    } else {
      value = .array([JSON](values[frame.firstValue...]))
    }
    values.removeSubrange(frame.firstValue...)
    values.append(value)
  }

  /// Reads a key and its colon.
  private mutating func readKey() throws(JSONError) {
    let byte = try nextByte()
    guard byte == UInt8(ascii: "\"") else { throw error(.unexpectedByte(byte)) }
    keyOffsets.append(position)
    keys.append(try readString())
    let colon = try nextByte()
    guard colon == UInt8(ascii: ":") else { throw error(.unexpectedByte(colon)) }
    position += 1
  }

  private mutating func readScalar(_ first: UInt8) throws(JSONError) -> JSON {
    switch first {
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return .number(try readNumber())
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    default: throw error(.unexpectedByte(first))
    }
  }

  private mutating func readWord(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    for expected in word.utf8 {
      guard position < bytes.count else { throw error(.unexpectedEnd) }
      guard bytes[position] == expected else { throw error(.unexpectedByte(bytes[position])) }
      position += 1
    }
    return value
  }

  /// The next byte that is not white space; the position stays at it.
  private mutating func nextByte() throws(JSONError) -> UInt8 {
    skipWhiteSpace()
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    return bytes[position]
  }

  private mutating func skipWhiteSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return
      }
    }
  }

  func error(_ reason: JSONError.Reason) -> JSONError {
    JSONError(reason: reason, offset: position)
  }
}
