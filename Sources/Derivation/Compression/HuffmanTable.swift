import Primitives

/// A canonical prefix code, as DEFLATE and Brotli have it: codes as numbers, the first bit lowest.
///
/// Short codes are looked up; longer ones are found by their length. Building costs as much as
/// there are symbols, so that a hostile stream of many small blocks gains nothing.
struct HuffmanTable {
  private static let lookupBits = 9
  static let longestCode = 15

  /// For each value of the next bits: the symbol and, in the low four bits, its length; 0 for none.
  private var lookup: [UInt32]
  /// How many codes there are of each length.
  private var counts: [Int32]
  /// The symbols, ordered by length and value.
  private var symbols: [UInt16]
  /// The one symbol of a code that takes no bits.
  private var only: UInt16?

  /// Whether there is no code at all.
  var isEmpty: Bool { symbols.isEmpty && only == nil }

  /// The code of one symbol, which takes no bits.
  init(only symbol: UInt16) {
    lookup = []
    counts = []
    symbols = []
    only = symbol
  }

  /// The code with these lengths, where 0 stands for no code; nil if the lengths fit no code.
  ///
  /// A code may leave bits without a meaning only if it has no symbol, or one symbol of one bit.
  init?(lengths: [UInt8]) {
    counts = [Int32](repeating: 0, count: Self.longestCode + 1)
    for length in lengths { counts[Int(length)] += 1 }
    counts[0] = 0
    var left: Int32 = 1
    var total: Int32 = 0
    var longest = 0
    for length in 1...Self.longestCode {
      left = left << 1 - counts[length]
      if left < 0 { return nil }
      total += counts[length]
      if counts[length] > 0 { longest = length }
    }
    if left > 0, total > 1 || longest > 1 { return nil }
    var offsets = [Int](repeating: 0, count: Self.longestCode + 2)
    for length in 1...Self.longestCode {
      offsets[length + 1] = offsets[length] + Int(counts[length])
    }
    symbols = [UInt16](repeating: 0, count: Int(total))
    for (symbol, length) in lengths.enumerated() where length != 0 {
      symbols[offsets[Int(length)]] = UInt16(truncatingIfNeeded: symbol)
      offsets[Int(length)] += 1
    }
    lookup = [UInt32](repeating: 0, count: 1 << Self.lookupBits)
    fillLookup()
  }

  private mutating func fillLookup() {
    var code = 0
    var index = 0
    for length in 1...Self.lookupBits {
      for _ in 0..<counts[length] {
        var entry = Self.reversed(code, length)
        let value = UInt32(symbols[index]) << 4 | UInt32(length)
        while entry < lookup.count {
          lookup[entry] = value
          entry += 1 << length
        }
        code += 1
        index += 1
      }
      code <<= 1
    }
  }

  private static func reversed(_ code: Int, _ length: Int) -> Int {
    var result = 0
    for bit in 0..<length where code >> bit & 1 == 1 { result |= 1 << (length - 1 - bit) }
    return result
  }

  /// The next symbol of `reader`, which has been refilled.
  @inline(__always)
  func symbol(_ reader: inout BitReader) throws(DecompressionError) -> Int {
    if let only { return Int(only) }
    if lookup.isEmpty { throw .malformed }
    let entry = lookup[reader.peek(Self.lookupBits)]
    if entry != 0 {
      let length = Int(entry & 15)
      guard length <= reader.bitCount else { throw .truncated }
      reader.drop(length)
      return Int(entry >> 4)
    }
    return try longSymbol(&reader)
  }

  /// The next symbol, bit by bit: each length's codes follow those of the length before.
  private func longSymbol(_ reader: inout BitReader) throws(DecompressionError) -> Int {
    let bits = reader.peek(Self.longestCode)
    var code = 0
    var first = 0
    var index = 0
    for length in 1...Self.longestCode {
      code |= bits >> (length - 1) & 1
      let count = Int(counts[length])
      if code - first < count {
        guard length <= reader.bitCount else { throw .truncated }
        reader.drop(length)
        return Int(symbols[index + code - first])
      }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw reader.bitCount < Self.longestCode ? .truncated : .malformed
  }
}
