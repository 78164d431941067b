import Cryptography
import EVM
import Primitives

/// The 2048-bit Bloom filter over the addresses and topics of logs (Yellow Paper, 4.3.1).
public struct Bloom: Hashable, Sendable {
  /// Its size.
  public static let sizeInBytes = 256

  /// The 256 bytes; bit 0 is the lowest of the last byte.
  public private(set) var bytes: Bytes

  /// The filter of nothing.
  public init() { bytes = Bytes(repeating: 0, count: Self.sizeInBytes) }

  /// The filter that `bytes` are; nil unless there are 256.
  public init?(checking bytes: some Collection<UInt8>) {
    guard bytes.count == Self.sizeInBytes else { return nil }
    self.bytes = Bytes(bytes)
  }

  /// The filter over `logs`.
  public init(_ logs: [Log]) {
    self.init()
    for log in logs {
      insert(Keccak256.hash(log.address))
      for topic in log.topics { insert(Keccak256.hash(topic)) }
    }
  }

  /// Adds all that `other` holds.
  public mutating func formUnion(_ other: Bloom) {
    for index in 0..<Self.sizeInBytes { bytes[index] |= other.bytes[index] }
  }

  /// Whether a log of `address` may be among the filter's.
  public func mayContain(_ address: Address) -> Bool { contains(Keccak256.hash(address)) }

  /// Whether a log with `topic` may be among the filter's.
  public func mayContain(topic: Hash) -> Bool { contains(Keccak256.hash(topic)) }

  private mutating func insert(_ digest: Hash) {
    let (first, second, third) = Self.bits(of: digest)
    bytes[255 - (first >> 3)] |= Self.mask(first)
    bytes[255 - (second >> 3)] |= Self.mask(second)
    bytes[255 - (third >> 3)] |= Self.mask(third)
  }

  private func contains(_ digest: Hash) -> Bool {
    let (first, second, third) = Self.bits(of: digest)
    return isSet(first) && isSet(second) && isSet(third)
  }

  private func isSet(_ bit: Int) -> Bool { bytes[255 - (bit >> 3)] & Self.mask(bit) != 0 }

  private static func mask(_ bit: Int) -> UInt8 { 1 << UInt8(bit & 7) }

  /// Three 11-bit numbers from the first six bytes of the digest.
  private static func bits(of digest: Hash) -> (Int, Int, Int) {
    let word = digest.word0
    return (Int(word >> 48 & 2047), Int(word >> 32 & 2047), Int(word >> 16 & 2047))
  }
}
