import Primitives

/// Keccak-256 as Ethereum uses it: Keccak's own padding, not that of SHA-3.
///
/// Source: Yellow Paper, section 3; the Keccak reference, version 3.0.
public enum Keccak256 {
  /// How many bytes one permutation absorbs.
  static let rateInBytes = 136

  /// The hash of no bytes.
  public static let empty = Hash(
    0xc5d2_4601_86f7_233c, 0x927e_7db2_dcc7_03c0, 0xe500_b653_ca82_273b, 0x7bfa_d804_5d85_a470)

  /// The hash of the bytes.
  public static func hash(_ bytes: Bytes) -> Hash {
    unsafe bytes.withUnsafeBytes { buffer in unsafe hash(buffer) }
  }

  /// The hash of the bytes.
  public static func hash(_ slice: ArraySlice<UInt8>) -> Hash {
    unsafe slice.withUnsafeBytes { buffer in unsafe hash(buffer) }
  }

  /// The hash of the bytes in memory.
  public static func hash(_ span: RawSpan) -> Hash {
    unsafe span.withUnsafeBytes { buffer in unsafe hash(buffer) }
  }

  /// The hash of an address's 20 bytes: where the state trie keeps the account.
  public static func hash(_ address: Address) -> Hash {
    let words = (address.word0.bigEndian, address.word1.bigEndian, address.word2.bigEndian)
    return unsafe withUnsafeBytes(of: words) { buffer in
      unsafe hash(UnsafeRawBufferPointer(rebasing: buffer[0..<20]))
    }
  }

  /// The hash of a number's 32 bytes: where the storage trie keeps the slot.
  public static func hash(_ word: UInt256) -> Hash {
    var state = KeccakState()
    state.lanes[0] = word.limb3.byteSwapped
    state.lanes[1] = word.limb2.byteSwapped
    state.lanes[2] = word.limb1.byteSwapped
    state.lanes[3] = word.limb0.byteSwapped
    state.lanes[4] = 1
    state.lanes[16] = 1 << 63
    state.permute()
    return state.digest
  }

  /// The hash of the 64 bytes of two words: a mapping's slot, a binary tree's node.
  public static func hash(_ left: UInt256, _ right: UInt256) -> Hash {
    var state = KeccakState()
    state.lanes[0] = left.limb3.byteSwapped
    state.lanes[1] = left.limb2.byteSwapped
    state.lanes[2] = left.limb1.byteSwapped
    state.lanes[3] = left.limb0.byteSwapped
    state.lanes[4] = right.limb3.byteSwapped
    state.lanes[5] = right.limb2.byteSwapped
    state.lanes[6] = right.limb1.byteSwapped
    state.lanes[7] = right.limb0.byteSwapped
    state.lanes[8] = 1
    state.lanes[16] = 1 << 63
    state.permute()
    return state.digest
  }

  /// The hash of a hash's 32 bytes.
  public static func hash(_ value: Hash) -> Hash { hash(UInt256(value)) }

  /// The hash of the bytes in memory.
  public static func hash(_ buffer: UnsafeRawBufferPointer) -> Hash {
    var state = KeccakState()
    var offset = 0
    while buffer.count &- offset >= rateInBytes {
      unsafe state.absorbBlock(buffer, at: offset)
      offset &+= rateInBytes
    }
    unsafe state.absorbLast(UnsafeRawBufferPointer(rebasing: buffer[offset...]))
    return state.digest
  }
}

extension KeccakState {
  /// Absorbs 136 bytes at an offset.
  @inline(__always)
  mutating func absorbBlock(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
    var lane = 0
    while lane < 17 {
      lanes[lane] ^= unsafe UInt64(
        littleEndian: buffer.loadUnaligned(
          fromByteOffset: offset &+ 8 &* lane, as: UInt64.self))
      lane &+= 1
    }
    permute()
  }

  /// Absorbs fewer than 136 bytes with the padding.
  @inline(__always)
  mutating func absorbLast(_ buffer: UnsafeRawBufferPointer) {
    let count = buffer.count
    let wholeLanes = count &>> 3
    var lane = 0
    while lane < wholeLanes {
      lanes[lane] ^= unsafe UInt64(
        littleEndian: buffer.loadUnaligned(fromByteOffset: 8 &* lane, as: UInt64.self))
      lane &+= 1
    }
    var last: UInt64 = 1
    var index = count
    while index > 8 &* wholeLanes {
      index &-= 1
      last = unsafe last &<< 8 | UInt64(buffer[index])
    }
    lanes[wholeLanes] ^= last
    lanes[16] ^= 1 << 63
    permute()
  }

  /// The first 256 bits.
  @inline(__always)
  var digest: Hash {
    Hash(
      lanes[0].byteSwapped, lanes[1].byteSwapped, lanes[2].byteSwapped, lanes[3].byteSwapped)
  }
}

/// Keccak-256 of bytes that arrive piece by piece.
public struct Keccak256Hasher: Sendable {
  private var state = KeccakState()
  private var pending: Bytes = []

  /// A hasher that has seen nothing.
  public init() {}

  /// Takes more bytes.
  public mutating func update(_ bytes: Bytes) { update(bytes[...]) }

  /// Takes more bytes.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    pending.append(contentsOf: bytes)
    guard pending.count >= Keccak256.rateInBytes else { return }
    var offset = 0
    unsafe pending.withUnsafeBytes { buffer in
      while buffer.count - offset >= Keccak256.rateInBytes {
        unsafe state.absorbBlock(buffer, at: offset)
        offset += Keccak256.rateInBytes
      }
    }
    pending.removeFirst(offset)
  }

  /// The hash of all bytes so far; more may follow.
  public func finalize() -> Hash {
    var last = state
    unsafe pending.withUnsafeBytes { buffer in unsafe last.absorbLast(buffer) }
    return last.digest
  }
}
