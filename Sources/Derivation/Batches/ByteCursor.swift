import Primitives

/// A cursor over the bytes of a span batch.
struct ByteCursor {
  private let bytes: Bytes
  private var position = 0

  init(_ bytes: Bytes) { self.bytes = bytes }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(BatchError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw .truncated }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// The next number in seven bits a byte, the lowest first.
  ///
  /// Longer spellings than needed are taken, as by op-node's reader, but not beyond 64 bits.
  mutating func variableInteger() throws(BatchError) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<10 {
      guard position < bytes.count else { throw .truncated }
      let byte = bytes[position]
      position += 1
      if index == 9, byte > 1 { throw .malformedNumber }
      value |= UInt64(byte & 0x7f) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    throw .malformedNumber
  }

  /// The next transaction's variable part: a type byte, unless it is legacy, and an RLP list.
  mutating func transactionContent() throws(BatchError) -> ArraySlice<UInt8> {
    guard position < bytes.count else { throw .truncated }
    let start = position
    let listStart = start + (bytes[start] < 0x80 ? 1 : 0)
    do throws(RLPError) {
      var reader = RLPReader(bytes, from: listStart)
      guard try reader.nextIsList() else { throw .expectedList }
      position = listStart + (try reader.rawItem().count)
    } catch {
      throw .malformedTransaction
    }
    return bytes[start..<position]
  }
}

/// Numbers in seven bits a byte, the lowest first, as in Protocol Buffers.
enum VariableInteger {
  static func append(_ value: UInt64, to bytes: inout Bytes) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

/// Bits as a big-endian number: bit 0 is the lowest of the last byte.
struct BitList {
  private let bytes: ArraySlice<UInt8>

  /// The next `count` bits of `reader`; those behind them must be 0.
  init(_ reader: inout ByteCursor, count: Int) throws(BatchError) {
    bytes = try reader.take((count + 7) / 8)
    if count % 8 != 0, let first = bytes.first, first >> UInt8(count % 8) != 0 {
      throw .malformedBits
    }
  }

  subscript(_ index: Int) -> Bool {
    bytes[bytes.endIndex - 1 - index / 8] >> UInt8(index % 8) & 1 == 1
  }

  static func append(_ bits: [Bool], to bytes: inout Bytes) {
    let count = (bits.count + 7) / 8
    var packed = Bytes(repeating: 0, count: count)
    for (index, bit) in bits.enumerated() where bit {
      packed[count - 1 - index / 8] |= 1 << UInt8(index % 8)
    }
    bytes += packed
  }
}
