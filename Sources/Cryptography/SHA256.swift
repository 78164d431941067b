import Primitives

/// SHA-256.
///
/// Source: FIPS 180-4.
public enum SHA256 {
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

  /// The hash of the bytes in memory.
  public static func hash(_ buffer: UnsafeRawBufferPointer) -> Hash {
    var state = SHA256State()
    var offset = 0
    while buffer.count &- offset >= 64 {
      unsafe state.absorbBlock(buffer, at: offset)
      offset &+= 64
    }
    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[offset...])
    unsafe state.absorbLast(rest, totalBytes: UInt64(buffer.count))
    return state.digest
  }
}

/// SHA-256 of bytes that arrive piece by piece.
public struct SHA256Hasher: Sendable {
  private var state = SHA256State()
  private var pending: Bytes = []
  private var totalBytes: UInt64 = 0

  /// A hasher that has seen nothing.
  public init() {}

  /// Takes more bytes.
  public mutating func update(_ bytes: Bytes) { update(bytes[...]) }

  /// Takes more bytes.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    let before = pending.count
    pending.append(contentsOf: bytes)
    totalBytes += UInt64(pending.count - before)
    guard pending.count >= 64 else { return }
    var offset = 0
    unsafe pending.withUnsafeBytes { buffer in
      while buffer.count - offset >= 64 {
        unsafe state.absorbBlock(buffer, at: offset)
        offset += 64
      }
    }
    pending.removeFirst(offset)
  }

  /// The hash of all bytes so far; more may follow.
  public func finalize() -> Hash {
    var last = state
    unsafe pending.withUnsafeBytes { buffer in
      unsafe last.absorbLast(buffer, totalBytes: totalBytes)
    }
    return last.digest
  }
}

/// The eight working words of SHA-256.
struct SHA256State: Sendable {
  private var h0: UInt32 = 0x6a09_e667
  private var h1: UInt32 = 0xbb67_ae85
  private var h2: UInt32 = 0x3c6e_f372
  private var h3: UInt32 = 0xa54f_f53a
  private var h4: UInt32 = 0x510e_527f
  private var h5: UInt32 = 0x9b05_688c
  private var h6: UInt32 = 0x1f83_d9ab
  private var h7: UInt32 = 0x5be0_cd19

  /// The words as a hash.
  var digest: Hash {
    Hash(
      UInt64(h0) << 32 | UInt64(h1), UInt64(h2) << 32 | UInt64(h3),
      UInt64(h4) << 32 | UInt64(h5), UInt64(h6) << 32 | UInt64(h7))
  }

  /// Absorbs 64 bytes at an offset.
  mutating func absorbBlock(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
    var words = [16 of UInt32](repeating: 0)
    for index in 0..<16 {
      words[index] = unsafe UInt32(
        bigEndian: buffer.loadUnaligned(
          fromByteOffset: offset &+ 4 &* index, as: UInt32.self))
    }
    compress(&words)
  }

  /// Absorbs a block given as big-endian words of 8 bytes.
  mutating func absorb(_ block: [8 of UInt64]) {
    var words = [16 of UInt32](repeating: 0)
    for index in 0..<8 {
      words[2 &* index] = UInt32(truncatingIfNeeded: block[index] &>> 32)
      words[2 &* index &+ 1] = UInt32(truncatingIfNeeded: block[index])
    }
    compress(&words)
  }

  /// Absorbs fewer than 64 bytes with the padding and the length of the whole message.
  mutating func absorbLast(_ buffer: UnsafeRawBufferPointer, totalBytes: UInt64) {
    var words = [16 of UInt32](repeating: 0)
    for index in 0..<buffer.count {
      unsafe words[index &>> 2] |= UInt32(buffer[index]) &<< UInt32(24 &- 8 &* (index & 3))
    }
    words[buffer.count &>> 2] |= 0x80 &<< UInt32(24 &- 8 &* (buffer.count & 3))
    if buffer.count >= 56 {
      compress(&words)
      words = [16 of UInt32](repeating: 0)
    }
    words[14] = UInt32(truncatingIfNeeded: totalBytes &>> 29)
    words[15] = UInt32(truncatingIfNeeded: totalBytes &<< 3)
    compress(&words)
  }

  /// The 64 rounds; the schedule is extended in place, 16 words at a time.
  private mutating func compress(_ words: inout [16 of UInt32]) {
    var (a, b, c, d) = (h0, h1, h2, h3)
    var (e, f, g, h) = (h4, h5, h6, h7)
    var round = 0
    while round < 64 {
      let index = round & 15
      if round >= 16 {
        let w1 = words[(index &+ 1) & 15]
        let w14 = words[(index &+ 14) & 15]
        let small0 = rotate(w1, 7) ^ rotate(w1, 18) ^ w1 &>> 3
        let small1 = rotate(w14, 17) ^ rotate(w14, 19) ^ w14 &>> 10
        words[index] = words[index] &+ small0 &+ words[(index &+ 9) & 15] &+ small1
      }
      let big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let choice = g ^ (e & (f ^ g))
      let first = h &+ big1 &+ choice &+ roundConstants[round] &+ words[index]
      let big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let majority = (a & b) | (c & (a | b))
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ big0 &+ majority)
      round &+= 1
    }
    h0 = h0 &+ a
    h1 = h1 &+ b
    h2 = h2 &+ c
    h3 = h3 &+ d
    h4 = h4 &+ e
    h5 = h5 &+ f
    h6 = h6 &+ g
    h7 = h7 &+ h
  }
}

/// A word turned right by 1 to 31 bits.
@inline(__always)
private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
  word &>> count | word &<< (32 &- count)
}

private let roundConstants: [64 of UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]
