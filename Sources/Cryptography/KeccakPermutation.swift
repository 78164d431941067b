/// The permutation Keccak-f[1600], unrolled into 25 local variables.
///
/// As nested loops it is five times slower (the tests keep those as the reference). A lane's name
/// is its place: `s7` is column 2 of row 1. Generated once, and then left alone.
///
/// Source: FIPS 202, section 3; lane complementing: Keccak implementation overview 3.2, section 2.2.
struct KeccakState: Sendable {
  /// The 25 lanes, row after row.
  var lanes: [25 of UInt64]

  /// The state of all zeros.
  init() { lanes = [25 of UInt64](repeating: 0) }

  /// Applies the 24 rounds.
  mutating func permute() {
    var s0 = lanes[0]
    var s1 = lanes[1]
    var s2 = lanes[2]
    var s3 = lanes[3]
    var s4 = lanes[4]
    var s5 = lanes[5]
    var s6 = lanes[6]
    var s7 = lanes[7]
    var s8 = lanes[8]
    var s9 = lanes[9]
    var s10 = lanes[10]
    var s11 = lanes[11]
    var s12 = lanes[12]
    var s13 = lanes[13]
    var s14 = lanes[14]
    var s15 = lanes[15]
    var s16 = lanes[16]
    var s17 = lanes[17]
    var s18 = lanes[18]
    var s19 = lanes[19]
    var s20 = lanes[20]
    var s21 = lanes[21]
    var s22 = lanes[22]
    var s23 = lanes[23]
    var s24 = lanes[24]
    // Six lanes are kept as their complements, which saves most of the complements in chi.
    s1 = ~s1
    s2 = ~s2
    s8 = ~s8
    s12 = ~s12
    s17 = ~s17
    s20 = ~s20
    var round = 0
    while round < 24 {
      // Theta: each lane takes the parity of two columns.
      let c0 = s0 ^ s5 ^ s10 ^ s15 ^ s20
      let c1 = s1 ^ s6 ^ s11 ^ s16 ^ s21
      let c2 = s2 ^ s7 ^ s12 ^ s17 ^ s22
      let c3 = s3 ^ s8 ^ s13 ^ s18 ^ s23
      let c4 = s4 ^ s9 ^ s14 ^ s19 ^ s24
      let d0 = c4 ^ rotate(c1, 1)
      let d1 = c0 ^ rotate(c2, 1)
      let d2 = c1 ^ rotate(c3, 1)
      let d3 = c2 ^ rotate(c4, 1)
      let d4 = c3 ^ rotate(c0, 1)
      // Row by row, so that few lanes are alive at a time. Rho and pi: lanes turn and change places.
      // Chi, the only step that is not linear; with the turned lanes it takes few complements.
      // Row 0.
      let b0 = s0 ^ d0
      let b1 = rotate(s6 ^ d1, 44)
      let b2 = rotate(s12 ^ d2, 43)
      let b3 = rotate(s18 ^ d3, 21)
      let b4 = rotate(s24 ^ d4, 14)
      let t0 = b0 ^ (b1 | b2) ^ roundConstants[round]
      let t1 = b1 ^ (~b2 | b3)
      let t2 = b2 ^ (b3 & b4)
      let t3 = b3 ^ (b4 | b0)
      let t4 = b4 ^ (b0 & b1)
      // Row 1.
      let b5 = rotate(s3 ^ d3, 28)
      let b6 = rotate(s9 ^ d4, 20)
      let b7 = rotate(s10 ^ d0, 3)
      let b8 = rotate(s16 ^ d1, 45)
      let b9 = rotate(s22 ^ d2, 61)
      let t5 = b5 ^ (b6 | b7)
      let t6 = b6 ^ (b7 & b8)
      let t7 = b7 ^ (b8 | ~b9)
      let t8 = b8 ^ (b9 | b5)
      let t9 = b9 ^ (b5 & b6)
      // Row 2.
      let b10 = rotate(s1 ^ d1, 1)
      let b11 = rotate(s7 ^ d2, 6)
      let b12 = rotate(s13 ^ d3, 25)
      let b13 = rotate(s19 ^ d4, 8)
      let b14 = rotate(s20 ^ d0, 18)
      let t10 = b10 ^ (b11 | b12)
      let t11 = b11 ^ (b12 & b13)
      let t12 = b12 ^ (~b13 & b14)
      let t13 = ~b13 ^ (b14 | b10)
      let t14 = b14 ^ (b10 & b11)
      // Row 3.
      let b15 = rotate(s4 ^ d4, 27)
      let b16 = rotate(s5 ^ d0, 36)
      let b17 = rotate(s11 ^ d1, 10)
      let b18 = rotate(s17 ^ d2, 15)
      let b19 = rotate(s23 ^ d3, 56)
      let t15 = b15 ^ (b16 & b17)
      let t16 = b16 ^ (b17 | b18)
      let t17 = b17 ^ (~b18 | b19)
      let t18 = ~b18 ^ (b19 & b15)
      let t19 = b19 ^ (b15 | b16)
      // Row 4.
      let b20 = rotate(s2 ^ d2, 62)
      let b21 = rotate(s8 ^ d3, 55)
      let b22 = rotate(s14 ^ d4, 39)
      let b23 = rotate(s15 ^ d0, 41)
      let b24 = rotate(s21 ^ d1, 2)
      let t20 = b20 ^ (~b21 & b22)
      let t21 = ~b21 ^ (b22 | b23)
      let t22 = b22 ^ (b23 & b24)
      let t23 = b23 ^ (b24 | b20)
      let t24 = b24 ^ (b20 & b21)
      s0 = t0
      s1 = t1
      s2 = t2
      s3 = t3
      s4 = t4
      s5 = t5
      s6 = t6
      s7 = t7
      s8 = t8
      s9 = t9
      s10 = t10
      s11 = t11
      s12 = t12
      s13 = t13
      s14 = t14
      s15 = t15
      s16 = t16
      s17 = t17
      s18 = t18
      s19 = t19
      s20 = t20
      s21 = t21
      s22 = t22
      s23 = t23
      s24 = t24
      round &+= 1
    }
    lanes[0] = s0
    lanes[1] = ~s1
    lanes[2] = ~s2
    lanes[3] = s3
    lanes[4] = s4
    lanes[5] = s5
    lanes[6] = s6
    lanes[7] = s7
    lanes[8] = ~s8
    lanes[9] = s9
    lanes[10] = s10
    lanes[11] = s11
    lanes[12] = ~s12
    lanes[13] = s13
    lanes[14] = s14
    lanes[15] = s15
    lanes[16] = s16
    lanes[17] = ~s17
    lanes[18] = s18
    lanes[19] = s19
    lanes[20] = ~s20
    lanes[21] = s21
    lanes[22] = s22
    lanes[23] = s23
    lanes[24] = s24
  }
}

/// A lane turned left by 1 to 63 bits.
@inline(__always)
private func rotate(_ lane: UInt64, _ count: UInt64) -> UInt64 {
  lane &<< count | lane &>> (64 &- count)
}

private let roundConstants: [24 of UInt64] = [
  0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
  0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
  0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
  0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
  0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
  0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
]
