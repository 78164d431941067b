/// Appends JSON text to bytes as it goes; it sets the commas and colons.
///
/// The caller opens and closes containers in pairs and names each member before its value.
/// Nothing is kept of what was written, so a reply of any size costs its bytes only.
public struct JSONWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  private let indentation: Int
  private var depth = 0
  private var needsComma = false
  private var followsKey = false

  /// A writer without white space.
  public init() { indentation = 0 }

  /// A writer that puts each element on a line of its own, this many spaces in for each level.
  public init(indentation: Int) { self.indentation = indentation }

  /// Makes room for that many bytes more.
  public mutating func reserve(_ sizeInBytes: Int) {
    // Growing to exactly what is needed, each time, would copy everything each time.
    let needed = bytes.count + sizeInBytes
    if needed > bytes.capacity { bytes.reserveCapacity(Swift.max(needed, 2 * bytes.capacity)) }
  }

  /// Opens an object.
  public mutating func beginObject() { begin(UInt8(ascii: "{")) }

  /// Closes the object opened last.
  public mutating func endObject() { end(UInt8(ascii: "}")) }

  /// Opens an array.
  public mutating func beginArray() { begin(UInt8(ascii: "[")) }

  /// Closes the array opened last.
  public mutating func endArray() { end(UInt8(ascii: "]")) }

  /// Names the member whose value comes next.
  public mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    if indentation > 0 { bytes.append(UInt8(ascii: " ")) }
    needsComma = false
    followsKey = true
  }

  /// Writes `null`.
  public mutating func null() { raw("null") }

  /// Writes a truth value.
  public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

  /// Writes a string.
  public mutating func string(_ value: String) {
    separate()
    quote(value)
    needsComma = true
  }

  /// Writes an integer in decimal.
  public mutating func integer(_ value: Int) { raw(String(value)) }

  /// Writes an integer in decimal.
  public mutating func integer(_ value: some BinaryInteger) { raw(String(value)) }

  /// Writes a number as its text stands.
  public mutating func number(_ value: JSONNumber) { raw(value.text) }

  /// Writes an Ethereum quantity: a string `"0x…"` without leading zeros.
  public mutating func quantity(_ value: UInt64) {
    separate()
    bytes.append(contentsOf: "\"0x".utf8)
    let digits = Swift.max(1, (64 - value.leadingZeroBitCount + 3) / 4)
    for digit in stride(from: digits - 1, through: 0, by: -1) {
      bytes.append(hexadecimalDigit(UInt8(truncatingIfNeeded: value >> (4 * UInt64(digit)))))
    }
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  /// Writes an Ethereum quantity from its big-endian bytes; leading zeros are dropped.
  public mutating func quantity(bigEndian value: [UInt8]) {
    separate()
    bytes.append(contentsOf: "\"0x".utf8)
    let significant = value.drop { $0 == 0 }
    if let first = significant.first {
      if first >= 0x10 { bytes.append(hexadecimalDigit(first >> 4)) }
      bytes.append(hexadecimalDigit(first))
      appendHexadecimal(significant.dropFirst())
    } else {
      bytes.append(UInt8(ascii: "0"))
    }
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  /// Writes Ethereum data: a string `"0x…"` of two digits a byte.
  public mutating func data(_ value: [UInt8]) { data(value[...]) }

  /// Writes Ethereum data: a string `"0x…"` of two digits a byte.
  public mutating func data(_ value: ArraySlice<UInt8>) {
    separate()
    bytes.append(contentsOf: "\"0x".utf8)
    appendHexadecimal(value)
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  /// Writes bytes that are a JSON value already.
  public mutating func serialized(_ value: [UInt8]) {
    separate()
    bytes.append(contentsOf: value)
    needsComma = true
  }

  /// Writes a value and all it contains, with a stack of its own instead of recursion.
  public mutating func value(_ value: JSON) {
    var open: [(container: JSON, next: Int)] = []
    var current = value
    while true {
      switch current {
      case .null: null()
      case .bool(let value): bool(value)
      case .number(let value): number(value)
      case .string(let value): string(value)
      case .serialized(let text): serialized(text)
      case .array:
        beginArray()
        open.append((current, 0))
      case .object:
        beginObject()
        open.append((current, 0))
      }
      guard let next = nextValue(in: &open) else { return }
      current = next
    }
  }

  /// Goes on in the innermost container, closing those that have no more.
  private mutating func nextValue(in open: inout [(container: JSON, next: Int)]) -> JSON? {
    while let top = open.last {
      open[open.count - 1].next += 1
      if case .array(let elements) = top.container {
        if top.next < elements.count { return elements[top.next] }
        endArray()
      } else if case .object(let members) = top.container {
        if top.next < members.count {
          let member = members[top.next]
          key(member.key)
          return member.value
        }
        endObject()
      }
      open.removeLast()
    }
    return nil
  }
}

extension JSONWriter {
  private mutating func begin(_ byte: UInt8) {
    separate()
    bytes.append(byte)
    depth += 1
    needsComma = false
  }

  private mutating func end(_ byte: UInt8) {
    depth -= 1
    if needsComma { breakLine() }
    bytes.append(byte)
    needsComma = true
  }

  private mutating func raw(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
    needsComma = true
  }

  /// Puts what belongs between what was written last and what comes next.
  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    if depth > 0, !followsKey { breakLine() }
    followsKey = false
  }

  private mutating func breakLine() {
    if indentation == 0 { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indentation))
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c }) {
      for byte in text.utf8 { appendEscaped(byte) }
    } else {
      bytes.append(contentsOf: text.utf8)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
    case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
    case 0x0a: bytes.append(contentsOf: "\\n".utf8)
    case 0x0d: bytes.append(contentsOf: "\\r".utf8)
    case 0x09: bytes.append(contentsOf: "\\t".utf8)
    case 0x00..<0x20:
      bytes.append(contentsOf: "\\u00".utf8)
      bytes.append(hexadecimalDigit(byte >> 4))
      bytes.append(hexadecimalDigit(byte))
    default: bytes.append(byte)
    }
  }

  private mutating func appendHexadecimal(_ data: ArraySlice<UInt8>) {
    // One growth and no check a digit: blocks, traces and proofs are mostly this.
    let digits = unsafe [UInt8](unsafeUninitializedCapacity: 2 * data.count) { digits, count in
      for byte in data {
        unsafe digits[count] = hexadecimalDigit(byte >> 4)
        unsafe digits[count + 1] = hexadecimalDigit(byte)
        count += 2
      }
    }
    bytes.append(contentsOf: digits)
  }
}

/// The digit of a byte's lower half.
@inline(__always)
private func hexadecimalDigit(_ byte: UInt8) -> UInt8 {
  let half = byte & 0x0f
  return half < 10 ? 0x30 + half : 0x57 + half
}
