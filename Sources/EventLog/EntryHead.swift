import Primitives

/// What precedes the payload's bytes in a leaf: the mark 0x00, the headers and both numbers.
///
/// Every append hashes a row, so this one makes no arrays on its way.
struct EntryHead {
  /// The bytes, of which the first `count` count.
  private(set) var bytes = InlineArray<32, UInt8>(repeating: 0)
  /// How many there are: at most 23, with a list's header of 5, a sequence of 9, a kind of 3 and a
  /// payload's header of 5.
  private(set) var count = 1

  /// The head of a row whose payload has this size and first byte.
  init(sequence: UInt64, kind: UInt16, payloadSizeInBytes: Int, firstByte: UInt8) {
    let isItsOwnHeader = payloadSizeInBytes == 1 && firstByte < 0x80
    let contentSize =
      Self.size(ofNumber: sequence) + Self.size(ofNumber: UInt64(kind))
      + (isItsOwnHeader ? 0 : Self.size(ofHeaderFor: payloadSizeInBytes)) + payloadSizeInBytes
      + Self.size(ofHeaderFor: Hash.sizeInBytes) + Hash.sizeInBytes
    appendHeader(0xc0, contentSize)
    appendNumber(sequence)
    appendNumber(UInt64(kind))
    if !isItsOwnHeader { appendHeader(0x80, payloadSizeInBytes) }
  }

  /// How many bytes a number has without leading zeros.
  private static func width(_ number: UInt64) -> Int { 8 - number.leadingZeroBitCount / 8 }

  private static func size(ofNumber number: UInt64) -> Int {
    number < 0x80 ? 1 : 1 + width(number)
  }

  private static func size(ofHeaderFor count: Int) -> Int {
    count < 56 ? 1 : 1 + width(UInt64(count))
  }

  private mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }

  private mutating func appendNumber(_ number: UInt64) {
    if number > 0, number < 0x80 {
      append(UInt8(number))
    } else {
      append(0x80 + UInt8(Self.width(number)))
      appendBigEndian(number)
    }
  }

  private mutating func appendHeader(_ offset: UInt8, _ count: Int) {
    if count < 56 {
      append(offset + UInt8(count))
    } else {
      append(offset + 55 + UInt8(Self.width(UInt64(count))))
      appendBigEndian(UInt64(count))
    }
  }

  private mutating func appendBigEndian(_ number: UInt64) {
    for place in stride(from: Self.width(number) - 1, through: 0, by: -1) {
      append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place)))
    }
  }
}
