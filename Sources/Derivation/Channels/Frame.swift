import Primitives

/// The 16 bytes that name a channel.
public struct ChannelIdentifier: Hashable, Sendable {
  /// The first eight bytes.
  public let high: UInt64
  /// The last eight bytes.
  public let low: UInt64

  /// How many bytes an identifier has.
  public static let sizeInBytes = 16

  /// The identifier of these halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The identifier with these bytes, or nil if they are not 16.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.sizeInBytes else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    for byte in bytes {
      words.0 = words.0 << 8 | words.1 >> 56
      words.1 = words.1 << 8 | UInt64(byte)
    }
    self.init(high: words.0, low: words.1)
  }

  /// The 16 bytes.
  public var bytes: Bytes { Bytes(Hash(0, 0, high, low).bytes[16...]) }
}

/// Why a batcher transaction's data are no frames; none of them counts then.
public enum FrameError: Error, Hashable, Sendable {
  /// There is not even a version.
  case empty
  /// The version is not 0.
  case unknownVersion(UInt8)
  /// No frame follows the version.
  case noFrames
  /// The bytes end within a frame, or bytes follow the last one.
  case truncated
  /// A frame's data are longer than the protocol allows.
  case tooLong
  /// A frame's last byte is neither 0 nor 1.
  case malformedEnd(UInt8)
}

/// A part of a channel.
///
/// Source: the OP Stack specification, derivation, frame format.
public struct Frame: Hashable, Sendable {
  /// Which channel it is of.
  public var channel: ChannelIdentifier
  /// Its place in the channel, from 0.
  public var number: UInt16
  /// The channel's bytes in it.
  public var data: Bytes
  /// Whether the channel ends with it.
  public var isLast: Bool

  /// What a frame takes beside its data.
  public static let overheadInBytes = 23
  /// The first byte of a batcher transaction that holds frames.
  public static let version: UInt8 = 0

  /// A frame with these values.
  public init(channel: ChannelIdentifier, number: UInt16, data: Bytes, isLast: Bool) {
    self.channel = channel
    self.number = number
    self.data = data
    self.isLast = isLast
  }

  /// The bytes of the frame.
  public var encoded: Bytes {
    var bytes = channel.bytes
    bytes.reserveCapacity(data.count + Self.overheadInBytes)
    bytes.append(UInt8(truncatingIfNeeded: number >> 8))
    bytes.append(UInt8(truncatingIfNeeded: number))
    for shift in [24, 16, 8, 0] {
      bytes.append(UInt8(truncatingIfNeeded: data.count >> shift))
    }
    bytes += data
    bytes.append(isLast ? 1 : 0)
    return bytes
  }

  /// The data of a batcher transaction with these frames.
  public static func encode(_ frames: [Frame]) -> Bytes {
    var bytes: Bytes = [version]
    for frame in frames { bytes += frame.encoded }
    return bytes
  }

  /// The frames in a batcher transaction's data; all or none.
  ///
  /// - Throws: `FrameError`.
  public static func decode(_ data: Bytes) throws(FrameError) -> [Frame] {
    guard let first = data.first else { throw .empty }
    guard first == version else { throw .unknownVersion(first) }
    guard data.count > 1 else { throw .noFrames }
    var frames: [Frame] = []
    var rest = data[1...]
    while !rest.isEmpty { frames.append(try next(&rest)) }
    return frames
  }

  private static func next(_ rest: inout ArraySlice<UInt8>) throws(FrameError) -> Frame {
    guard rest.count >= overheadInBytes else { throw .truncated }
    func number(_ offset: Int, _ size: Int) -> Int {
      let start = rest.startIndex + offset
      return rest[start..<start + size].reduce(0) { $0 << 8 | Int($1) }
    }
    let length = number(18, 4)
    guard length <= RollupConfiguration.frameDataLimitInBytes else { throw .tooLong }
    guard rest.count >= overheadInBytes + length else { throw .truncated }
    let start = rest.startIndex + 22
    let end = rest[start + length]
    guard end <= 1 else { throw .malformedEnd(end) }
    guard let channel = ChannelIdentifier(rest.prefix(ChannelIdentifier.sizeInBytes)) else {
      throw .truncated
    }
    let frame = Frame(
      channel: channel, number: UInt16(number(16, 2)), data: Bytes(rest[start..<start + length]),
      isLast: end == 1)
    rest = rest[(start + length + 1)...]
    return frame
  }
}
