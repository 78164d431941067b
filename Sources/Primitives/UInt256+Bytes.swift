/// Big-endian bytes, the only order that Ethereum knows.
extension UInt256 {
  /// The number that at most 32 big-endian bytes spell; fewer are padded on the left.
  @inlinable
  public init(bigEndian bytes: some Collection<UInt8>) {
    let whole = bytes.withContiguousStorageIfAvailable { buffer in
      unsafe UInt256(bigEndian: UnsafeRawBufferPointer(buffer))
    }
    if let whole {
      self = whole
      return
    }
    precondition(bytes.count <= 32, "a UInt256 has at most 32 bytes")
    self.init()
    for byte in bytes { self = shiftedLeft(by: 8 as UInt64) | UInt256(UInt64(byte)) }
  }

  /// The number that at most 32 big-endian bytes in memory spell; fewer are padded on the left.
  @inlinable
  public init(bigEndian buffer: UnsafeRawBufferPointer) {
    let count = buffer.count
    precondition(count <= 32, "a UInt256 has at most 32 bytes")
    if count == 32 {
      self.init(
        unsafe UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 24, as: UInt64.self)),
        unsafe UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
        unsafe UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        unsafe UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self)))
      return
    }
    self.init()
    for index in 0..<count {
      self = self.shiftedLeft(by: 8 as UInt64)
      unsafe limb0 |= UInt64(buffer[index])
    }
  }

  /// The number that a 20-byte address spells.
  @inlinable
  @inline(__always)
  public init(_ address: Address) {
    self.init(
      address.word1 &<< 32 | UInt64(address.word2), address.word0 &<< 32 | address.word1 &>> 32,
      address.word0 &>> 32, 0)
  }

  /// The number that a 32-byte hash spells.
  @inlinable
  @inline(__always)
  public init(_ hash: Hash) { self.init(hash.word3, hash.word2, hash.word1, hash.word0) }

  /// The number as 32 big-endian bytes.
  @inlinable
  public var bigEndianBytes: Bytes { Hash(self).bytes }

  /// The number as big-endian bytes without a leading zero; none at all for 0.
  public var minimalBigEndianBytes: Bytes {
    var bytes = Bytes()
    appendMinimal(to: &bytes)
    return bytes
  }

  /// Appends the 32 big-endian bytes.
  @inlinable
  public func append(to bytes: inout Bytes) { Hash(self).append(to: &bytes) }

  /// Appends the big-endian bytes without a leading zero; none at all for 0.
  public func appendMinimal(to bytes: inout Bytes) {
    let words = (limb3.bigEndian, limb2.bigEndian, limb1.bigEndian, limb0.bigEndian)
    let width = byteWidth
    unsafe withUnsafeBytes(of: words) { buffer in
      unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[(32 - width)...]))
    }
  }
}
