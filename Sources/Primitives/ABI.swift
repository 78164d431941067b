/// The contract ABI: how arguments, results, events and errors are laid out in bytes.
///
/// Source: Solidity documentation, "Contract ABI Specification". Nesting is bounded by the types,
/// which are the program's own or come from a parser with a limit.
public enum ABI {
  /// The bytes of a tuple of these values.
  public static func encode(_ values: [ABIValue]) -> Bytes {
    var bytes = Bytes()
    append(values, to: &bytes)
    return bytes
  }

  /// Appends head and tail of a tuple.
  private static func append(_ values: [ABIValue], to bytes: inout Bytes) {
    let start = bytes.count
    bytes.reserveCapacity(start + 32 * values.count)
    // The head first, with room for the offsets, which are known once the tails are written.
    var places: [Int] = []
    for value in values {
      guard value.isDynamic else {
        appendStatic(value, to: &bytes)
        continue
      }
      places.append(bytes.count)
      UInt256.zero.append(to: &bytes)
    }
    var next = 0
    for value in values where value.isDynamic {
      let offset = UInt64(bytes.count - start)
      for index in 0..<8 {
        bytes[places[next] + 24 + index] = UInt8(
          truncatingIfNeeded: offset &>> UInt64(56 - 8 * index))
      }
      next += 1
      appendDynamic(value, to: &bytes)
    }
  }

  private static func appendStatic(_ value: ABIValue, to bytes: inout Bytes) {
    switch value {
    case .uint(let number), .int(let number): number.append(to: &bytes)
    case .address(let address): UInt256(address).append(to: &bytes)
    case .bool(let flag): UInt256(flag).append(to: &bytes)
    case .fixedBytes(let content):
      precondition(content.count <= 32, "bytes of fixed number are at most 32")
      appendPadded(content, to: &bytes)
    case .fixedArray(let elements), .tuple(let elements):
      for element in elements { appendStatic(element, to: &bytes) }
    case .bytes, .string, .array: preconditionFailure("a dynamic value has no static form")
    }
  }

  private static func appendDynamic(_ value: ABIValue, to bytes: inout Bytes) {
    switch value {
    case .bytes(let content), .string(let content):
      UInt256(content.count).append(to: &bytes)
      appendPadded(content, to: &bytes)
    case .array(let elements):
      UInt256(elements.count).append(to: &bytes)
      append(elements, to: &bytes)
    case .fixedArray(let elements), .tuple(let elements):
      append(elements, to: &bytes)
    default: appendStatic(value, to: &bytes)
    }
  }

  /// Appends bytes and zeros up to a multiple of 32.
  private static func appendPadded(_ content: Bytes, to bytes: inout Bytes) {
    bytes.append(contentsOf: content)
    let padding = (32 - content.count % 32) % 32
    bytes.append(contentsOf: repeatElement(0, count: padding))
  }
}
