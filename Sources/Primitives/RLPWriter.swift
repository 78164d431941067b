/// Writes canonical RLP.
///
/// Source: Yellow Paper, appendix B.
public struct RLPWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: Bytes

  /// A writer that has written nothing.
  public init() { bytes = [] }

  /// A writer with room for this many bytes.
  public init(reservingCapacity capacity: Int) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Appends an item of bytes.
  public mutating func append(bytes item: Bytes) { append(bytes: item[...]) }

  /// Appends an item of bytes.
  public mutating func append(bytes item: ArraySlice<UInt8>) {
    if item.count == 1, let byte = item.first, byte < 0x80 {
      bytes.append(byte)
      return
    }
    appendHeader(offset: 0x80, count: item.count)
    bytes.append(contentsOf: item)
  }

  /// Appends a number.
  public mutating func append(uint64 value: UInt64) {
    if value == 0 {
      bytes.append(0x80)
    } else if value < 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value))
    } else {
      let count = 8 &- value.leadingZeroBitCount / 8
      bytes.append(0x80 + UInt8(truncatingIfNeeded: count))
      appendBigEndian(value, count: count)
    }
  }

  /// Appends a number.
  public mutating func append(uint256 value: UInt256) {
    if value.fitsUInt64 {
      append(uint64: value.limb0)
      return
    }
    bytes.append(0x80 + UInt8(truncatingIfNeeded: value.byteWidth))
    value.appendMinimal(to: &bytes)
  }

  /// Appends the number 1 for true and 0 for false.
  public mutating func append(bool value: Bool) { append(uint64: value ? 1 : 0) }

  /// Appends the 20 bytes of an address.
  public mutating func append(address: Address) {
    bytes.append(0x94)
    address.append(to: &bytes)
  }

  /// Appends the 20 bytes of an address, or none for nil.
  public mutating func append(optionalAddress address: Address?) {
    guard let address else {
      bytes.append(0x80)
      return
    }
    append(address: address)
  }

  /// Appends the 32 bytes of a hash.
  public mutating func append(hash: Hash) {
    bytes.append(0xa0)
    hash.append(to: &bytes)
  }

  /// Appends bytes that are RLP already.
  public mutating func append(raw encoded: Bytes) { bytes.append(contentsOf: encoded) }

  /// Appends bytes that are RLP already.
  public mutating func append(raw encoded: ArraySlice<UInt8>) {
    bytes.append(contentsOf: encoded)
  }

  /// Appends a list of what the closure writes.
  /// - Throws: what the closure throws.
  public mutating func list<Failure: Error>(
    _ body: (inout RLPWriter) throws(Failure) -> Void
  ) throws(Failure) {
    let start = bytes.count
    bytes.append(0xc0)
    try body(&self)
    closeList(at: start)
  }

  /// The RLP of a list of what the closure writes, which usually fits the capacity.
  /// - Throws: what the closure throws.
  public static func list<Failure: Error>(
    reservingCapacity capacity: Int = 128,
    _ body: (inout RLPWriter) throws(Failure) -> Void
  ) throws(Failure) -> Bytes {
    var writer = RLPWriter(reservingCapacity: capacity)
    try writer.list(body)
    return writer.bytes
  }

  /// The RLP of a list of items that are RLP already.
  public static func list(rawItems: [Bytes]) -> Bytes {
    var count = 0
    for item in rawItems { count += item.count }
    var writer = RLPWriter(reservingCapacity: count + 9)
    writer.appendHeader(offset: 0xc0, count: count)
    for item in rawItems { writer.bytes.append(contentsOf: item) }
    return writer.bytes
  }

  /// The RLP of one item of bytes.
  public static func encode(bytes item: Bytes) -> Bytes {
    var writer = RLPWriter(reservingCapacity: item.count + 9)
    writer.append(bytes: item)
    return writer.bytes
  }

  /// The RLP of a number.
  public static func encode(uint64 value: UInt64) -> Bytes {
    var writer = RLPWriter(reservingCapacity: 9)
    writer.append(uint64: value)
    return writer.bytes
  }

  /// The RLP of a number.
  public static func encode(uint256 value: UInt256) -> Bytes {
    var writer = RLPWriter(reservingCapacity: value.byteWidth + 1)
    writer.append(uint256: value)
    return writer.bytes
  }

  /// Puts the header of the list whose one-byte place is at a position.
  private mutating func closeList(at start: Int) {
    let count = bytes.count - start - 1
    if count < 56 {
      bytes[start] = 0xc0 + UInt8(truncatingIfNeeded: count)
      return
    }
    // The content moves on to make room: a list is closed far too often to put it together anew.
    let lengthBytes = 8 - count.leadingZeroBitCount / 8
    bytes[start] = 0xf7 + UInt8(truncatingIfNeeded: lengthBytes)
    appendBigEndian(0, count: lengthBytes)
    unsafe bytes.withUnsafeMutableBytes { buffer in
      let content = unsafe UnsafeRawBufferPointer(rebasing: buffer[start + 1..<start + 1 + count])
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[(start + 1 + lengthBytes)...])
        .copyMemory(from: content)
    }
    for place in 0..<lengthBytes {
      bytes[start + lengthBytes - place] = UInt8(truncatingIfNeeded: count &>> (8 &* place))
    }
  }

  private mutating func appendHeader(offset: UInt8, count: Int) {
    if count < 56 {
      bytes.append(offset + UInt8(truncatingIfNeeded: count))
      return
    }
    let lengthBytes = 8 - count.leadingZeroBitCount / 8
    bytes.append(offset + 55 + UInt8(truncatingIfNeeded: lengthBytes))
    appendBigEndian(UInt64(count), count: lengthBytes)
  }

  private mutating func appendBigEndian(_ value: UInt64, count: Int) {
    var remaining = count
    while remaining > 0 {
      remaining &-= 1
      bytes.append(UInt8(truncatingIfNeeded: value &>> UInt64(8 &* remaining)))
    }
  }
}
