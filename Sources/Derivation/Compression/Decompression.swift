import Primitives

/// Why a compressed stream ends before its end.
public enum DecompressionError: Error, Hashable, Sendable {
  /// The bytes end within the stream.
  case truncated
  /// The first bytes are no header of the format, or ask for a dictionary.
  case malformedHeader
  /// The bytes do not follow the format.
  case malformed
  /// The checksum at the end is not that of the output.
  case wrongChecksum
}

/// What came out of a compressed stream, and how far it went.
///
/// Derivation reads batches while it decompresses, so what came out before an error counts.
public struct Decompression: Hashable, Sendable {
  /// How a stream ended.
  public enum End: Hashable, Sendable {
    /// At its end.
    case complete
    /// At the limit of the output; what follows is not looked at.
    case limit
    /// At an error; the output is what came before.
    case failed(DecompressionError)
  }

  /// The bytes, at most as many as the limit allows.
  public var output: Bytes
  /// How the stream ended.
  public var end: End
  /// How many bytes of the input were read.
  public var inputSizeInBytes: Int
}

/// Bits of a byte string, the lowest of each byte first.
struct BitReader {
  private let bytes: Bytes
  private var next: Int
  private var bits: UInt64 = 0
  private(set) var bitCount = 0

  init(_ bytes: Bytes, from start: Int) {
    self.bytes = bytes
    next = start
  }

  /// How many bytes have been begun.
  var position: Int { next - bitCount / 8 }

  /// Makes at least 48 bits ready, or as many as there are.
  @inline(__always)
  mutating func refill() {
    while bitCount <= 56, next < bytes.count {
      bits |= UInt64(bytes[next]) &<< UInt64(truncatingIfNeeded: bitCount)
      next &+= 1
      bitCount &+= 8
    }
  }

  /// The next bits, at most 32, with zeros behind the end.
  @inline(__always)
  func peek(_ count: Int) -> Int {
    Int(truncatingIfNeeded: bits & (1 &<< UInt64(truncatingIfNeeded: count) &- 1))
  }

  /// Passes over bits that are ready.
  @inline(__always)
  mutating func drop(_ count: Int) {
    bits &>>= UInt64(truncatingIfNeeded: count)
    bitCount &-= count
  }

  /// The next bits, at most 32.
  @inline(__always)
  mutating func take(_ count: Int) throws(DecompressionError) -> Int {
    if bitCount < count { refill() }
    guard bitCount >= count else { throw .truncated }
    let value = peek(count)
    drop(count)
    return value
  }

  /// Passes over the bits up to the next byte, and gives them.
  mutating func alignToByte() -> Int {
    let value = peek(bitCount % 8)
    drop(bitCount % 8)
    return value
  }

  /// Whether no bit is left.
  var isAtEnd: Bool { bitCount == 0 && next == bytes.count }
}
