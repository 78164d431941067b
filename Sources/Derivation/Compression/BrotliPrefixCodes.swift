import Primitives

extension BrotliDecoder {
  /// The next prefix code over an alphabet of that size.
  ///
  /// Source: RFC 7932, section 3.
  mutating func prefixCode(alphabetSize: Int) throws(BrotliStop) -> HuffmanTable {
    let skip = try take(2)
    return skip == 1
      ? try simpleCode(alphabetSize: alphabetSize)
      : try complexCode(alphabetSize: alphabetSize, skip: skip)
  }

  private mutating func simpleCode(alphabetSize: Int) throws(BrotliStop) -> HuffmanTable {
    let count = try take(2) + 1
    let bits = Int.bitWidth - (alphabetSize - 1).leadingZeroBitCount
    var symbols: [Int] = []
    for _ in 0..<count {
      let symbol = try take(bits)
      guard symbol < alphabetSize, !symbols.contains(symbol) else { throw .failed(.malformed) }
      symbols.append(symbol)
    }
    if count == 1 { return HuffmanTable(only: UInt16(symbols[0])) }
    var sizes: [UInt8] = [1, 1]
    if count == 3 { sizes = [1, 2, 2] }
    if count == 4 { sizes = try take(1) == 0 ? [2, 2, 2, 2] : [1, 2, 3, 3] }
    var lengths = [UInt8](repeating: 0, count: alphabetSize)
    for (index, symbol) in symbols.enumerated() { lengths[symbol] = sizes[index] }
    return try table(lengths)
  }

  private func table(_ lengths: [UInt8]) throws(BrotliStop) -> HuffmanTable {
    guard let table = HuffmanTable(lengths: lengths) else { throw .failed(.malformed) }
    return table
  }

  private mutating func complexCode(
    alphabetSize: Int, skip: Int
  ) throws(BrotliStop) -> HuffmanTable {
    let codes = try codeLengthCode(skip: skip)
    var lengths: [UInt8] = []
    lengths.reserveCapacity(alphabetSize)
    var space = 1 << 15
    var previous: UInt8 = 8
    var run = 0
    var runLength: UInt8 = 0
    while lengths.count < alphabetSize, space > 0 {
      let symbol = try symbol(codes)
      if symbol < 16 {
        run = 0
        lengths.append(UInt8(symbol))
        if symbol != 0 {
          previous = UInt8(symbol)
          space -= 1 << (15 - symbol)
        }
        continue
      }
      let extra = symbol - 14
      let length = symbol == 16 ? previous : 0
      if runLength != length {
        run = 0
        runLength = length
      }
      let before = run
      if run > 0 { run = (run - 2) << extra }
      run += try take(extra) + 3
      let count = run - before
      guard lengths.count + count <= alphabetSize else { throw .failed(.malformed) }
      for _ in 0..<count { lengths.append(length) }
      if length != 0 { space -= count << (15 - Int(length)) }
    }
    guard space == 0 else { throw .failed(.malformed) }
    while lengths.count < alphabetSize { lengths.append(0) }
    return try table(lengths)
  }

  private mutating func codeLengthCode(skip: Int) throws(BrotliStop) -> HuffmanTable {
    let order = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    var lengths = [UInt8](repeating: 0, count: 18)
    var space = 32
    var used: [Int] = []
    for symbol in order[skip...] where space > 0 {
      let length = try codeLengthLength()
      lengths[symbol] = UInt8(length)
      guard length != 0 else { continue }
      space -= 32 >> length
      used.append(symbol)
    }
    if used.count == 1 { return HuffmanTable(only: UInt16(used[0])) }
    guard space == 0 else { throw .failed(.malformed) }
    return try table(lengths)
  }

  /// The length of a code for code lengths, in a fixed code of two to four bits.
  private mutating func codeLengthLength() throws(BrotliStop) -> Int {
    switch try take(2) {
    case 0: return 0
    case 1: return 4
    case 2: return 3
    default:
      if try take(1) == 0 { return 2 }
      return try take(1) == 0 ? 1 : 5
    }
  }

  /// The next context map: which of `treeCount` codes each context has.
  ///
  /// Source: RFC 7932, section 7.3.
  mutating func contextMap(size: Int, treeCount: Int) throws(BrotliStop) -> [UInt8] {
    if treeCount == 1 { return [UInt8](repeating: 0, count: size) }
    let longestRun = try take(1) == 0 ? 0 : try take(4) + 1
    let code = try prefixCode(alphabetSize: treeCount + longestRun)
    var map: [UInt8] = []
    map.reserveCapacity(size)
    while map.count < size {
      let symbol = try symbol(code)
      if symbol == 0 || symbol > longestRun {
        map.append(UInt8(truncatingIfNeeded: symbol == 0 ? 0 : symbol - longestRun))
        continue
      }
      let count = 1 << symbol + (try take(symbol))
      guard map.count + count <= size else { throw .failed(.malformed) }
      for _ in 0..<count { map.append(0) }
    }
    if try take(1) == 1 { Self.invertMoveToFront(&map) }
    return map
  }

  private static func invertMoveToFront(_ map: inout [UInt8]) {
    var recent = (0...255).map { UInt8($0) }
    for index in map.indices {
      let position = Int(map[index])
      let value = recent[position]
      map[index] = value
      recent.remove(at: position)
      recent.insert(value, at: 0)
    }
  }
}
