import Primitives

/// A decoder of DEFLATE (RFC 1951) and zlib streams (RFC 1950) with bounded output.
public enum Inflate {
  /// What the zlib stream at the head of `input` holds, up to `limit` bytes.
  ///
  /// What follows the stream is not looked at. A dictionary is refused.
  public static func zlib(_ input: Bytes, limit: Int) -> Decompression {
    guard input.count >= 2 else { return failure(.truncated, at: input.count) }
    let header = Int(input[0]) << 8 | Int(input[1])
    let isDeflate = input[0] & 15 == 8 && input[0] >> 4 <= 7
    guard isDeflate, header % 31 == 0, input[1] & 0x20 == 0 else {
      return failure(.malformedHeader, at: 2)
    }
    var result = deflate(input, from: 2, limit: limit)
    guard result.end == .complete else { return result }
    let end = result.inputSizeInBytes
    guard input.count - end >= 4 else {
      result.end = .failed(.truncated)
      return result
    }
    let expected = input[end..<end + 4].reduce(0) { $0 << 8 | UInt32($1) }
    result.inputSizeInBytes = end + 4
    if expected != adler32(result.output) { result.end = .failed(.wrongChecksum) }
    return result
  }

  /// What the DEFLATE stream in `input` from `start` on holds, up to `limit` bytes.
  public static func deflate(_ input: Bytes, from start: Int = 0, limit: Int) -> Decompression {
    var decoder = InflateDecoder(input, from: start, limit: limit)
    return decoder.run()
  }

  private static func failure(_ error: DecompressionError, at position: Int) -> Decompression {
    Decompression(output: [], end: .failed(error), inputSizeInBytes: position)
  }

  /// The checksum of a zlib stream.
  static func adler32(_ bytes: Bytes) -> UInt32 {
    var low: UInt32 = 1
    var high: UInt32 = 0
    var index = 0
    while index < bytes.count {
      // So many sums fit into 32 bits before they must be reduced.
      let end = min(index &+ 5552, bytes.count)
      while index < end {
        low &+= UInt32(bytes[index])
        high &+= low
        index &+= 1
      }
      low %= 65_521
      high %= 65_521
    }
    return high << 16 | low
  }
}

/// A DEFLATE stream on its way.
private struct InflateDecoder {
  private enum Stop: Error {
    case limit
    case failed(DecompressionError)
  }

  private var reader: BitReader
  private var output: Bytes = []
  private let limit: Int

  init(_ input: Bytes, from start: Int, limit: Int) {
    reader = BitReader(input, from: start)
    self.limit = limit
    output.reserveCapacity(min(limit, max(4096, (input.count - start) * 4)))
  }

  mutating func run() -> Decompression {
    var end = Decompression.End.complete
    do throws(Stop) {
      while try !block() {}
    } catch {
      switch error {
      case .limit: end = .limit
      case .failed(let error): end = .failed(error)
      }
    }
    return Decompression(output: output, end: end, inputSizeInBytes: reader.position)
  }

  private mutating func take(_ count: Int) throws(Stop) -> Int {
    do throws(DecompressionError) { return try reader.take(count) } catch { throw .failed(error) }
  }

  private mutating func symbol(_ table: HuffmanTable) throws(Stop) -> Int {
    do throws(DecompressionError) {
      return try table.symbol(&reader)
    } catch {
      throw .failed(error)
    }
  }

  private mutating func append(_ byte: UInt8) throws(Stop) {
    guard output.count < limit else { throw .limit }
    output.append(byte)
  }

  /// Reads a block; whether it was the last.
  private mutating func block() throws(Stop) -> Bool {
    let isLast = try take(1) == 1
    switch try take(2) {
    case 0: try storedBlock()
    case 1: try codedBlock(Self.fixedLiterals, Self.fixedDistances)
    case 2:
      let (literals, distances) = try dynamicTables()
      try codedBlock(literals, distances)
    default: throw .failed(.malformed)
    }
    return isLast
  }

  private mutating func storedBlock() throws(Stop) {
    _ = reader.alignToByte()
    let size = try take(16)
    guard try take(16) == size ^ 0xffff else { throw .failed(.malformed) }
    for _ in 0..<size { try append(UInt8(truncatingIfNeeded: try take(8))) }
  }

  private mutating func codedBlock(
    _ literals: HuffmanTable, _ distances: HuffmanTable
  ) throws(Stop) {
    while true {
      reader.refill()
      let symbol = try symbol(literals)
      if symbol < 256 {
        try append(UInt8(truncatingIfNeeded: symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol <= 285 else { throw .failed(.malformed) }
      let index = symbol - 257
      let length = Int(Self.lengthBases[index]) + (try take(Int(Self.lengthBits[index])))
      reader.refill()
      let distanceSymbol = try self.symbol(distances)
      guard distanceSymbol < 30 else { throw .failed(.malformed) }
      let distance =
        Int(Self.distanceBases[distanceSymbol])
        + (try take(Int(Self.distanceBits[distanceSymbol])))
      try copy(length, from: distance)
    }
  }

  private mutating func copy(_ length: Int, from distance: Int) throws(Stop) {
    guard distance <= output.count else { throw .failed(.malformed) }
    let count = min(length, limit - output.count)
    var source = output.count - distance
    for _ in 0..<count {
      output.append(output[source])
      source &+= 1
    }
    if count < length { throw .limit }
  }

  private mutating func dynamicTables() throws(Stop) -> (HuffmanTable, HuffmanTable) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let codeCount = try take(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw .failed(.malformed) }
    var codeLengths = [UInt8](repeating: 0, count: 19)
    for index in 0..<codeCount {
      codeLengths[Int(Self.codeOrder[index])] = UInt8(truncatingIfNeeded: try take(3))
    }
    guard let codes = HuffmanTable(lengths: codeLengths) else { throw .failed(.malformed) }
    let total = literalCount + distanceCount
    var lengths: [UInt8] = []
    while lengths.count < total {
      reader.refill()
      let symbol = try symbol(codes)
      if symbol < 16 {
        lengths.append(UInt8(truncatingIfNeeded: symbol))
        continue
      }
      var value: UInt8 = 0
      let count: Int
      switch symbol {
      case 16:
        guard let last = lengths.last else { throw .failed(.malformed) }
        value = last
        count = try take(2) + 3
      case 17: count = try take(3) + 3
      default: count = try take(7) + 11
      }
      guard lengths.count + count <= total else { throw .failed(.malformed) }
      for _ in 0..<count { lengths.append(value) }
    }
    guard let literals = HuffmanTable(lengths: Array(lengths[..<literalCount])),
      let distances = HuffmanTable(lengths: Array(lengths[literalCount...]))
    else { throw .failed(.malformed) }
    return (literals, distances)
  }

  private static let codeOrder: [UInt8] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  private static let lengthBases: [UInt16] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115,
    131, 163, 195, 227, 258,
  ]
  private static let lengthBits: [UInt8] = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBases: [UInt16] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
    2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]
  private static let distanceBits: [UInt8] = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12,
    13, 13,
  ]
  private static let fixedLiterals = fixedTable(
    [(144, 8), (112, 9), (24, 7), (8, 8)].reduce(into: []) { lengths, run in
      lengths += [UInt8](repeating: run.1, count: run.0)
    })
  private static let fixedDistances = fixedTable([UInt8](repeating: 5, count: 32))

  private static func fixedTable(_ lengths: [UInt8]) -> HuffmanTable {
    HuffmanTable(lengths: lengths) ?? HuffmanTable(only: 0)
  }
}
