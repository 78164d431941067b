/// The 32 bytes of a hash: Keccak-256, SHA-256, or a root made of them.
///
/// Kept as four big-endian words, so that comparing two hashes compares numbers.
@frozen
public struct Hash: Sendable {
  /// Bytes 0 to 7, the first one most significant.
  public let word0: UInt64
  /// Bytes 8 to 15.
  public let word1: UInt64
  /// Bytes 16 to 23.
  public let word2: UInt64
  /// Bytes 24 to 31.
  public let word3: UInt64

  /// The hash with these words.
  @inlinable
  @inline(__always)
  public init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
  }

  /// How many bytes a hash has.
  @inlinable
  public static var sizeInBytes: Int { 32 }

  /// The hash whose bytes are all zero.
  @inlinable
  public static var zero: Hash { Hash(0, 0, 0, 0) }

  /// The hash with these bytes, which must be 32.
  @inlinable
  public init(_ bytes: Bytes) { self.init(bytes[...]) }

  /// The hash with these bytes, which must be 32.
  @inlinable
  public init(_ bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == Self.sizeInBytes, "a hash has 32 bytes")
    self.init(UInt256(bigEndian: bytes))
  }

  /// The hash with these bytes, or nil if they are not 32.
  @inlinable
  public init?(checking bytes: some Collection<UInt8>) {
    guard bytes.count == Self.sizeInBytes else { return nil }
    self.init(UInt256(bigEndian: bytes))
  }

  /// The hash with the big-endian bytes of a number.
  @inlinable
  @inline(__always)
  public init(_ number: UInt256) {
    self.init(number.limb3, number.limb2, number.limb1, number.limb0)
  }

  /// The hash that 64 hexadecimal digits spell, with or without "0x", or nil.
  public init?(hexadecimal text: String) {
    guard let bytes = Hexadecimal.decode(text) else { return nil }
    self.init(checking: bytes)
  }

  /// The 32 bytes.
  @inlinable
  public var bytes: Bytes {
    var bytes = Bytes()
    bytes.reserveCapacity(Self.sizeInBytes)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 32 bytes.
  @inlinable
  public func append(to bytes: inout Bytes) {
    let words = (word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian)
    unsafe withUnsafeBytes(of: words) { buffer in
      unsafe bytes.append(contentsOf: buffer)
    }
  }

  /// Whether the hash is all zero.
  @inlinable
  public var isZero: Bool { word0 | word1 | word2 | word3 == 0 }

  /// The hash as "0x" and 64 lower-case digits.
  public var hexadecimal: String { Hexadecimal.encodePrefixed(bytes) }
}

extension Hash: Hashable, Comparable {
  /// Whether two hashes are the same.
  @inlinable
  @inline(__always)
  public static func == (left: Hash, right: Hash) -> Bool {
    ((left.word0 ^ right.word0) | (left.word1 ^ right.word1) | (left.word2 ^ right.word2)
      | (left.word3 ^ right.word3)) == 0
  }

  /// Feeds all the bytes to the hasher: a log's topics are hashes that anyone may choose.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    hasher.combine(word0)
    hasher.combine(word1)
    hasher.combine(word2)
    hasher.combine(word3)
  }

  /// Whether the bytes of the left hash come first.
  @inlinable
  public static func < (left: Hash, right: Hash) -> Bool { UInt256(left) < UInt256(right) }
}
