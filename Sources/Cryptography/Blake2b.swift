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
    var (v0, v1, v2, v3) = (h[0], h[1], h[2], h[3])
    var (v4, v5, v6, v7) = (h[4], h[5], h[6], h[7])
    var (v8, v9) = (initialVector[0], initialVector[1])
    var (v10, v11) = (initialVector[2], initialVector[3])
    var (v12, v13) = (initialVector[4] ^ t.0, initialVector[5] ^ t.1)
    var v14 = final ? ~initialVector[6] : initialVector[6]
    var v15 = initialVector[7]

    var row = 0
    for _ in 0..<rounds {
      let order = permutations[row]
      mix(&v0, &v4, &v8, &v12, word(m, order[0]), word(m, order[1]))
      mix(&v1, &v5, &v9, &v13, word(m, order[2]), word(m, order[3]))
      mix(&v2, &v6, &v10, &v14, word(m, order[4]), word(m, order[5]))
      mix(&v3, &v7, &v11, &v15, word(m, order[6]), word(m, order[7]))
      mix(&v0, &v5, &v10, &v15, word(m, order[8]), word(m, order[9]))
      mix(&v1, &v6, &v11, &v12, word(m, order[10]), word(m, order[11]))
      mix(&v2, &v7, &v8, &v13, word(m, order[12]), word(m, order[13]))
      mix(&v3, &v4, &v9, &v14, word(m, order[14]), word(m, order[15]))
      row = row == 9 ? 0 : row &+ 1
    }

    return [
      h[0] ^ v0 ^ v8, h[1] ^ v1 ^ v9, h[2] ^ v2 ^ v10, h[3] ^ v3 ^ v11,
      h[4] ^ v4 ^ v12, h[5] ^ v5 ^ v13, h[6] ^ v6 ^ v14, h[7] ^ v7 ^ v15,
    ]
  }

  @inline(__always)
  private static func word(_ m: [16 of UInt64], _ index: UInt8) -> UInt64 {
    m[Int(index & 15)]
  }

  @inline(__always)
  private static func mix(
    _ a: inout UInt64, _ b: inout UInt64, _ c: inout UInt64, _ d: inout UInt64,
    _ x: UInt64, _ y: UInt64
  ) {
    a = a &+ b &+ x
    d = rotate(d ^ a, 32)
    c = c &+ d
    b = rotate(b ^ c, 24)
    a = a &+ b &+ y
    d = rotate(d ^ a, 16)
    c = c &+ d
    b = rotate(b ^ c, 63)
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
private let permutations: [10 of [16 of UInt8]] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]
