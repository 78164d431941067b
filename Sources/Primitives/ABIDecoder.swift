/// Why bytes are not the ABI encoding of values of the asked types.
public enum ABIError: Error, Hashable, Sendable {
  /// The bytes end before the value, or an offset or length points behind them.
  case truncated
  /// A number, address, truth value or short bytes has bits set outside its range.
  case outOfRange
  /// Offsets point at the same bytes so often that the values would be far larger than the input.
  case tooLarge
  /// The types nest too deep.
  case tooDeep
}

extension ABI {
  /// The values of a tuple of these types; bytes behind the last one are not looked at.
  ///
  /// Accepts what Solidity's decoder accepts: tails may lie in any order. What is decoded is at
  /// most four times the input and a kilobyte, whatever the offsets say.
  /// - Throws: `ABIError`.
  public static func decode(_ types: [ABIType], _ bytes: Bytes) throws(ABIError) -> [ABIValue] {
    try decode(types, bytes[...])
  }

  /// The values of a tuple of these types; bytes behind the last one are not looked at.
  /// - Throws: `ABIError`.
  public static func decode(
    _ types: [ABIType], _ bytes: ArraySlice<UInt8>
  ) throws(ABIError) -> [ABIValue] {
    var decoder = ABIDecoder(bytes)
    return try decoder.tuple(types, at: 0, depth: 0)
  }
}

/// Walks the offsets of an encoding; every position is relative to the first byte.
private struct ABIDecoder {
  private let bytes: ArraySlice<UInt8>
  /// How many more bytes may be visited.
  private var budget: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    budget = 4 * bytes.count + 1024
  }

  mutating func tuple(
    _ types: [ABIType], at start: Int, depth: Int
  ) throws(ABIError) -> [ABIValue] {
    var values: [ABIValue] = []
    values.reserveCapacity(types.count)
    var position = start
    for type in types {
      values.append(try member(type, at: position, tupleStart: start, depth: depth))
      position += type.headSizeInBytes
    }
    return values
  }

  /// A value whose head is at a position, and whose offset, if any, counts from `tupleStart`.
  private mutating func member(
    _ type: ABIType, at position: Int, tupleStart: Int, depth: Int
  ) throws(ABIError) -> ABIValue {
    guard depth <= ABIType.depthLimit else { throw .tooDeep }
    guard type.isDynamic else { return try value(type, at: position, depth: depth) }
    let offset = try size(at: position)
    guard offset <= bytes.count - tupleStart else { throw .truncated }
    return try value(type, at: tupleStart + offset, depth: depth)
  }

  /// A value that starts at a position.
  private mutating func value(
    _ type: ABIType, at position: Int, depth: Int
  ) throws(ABIError) -> ABIValue {
    switch type {
    case .bytes: return .bytes(try content(at: position))
    case .string: return .string(try content(at: position))
    case .array(let element):
      let count = try size(at: position)
      let elementSize = element.headSizeInBytes
      guard elementSize > 0 else { throw .tooLarge }
      guard count <= (bytes.count - position - 32) / elementSize else { throw .truncated }
      return .array(try elements(element, count, at: position + 32, depth: depth + 1))
    case .fixedArray(let element, let count):
      return .fixedArray(try elements(element, count, at: position, depth: depth + 1))
    case .tuple(let members):
      return .tuple(try tuple(members, at: position, depth: depth + 1))
    default: return try elementary(type, word(at: position))
    }
  }

  private mutating func elements(
    _ type: ABIType, _ count: Int, at start: Int, depth: Int
  ) throws(ABIError) -> [ABIValue] {
    let elementSize = type.headSizeInBytes
    guard count * elementSize <= bytes.count - start else { throw .truncated }
    var values: [ABIValue] = []
    var position = start
    for _ in 0..<count {
      values.append(try member(type, at: position, tupleStart: start, depth: depth))
      position += elementSize
    }
    return values
  }

  private func elementary(_ type: ABIType, _ word: UInt256) throws(ABIError) -> ABIValue {
    switch type {
    case .uint(let bits):
      guard word.bitWidth <= bits else { throw .outOfRange }
      return .uint(word)
    case .int(let bits):
      guard word.signExtended(fromByte: UInt256(bits / 8 - 1)) == word else {
        throw .outOfRange
      }
      return .int(word)
    case .bool:
      guard word <= 1 else { throw .outOfRange }
      return .bool(!word.isZero)
    case .fixedBytes(let count):
      guard word.shiftedLeft(by: UInt64(8 * count)).isZero else { throw .outOfRange }
      return .fixedBytes(Bytes(word.bigEndianBytes.prefix(count)))
    default:
      guard word.bitWidth <= 160 else { throw .outOfRange }
      return .address(Address(word))
    }
  }

  /// Bytes behind their length; padding need not be there, as for Solidity.
  private mutating func content(at position: Int) throws(ABIError) -> Bytes {
    let count = try size(at: position)
    guard count <= bytes.count - position - 32 else { throw .truncated }
    try spend(count)
    let start = bytes.startIndex + position + 32
    return Bytes(bytes[start..<start + count])
  }

  /// An offset or a length, which must fit into memory.
  private mutating func size(at position: Int) throws(ABIError) -> Int {
    guard let size = try word(at: position).asInt else { throw .truncated }
    return size
  }

  private mutating func word(at position: Int) throws(ABIError) -> UInt256 {
    guard bytes.count >= 32, position <= bytes.count - 32 else { throw .truncated }
    try spend(32)
    let start = bytes.startIndex + position
    return UInt256(bigEndian: bytes[start..<start + 32])
  }

  private mutating func spend(_ count: Int) throws(ABIError) {
    budget -= count
    guard budget >= 0 else { throw .tooLarge }
  }
}
