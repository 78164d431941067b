/// The 20 bytes that name an account.
///
/// Kept as three big-endian words, so that comparing two addresses compares numbers.
@frozen
public struct Address: Sendable {
  /// Bytes 0 to 7, the first one most significant.
  public let word0: UInt64
  /// Bytes 8 to 15.
  public let word1: UInt64
  /// Bytes 16 to 19.
  public let word2: UInt32

  /// The address with these words.
  @inlinable
  @inline(__always)
  public init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt32) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
  }

  /// How many bytes an address has.
  @inlinable
  public static var sizeInBytes: Int { 20 }

  /// The address whose bytes are all zero.
  @inlinable
  public static var zero: Address { Address(0, 0, 0) }

  /// The address with these bytes, which must be 20.
  @inlinable
  public init(_ bytes: Bytes) { self.init(bytes[...]) }

  /// The address with these bytes, which must be 20.
  @inlinable
  public init(_ bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == Self.sizeInBytes, "an address has 20 bytes")
    self.init(UInt256(bigEndian: bytes))
  }

  /// The address with these bytes, or nil if they are not 20.
  @inlinable
  public init?(checking bytes: some Collection<UInt8>) {
    guard bytes.count == Self.sizeInBytes else { return nil }
    self.init(UInt256(bigEndian: bytes))
  }

  /// The address in the lower 20 bytes of a word; the upper 12 are dropped.
  @inlinable
  @inline(__always)
  public init(_ word: UInt256) {
    self.init(
      word.limb2 &<< 32 | word.limb1 &>> 32, word.limb1 &<< 32 | word.limb0 &>> 32,
      UInt32(truncatingIfNeeded: word.limb0))
  }

  /// The address in the last 20 bytes of a hash, as it is cut from the hash of a public key.
  @inlinable
  public init(suffixOf hash: Hash) { self.init(UInt256(hash)) }

  /// The address that 40 hexadecimal digits spell, with or without "0x", or nil.
  public init?(hexadecimal text: String) {
    guard let bytes = Hexadecimal.decode(text) else { return nil }
    self.init(checking: bytes)
  }

  /// The 20 bytes.
  @inlinable
  public var bytes: Bytes {
    var bytes = Bytes()
    bytes.reserveCapacity(Self.sizeInBytes)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 20 bytes.
  @inlinable
  public func append(to bytes: inout Bytes) {
    let words = (word0.bigEndian, word1.bigEndian, word2.bigEndian)
    unsafe withUnsafeBytes(of: words) { buffer in
      unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[0..<20]))
    }
  }

  /// Whether the address is all zero.
  @inlinable
  public var isZero: Bool { word0 | word1 | UInt64(word2) == 0 }

  /// The address as "0x" and 40 lower-case digits.
  public var hexadecimal: String { Hexadecimal.encodePrefixed(bytes) }
}

extension Address: Hashable, Comparable {
  /// Whether two addresses are the same.
  @inlinable
  @inline(__always)
  public static func == (left: Address, right: Address) -> Bool {
    ((left.word0 ^ right.word0) | (left.word1 ^ right.word1)
      | UInt64(left.word2 ^ right.word2)) == 0
  }

  /// Feeds all the bytes to the hasher.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    hasher.combine(word0)
    hasher.combine(word1)
    hasher.combine(word2)
  }

  /// Whether the bytes of the left address come first.
  @inlinable
  public static func < (left: Address, right: Address) -> Bool {
    if left.word0 != right.word0 { return left.word0 < right.word0 }
    if left.word1 != right.word1 { return left.word1 < right.word1 }
    return left.word2 < right.word2
  }
}
