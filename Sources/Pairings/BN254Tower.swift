import Primitives

/// The tower of BN254, ξ = 9 + u.
public enum BN254Tower: Tower {
  /// The field that the tower stands on.
  public typealias Base = BN254.BaseField
  private typealias BaseField = Base

  /// The product with 9 + u.
  @inline(__always)
  public static func timesNonResidue(_ value: Fp2<Self>) -> Fp2<Self> {
    let nine = value.doubled().doubled().doubled() + value
    return Fp2(nine.c0 - value.c1, nine.c1 + value.c0)
  }

  /// The power k·(p - 1)/6 of ξ.
  public static func frobeniusCoefficient(_ k: Int) -> Fp2<Self> {
    switch k {
    case 1:
      Fp2(
        BaseField(
          montgomery: UInt256(
            0xaf9ba69633144907, 0xca6b1d7387afb78a, 0x11bded5ef08a2087,
            0x02f34d751a1f3a7c)),
        BaseField(
          montgomery: UInt256(
            0xa222ae234c492d72, 0xd00f02a4565de15b, 0xdc2ff3a253dfc926,
            0x10a75716b3899551)))
    case 2:
      Fp2(
        BaseField(
          montgomery: UInt256(
            0xb5773b104563ab30, 0x347f91c8a9aa6454, 0x7a007127242e0991,
            0x1956bcd8118214ec)),
        BaseField(
          montgomery: UInt256(
            0x6e849f1ea0aa4757, 0xaa1c7b6d89f89141, 0xb6e713cdfae0ca3a,
            0x26694fbb4e82ebc3)))
    case 3:
      Fp2(
        BaseField(
          montgomery: UInt256(
            0xe4bbdd0c2936b629, 0xbb30f162e133bacb, 0x31a9d1b6f9645366,
            0x253570bea500f8dd)),
        BaseField(
          montgomery: UInt256(
            0xa1d77ce45ffe77c7, 0x07affd117826d1db, 0x6d16bd27bb7edc6b,
            0x2c87200285defecc)))
    case 4:
      Fp2(
        BaseField(
          montgomery: UInt256(
            0x7361d77f843abe92, 0xa5bb2bd3273411fb, 0x9c941f314b3e2399,
            0x15df9cddbb9fd3ec)),
        BaseField(
          montgomery: UInt256(
            0x5dddfd154bd8c949, 0x62cb29a5a4445b60, 0x37bc870a0c7dd2b9,
            0x24830a9d3171f0fd)))
    default:
      Fp2(
        BaseField(
          montgomery: UInt256(
            0xc970692f41690fe7, 0xe240342127694b0b, 0x32bee66b83c459e8,
            0x12aabced0ab08841)),
        BaseField(
          montgomery: UInt256(
            0x0d485d2340aebfa9, 0x05193418ab2fcc57, 0xd3b0a40b8a4910f5,
            0x2f21ebb535d2925a)))
    }
  }
}

/// The pairing of BN254.
enum BN254Pairing: PairingCurve {
  typealias T = BN254Tower
  typealias First = BN254Curve
  typealias Second = BN254Twist
  static var twist: TwistKind { .division }
  static var half: BN254.BaseField {
    BN254.BaseField(
      montgomery: UInt256(
        0x87bee7d24f060572, 0xd0fd2add2f1c6ae5, 0x8f5f7492fcfd4f44,
        0x1f37631a3d9cbfac))
  }
}
