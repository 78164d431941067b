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
    var v = Words(h, t, final)
    // Ten rounds at a time, written out, so that each knows its words of the block: twice as fast.
    for _ in 0..<rounds / 10 {
      v.round(m, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
      v.round(m, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
      v.round(m, 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4)
      v.round(m, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8)
      v.round(m, 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13)
      v.round(m, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9)
      v.round(m, 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11)
      v.round(m, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10)
      v.round(m, 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5)
      v.round(m, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0)
    }
    let rest = rounds % 10
    if rest > 0 { v.round(m, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }
    if rest > 1 { v.round(m, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3) }
    if rest > 2 { v.round(m, 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4) }
    if rest > 3 { v.round(m, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8) }
    if rest > 4 { v.round(m, 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13) }
    if rest > 5 { v.round(m, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9) }
    if rest > 6 { v.round(m, 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11) }
    if rest > 7 { v.round(m, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10) }
    if rest > 8 { v.round(m, 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5) }
    return v.folded(into: h)
  }
}

/// The sixteen words that a compression works on.
private struct Words {
  private var v0, v1, v2, v3, v4, v5, v6, v7: UInt64
  private var v8, v9, v10, v11, v12, v13, v14, v15: UInt64

  init(_ h: [8 of UInt64], _ t: (UInt64, UInt64), _ final: Bool) {
    (v0, v1, v2, v3) = (h[0], h[1], h[2], h[3])
    (v4, v5, v6, v7) = (h[4], h[5], h[6], h[7])
    (v8, v9) = (0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b)
    (v10, v11) = (0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1)
    (v12, v13) = (0x510e_527f_ade6_82d1 ^ t.0, 0x9b05_688c_2b3e_6c1f ^ t.1)
    v14 = final ? ~0x1f83_d9ab_fb41_bd6b : 0x1f83_d9ab_fb41_bd6b
    v15 = 0x5be0_cd19_137e_2179
  }

  func folded(into h: [8 of UInt64]) -> [8 of UInt64] {
    [
      h[0] ^ v0 ^ v8, h[1] ^ v1 ^ v9, h[2] ^ v2 ^ v10, h[3] ^ v3 ^ v11,
      h[4] ^ v4 ^ v12, h[5] ^ v5 ^ v13, h[6] ^ v6 ^ v14, h[7] ^ v7 ^ v15,
    ]
  }

  /// A round, which takes the words of the block in this order; constants once inlined.
  @inline(__always)
  mutating func round(
    _ m: borrowing [16 of UInt64], _ i0: Int, _ i1: Int, _ i2: Int, _ i3: Int, _ i4: Int,
    _ i5: Int, _ i6: Int, _ i7: Int, _ i8: Int, _ i9: Int, _ i10: Int, _ i11: Int, _ i12: Int,
    _ i13: Int, _ i14: Int, _ i15: Int
  ) {
    Self.mix(&v0, &v4, &v8, &v12, m[i0], m[i1])
    Self.mix(&v1, &v5, &v9, &v13, m[i2], m[i3])
    Self.mix(&v2, &v6, &v10, &v14, m[i4], m[i5])
    Self.mix(&v3, &v7, &v11, &v15, m[i6], m[i7])
    Self.mix(&v0, &v5, &v10, &v15, m[i8], m[i9])
    Self.mix(&v1, &v6, &v11, &v12, m[i10], m[i11])
    Self.mix(&v2, &v7, &v8, &v13, m[i12], m[i13])
    Self.mix(&v3, &v4, &v9, &v14, m[i14], m[i15])
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
