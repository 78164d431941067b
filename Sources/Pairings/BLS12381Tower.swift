import Primitives

/// The tower of BLS12-381, ξ = 1 + u.
public enum BLS12381Tower: Tower {
  /// The field that the tower stands on.
  public typealias Base = BLS12381.BaseField
  private typealias BaseField = Base

  /// The product with 1 + u.
  @inline(__always)
  public static func timesNonResidue(_ value: Fp2<Self>) -> Fp2<Self> {
    Fp2(value.c0 - value.c1, value.c0 + value.c1)
  }

  /// The power k·(p - 1)/6 of ξ.
  public static func frobeniusCoefficient(_ k: Int) -> Fp2<Self> {
    switch k {
    case 1:
      Fp2(
        BaseField(
          montgomery: UInt384(
            0x07089552b319d465, 0xc6695f92b50a8313, 0x97e83cccd117228f,
            0xa35baecab2dc29ee, 0x1ce393ea5daace4d, 0x08f2220fb0fb66eb)),
        BaseField(
          montgomery: UInt384(
            0xb2f66aad4ce5d646, 0x5842a06bfc497cec, 0xcf4895d42599d394,
            0xc11b9cba40a8e8d0, 0x2e3813cbe5a0de89, 0x110eefda88847faf)))
    case 2:
      Fp2(
        BaseField(
          montgomery: UInt384(
            0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
            0x0000000000000000, 0x0000000000000000, 0x0000000000000000)),
        BaseField(
          montgomery: UInt384(
            0xcd03c9e48671f071, 0x5dab22461fcda5d2, 0x587042afd3851b95,
            0x8eb60ebe01bacb9e, 0x03f97d6e83d050d2, 0x18f0206554638741)))
    case 3:
      Fp2(
        BaseField(
          montgomery: UInt384(
            0x7bcfa7a25aa30fda, 0xdc17dec12a927e7c, 0x2f088dd86b4ebef1,
            0xd1ca2087da74d4a7, 0x2da2596696cebc1d, 0x0e2b7eedbbfd87d2)),
        BaseField(
          montgomery: UInt384(
            0x7bcfa7a25aa30fda, 0xdc17dec12a927e7c, 0x2f088dd86b4ebef1,
            0xd1ca2087da74d4a7, 0x2da2596696cebc1d, 0x0e2b7eedbbfd87d2)))
    case 4:
      Fp2(
        BaseField(
          montgomery: UInt384(
            0x890dc9e4867545c3, 0x2af322533285a5d5, 0x50880866309b7e2c,
            0xa20d1b8c7e881024, 0x14e4f04fe2db9068, 0x14e56d3f1564853a)),
        BaseField(
          montgomery: UInt384(
            0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
            0x0000000000000000, 0x0000000000000000, 0x0000000000000000)))
    default:
      Fp2(
        BaseField(
          montgomery: UInt384(
            0x82d83cf50dbce43f, 0xa2813e53df9d018f, 0xc6f0caa53c65e181,
            0x7525cf528d50fe95, 0x4a85ed50f4798a6b, 0x171da0fd6cf8eebd)),
        BaseField(
          montgomery: UInt384(
            0x3726c30af242c66c, 0x7c2ac1aad1b6fe70, 0xa04007fbba4b14a2,
            0xef517c3266341429, 0x0095ba654ed2226b, 0x02e370eccc86f7dd)))
    }
  }
}

/// The pairing of BLS12-381.
enum BLS12381Pairing: PairingCurve {
  typealias T = BLS12381Tower
  typealias First = BLS12381Curve
  typealias Second = BLS12381Twist
  static var twist: TwistKind { .multiplication }
  static var half: BLS12381.BaseField {
    BLS12381.BaseField(
      montgomery: UInt384(
        0x1804000000015554, 0x855000053ab00001, 0x633cb57c253c276f,
        0x6e22d1ec31ebb502, 0xd3916126f2d14ca2, 0x17fbb8571a006596))
  }

  /// What the Frobenius map on the twist multiplies the first coordinate by: ξ^(-(p - 1)/3).
  static var frobeniusX: BLS12381.QuadraticField {
    Fp2(
      BLS12381.BaseField(
        montgomery: UInt384(
          0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
          0x0000000000000000, 0x0000000000000000, 0x0000000000000000)),
      BLS12381.BaseField(
        montgomery: UInt384(
          0x890dc9e4867545c3, 0x2af322533285a5d5, 0x50880866309b7e2c,
          0xa20d1b8c7e881024, 0x14e4f04fe2db9068, 0x14e56d3f1564853a)))
  }

  /// What the Frobenius map on the twist multiplies the second coordinate by: ξ^(-(p - 1)/2).
  static var frobeniusY: BLS12381.QuadraticField {
    Fp2(
      BLS12381.BaseField(
        montgomery: UInt384(
          0x3e2f585da55c9ad1, 0x4294213d86c18183, 0x382844c88b623732,
          0x92ad2afd19103e18, 0x1d794e4fac7cf0b9, 0x0bd592fc7d825ec8)),
      BLS12381.BaseField(
        montgomery: UInt384(
          0x7bcfa7a25aa30fda, 0xdc17dec12a927e7c, 0x2f088dd86b4ebef1,
          0xd1ca2087da74d4a7, 0x2da2596696cebc1d, 0x0e2b7eedbbfd87d2)))
  }
}
