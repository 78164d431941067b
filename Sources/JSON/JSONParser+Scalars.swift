// Strings and numbers: the two scalars with a grammar of their own.

extension JSONParser {
  /// Reads a string; the position is at its opening quote, and afterwards behind the closing one.
  mutating func readString() throws(JSONError) -> String {
    position += 1
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = try text(of: bytes[start..<position], at: start)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try readEscapedString(from: start) }
      if byte < 0x20 { throw error(.controlCharacter(byte)) }
      position += 1
    }
    throw error(.unexpectedEnd)
  }

  /// Reads on from the first escape of a string that began at `start`.
  private mutating func readEscapedString(from start: Int) throws(JSONError) -> String {
    // Raw bytes are checked here, so that an error still knows its place in the document.
    var decoded: [UInt8] = []
    var run = start
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        try append(run..<position, to: &decoded)
        position += 1
        return String(decoding: decoded, as: UTF8.self)
      case UInt8(ascii: "\\"):
        try append(run..<position, to: &decoded)
        try readEscape(into: &decoded)
        run = position
      case 0..<0x20: throw error(.controlCharacter(byte))
      default: position += 1
      }
    }
    throw error(.unexpectedEnd)
  }

  private func append(_ run: Range<Int>, to decoded: inout [UInt8]) throws(JSONError) {
    if run.isEmpty { return }
    decoded.append(contentsOf: try text(of: bytes[run], at: run.lowerBound).utf8)
  }

  private mutating func readEscape(into decoded: inout [UInt8]) throws(JSONError) {
    guard position + 1 < bytes.count else {
      position = bytes.count
      throw error(.unexpectedEnd)
    }
    switch bytes[position + 1] {
    case UInt8(ascii: "\""): decoded.append(UInt8(ascii: "\""))
    case UInt8(ascii: "\\"): decoded.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "/"): decoded.append(UInt8(ascii: "/"))
    case UInt8(ascii: "b"): decoded.append(0x08)
    case UInt8(ascii: "f"): decoded.append(0x0c)
    case UInt8(ascii: "n"): decoded.append(0x0a)
    case UInt8(ascii: "r"): decoded.append(0x0d)
    case UInt8(ascii: "t"): decoded.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try readUnicodeEscape()
      decoded.append(contentsOf: Character(scalar).utf8)
      return
    default: throw error(.malformedEscape)
    }
    position += 2
  }

  /// Reads `\uXXXX`, or two of them that are a surrogate pair.
  private mutating func readUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    let first = try readCodeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    let isPair =
      first < 0xdc00 && position + 1 < bytes.count
      && bytes[position] == UInt8(ascii: "\\") && bytes[position + 1] == UInt8(ascii: "u")
    if isPair {
      let second = try readCodeUnit()
      if (0xdc00...0xdfff).contains(second),
        let scalar = Unicode.Scalar(
          0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00))
      {
        return scalar
      }
    }
    throw JSONError(reason: .loneSurrogate, offset: start)
  }

  /// Reads `\uXXXX`; the position is at the backslash, and afterwards behind the last digit.
  private mutating func readCodeUnit() throws(JSONError) -> UInt16 {
    guard position + 6 <= bytes.count else {
      position = bytes.count
      throw error(.unexpectedEnd)
    }
    var unit: UInt16 = 0
    for digit in bytes[position + 2..<position + 6] {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt16(digit - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt16(digit - 0x57)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt16(digit - 0x37)
      default: throw error(.malformedEscape)
      }
    }
    position += 6
    return unit
  }

  private func text(of raw: ArraySlice<UInt8>, at offset: Int) throws(JSONError) -> String {
    guard let text = String(validating: raw, as: UTF8.self) else {
      throw JSONError(reason: .malformedUTF8, offset: offset + validUTF8Count(of: raw))
    }
    return text
  }

  /// How many bytes there are before the first that is not UTF-8.
  private func validUTF8Count(of raw: ArraySlice<UInt8>) -> Int {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = raw.makeIterator()
    var count = 0
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { count += scalar.count }
    return count
  }
}

extension JSONParser {
  /// Reads a number; the position is at its first byte, and afterwards behind the last.
  mutating func readNumber() throws(JSONError) -> JSONNumber {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let integer = position
    try readDigits()
    if bytes[integer] == UInt8(ascii: "0"), position > integer + 1 {
      throw JSONError(reason: .malformedNumber, offset: start)
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try readDigits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      try readDigits()
    }
    return JSONNumber(checked: String(decoding: bytes[start..<position], as: UTF8.self))
  }

  /// Reads one digit or more.
  private mutating func readDigits() throws(JSONError) {
    let start = position
    while position < bytes.count,
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      position += 1
    }
    if position == start {
      throw error(position == bytes.count ? .unexpectedEnd : .malformedNumber)
    }
  }
}
