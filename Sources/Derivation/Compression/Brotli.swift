import Primitives

/// A decoder of Brotli streams (RFC 7932) with bounded output.
public enum Brotli {
  /// What the stream in `input` from `start` on holds, up to `limit` bytes.
  ///
  /// What follows the stream is not looked at. Large windows, which no RFC has, are refused.
  public static func decode(_ input: Bytes, from start: Int = 0, limit: Int) -> Decompression {
    var decoder = BrotliDecoder(input, from: start, limit: limit)
    return decoder.run()
  }
}

/// Why a Brotli decoder stops.
enum BrotliStop: Error {
  case limit
  case failed(DecompressionError)
}

/// A Brotli stream on its way: its meta-blocks, one behind the other.
struct BrotliDecoder {
  var reader: BitReader
  var output: Bytes = []
  let limit: Int
  /// How far back a copy may reach.
  private(set) var windowSize = 0
  /// The last distances, the latest first.
  var distances = (4, 11, 15, 16)

  init(_ input: Bytes, from start: Int, limit: Int) {
    reader = BitReader(input, from: start)
    self.limit = limit
    output.reserveCapacity(min(limit, max(4096, (input.count - start) * 4)))
  }

  mutating func run() -> Decompression {
    var end = Decompression.End.complete
    do throws(BrotliStop) {
      try readWindowSize()
      while try !metaBlock() {}
    } catch {
      switch error {
      case .limit: end = .limit
      case .failed(let error): end = .failed(error)
      }
    }
    return Decompression(output: output, end: end, inputSizeInBytes: reader.position)
  }

  mutating func take(_ count: Int) throws(BrotliStop) -> Int {
    do throws(DecompressionError) { return try reader.take(count) } catch { throw .failed(error) }
  }

  @inline(__always)
  mutating func symbol(_ table: HuffmanTable) throws(BrotliStop) -> Int {
    reader.refill()
    do throws(DecompressionError) {
      return try table.symbol(&reader)
    } catch {
      throw .failed(error)
    }
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) throws(BrotliStop) {
    guard output.count < limit else { throw .limit }
    output.append(byte)
  }

  private mutating func readWindowSize() throws(BrotliStop) {
    var bits = 16
    if try take(1) == 1 {
      let high = try take(3)
      if high != 0 {
        bits = 17 + high
      } else {
        let low = try take(3)
        if low == 1 { throw .failed(.malformedHeader) }
        bits = low == 0 ? 17 : 8 + low
      }
    }
    windowSize = 1 << bits - 16
  }

  private mutating func alignToByte() throws(BrotliStop) {
    guard reader.alignToByte() == 0 else { throw .failed(.malformed) }
  }

  /// Reads a meta-block; whether it was the last.
  private mutating func metaBlock() throws(BrotliStop) -> Bool {
    let isLast = try take(1) == 1
    if isLast, try take(1) == 1 {
      try alignToByte()
      return true
    }
    let nibbles = try take(2) + 4
    if nibbles == 7 {
      try skipMetadata()
    } else {
      var length = 0
      for index in 0..<nibbles {
        let nibble = try take(4)
        if index == nibbles - 1, nibbles > 4, nibble == 0 { throw .failed(.malformed) }
        length |= nibble << (4 * index)
      }
      length += 1
      if !isLast, try take(1) == 1 {
        try alignToByte()
        for _ in 0..<length { try append(UInt8(truncatingIfNeeded: try take(8))) }
      } else {
        var block = try BrotliMetaBlock(&self)
        try block.run(&self, length: length)
      }
    }
    if isLast { try alignToByte() }
    return isLast
  }

  private mutating func skipMetadata() throws(BrotliStop) {
    guard try take(1) == 0 else { throw .failed(.malformed) }
    let count = try take(2)
    var length = 0
    for index in 0..<count {
      let byte = try take(8)
      if index == count - 1, count > 1, byte == 0 { throw .failed(.malformed) }
      length |= byte << (8 * index)
    }
    if count > 0 { length += 1 }
    try alignToByte()
    for _ in 0..<length { _ = try take(8) }
  }

  /// A number from 1 to 256.
  mutating func count() throws(BrotliStop) -> Int {
    guard try take(1) == 1 else { return 1 }
    let bits = try take(3)
    return 1 + 1 << bits + (try take(bits))
  }
}
