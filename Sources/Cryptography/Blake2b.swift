import Primitives

/// The compression function F of BLAKE2b, which the precompile at 0x09 offers.
///
/// Source: RFC 7693, section 3.2; EIP-152.
public enum Blake2b {
  /// The state after one compression.
  ///
  /// `h` is the state of 8 words, `m` the block of 16, `t` the two words of the byte counter, all
  /// read little-endian by whoever has bytes. The time is proportional to `rounds`, which has no
  /// limit here: the caller charges for it first.
  public static func compress(
    rounds: UInt32, h: [8 of UInt64], m: [16 of UInt64], t: (UInt64, UInt64), final: Bool
  ) -> [8 of UInt64] {
    var v = [16 of UInt64](repeating: 0)
    for index in 0..<8 {
      v[index] = h[index]
      v[index + 8] = initialVector[index]
    }
    v[12] ^= t.0
    v[13] ^= t.1
    if final { v[14] = ~v[14] }

    var row = 0
    for _ in 0..<rounds {
      let s = 16 &* row
      mix(&v, 0, 4, 8, 12, m[place(s)], m[place(s &+ 1)])
      mix(&v, 1, 5, 9, 13, m[place(s &+ 2)], m[place(s &+ 3)])
      mix(&v, 2, 6, 10, 14, m[place(s &+ 4)], m[place(s &+ 5)])
      mix(&v, 3, 7, 11, 15, m[place(s &+ 6)], m[place(s &+ 7)])
      mix(&v, 0, 5, 10, 15, m[place(s &+ 8)], m[place(s &+ 9)])
      mix(&v, 1, 6, 11, 12, m[place(s &+ 10)], m[place(s &+ 11)])
      mix(&v, 2, 7, 8, 13, m[place(s &+ 12)], m[place(s &+ 13)])
      mix(&v, 3, 4, 9, 14, m[place(s &+ 14)], m[place(s &+ 15)])
      row = row == 9 ? 0 : row &+ 1
    }

    var result = h
    for index in 0..<8 { result[index] ^= v[index] ^ v[index + 8] }
    return result
  }

  @inline(__always)
  private static func place(_ index: Int) -> Int { Int(permutations[index]) }

  @inline(__always)
  private static func mix(
    _ v: inout [16 of UInt64], _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: UInt64, _ y: UInt64
  ) {
    v[a] = v[a] &+ v[b] &+ x
    v[d] = rotate(v[d] ^ v[a], 32)
    v[c] = v[c] &+ v[d]
    v[b] = rotate(v[b] ^ v[c], 24)
    v[a] = v[a] &+ v[b] &+ y
    v[d] = rotate(v[d] ^ v[a], 16)
    v[c] = v[c] &+ v[d]
    v[b] = rotate(v[b] ^ v[c], 63)
  }

  /// A word turned right by 1 to 63 bits.
  @inline(__always)
  private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    word &>> count | word &<< (64 &- count)
  }
}

private let initialVector: [8 of UInt64] = [
  0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
  0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
]

/// Which word of the block each step takes, ten rounds of sixteen.
private let permutations: [160 of UInt8] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
  7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
  9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
  2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
  12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
  13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
  6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
  10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
]
