import Primitives

/// The curve BLS12-381: y² = x³ + 4, of the family of Barreto, Lynn and Scott with
/// x = -0xd201000000010000.
public enum BLS12381 {
  /// The field of the coordinates of G1.
  public typealias BaseField = PrimeField384<BLS12381BaseModulus>
  /// The field of the coordinates of G2.
  public typealias QuadraticField = Fp2<BLS12381Tower>
  /// The field of the scalars.
  public typealias ScalarField = PrimeField256<BLS12381ScalarModulus>
  /// A point of the curve over Fp, some of which are in G1.
  public typealias G1 = AffinePoint<BLS12381Curve>
  /// A point of the twist over Fp2, some of which are in G2.
  public typealias G2 = AffinePoint<BLS12381Twist>

  /// The family's parameter x, negated.
  static var negatedParameter: UInt64 { 0xd201000000010000 }

  /// A cube root of one in Fp: the one for which (βx, y) is -x² times a point (x, y) of G1.
  static var cubeRootOfOne: BaseField {
    BaseField(
      montgomery: UInt384(
        0x30f1361b798a64e8, 0xf3b8ddab7ece5a2a, 0x16a8ca3ac61577f7,
        0xc26a2ff874fd029b, 0x3636b76660701c6e, 0x051ba4ab241b6160))
  }
}

/// The curve of G1, y² = x³ + 4.
public enum BLS12381Curve: Curve {
  /// The constant 4.
  public static var b: BLS12381.BaseField {
    BLS12381.BaseField(
      montgomery: UInt384(
        0xaa270000000cfff3, 0x53cc0032fc34000a, 0x478fe97a6b0a807f,
        0xb1d37ebee6ba24d7, 0x8ec9733bbf78ab2f, 0x09d645513d83de7e))
  }
}

/// The curve of G2, y² = x³ + 4(1 + u).
public enum BLS12381Twist: Curve {
  /// The constant 4 + 4u.
  public static var b: Fp2<BLS12381Tower> {
    Fp2(BLS12381Curve.b, BLS12381Curve.b)
  }
}

/// The prime of the coordinates of BLS12-381.
public enum BLS12381BaseModulus: Modulus384 {
  /// The prime.
  @inline(__always)
  public static var modulus: UInt384 {
    UInt384(
      0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
      0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a)
  }
  /// R modulo the prime.
  @inline(__always)
  public static var one: UInt384 {
    UInt384(
      0x760900000002fffd, 0xebf4000bc40c0002, 0x5f48985753c758ba,
      0x77ce585370525745, 0x5c071a97a256ec6d, 0x15f65ec3fa80e493)
  }
  /// R² modulo the prime.
  @inline(__always)
  public static var square: UInt384 {
    UInt384(
      0xf4df1f341c341746, 0x0a76e6a609d104f1, 0x8de5476c4c95b6d5,
      0x67eb88a9939d83c0, 0x9a793e85b519952d, 0x11988fe592cae3aa)
  }
  /// The negated inverse of the prime modulo 2⁶⁴.
  @inline(__always)
  public static var negatedInverse: UInt64 { 0x89f3fffcfffcfffd }
}

/// The order of the groups of BLS12-381.
public enum BLS12381ScalarModulus: Modulus256 {
  /// The prime.
  @inline(__always)
  public static var modulus: UInt256 {
    UInt256(
      0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805,
      0x73eda753299d7d48)
  }
  /// R modulo the prime.
  @inline(__always)
  public static var one: UInt256 {
    UInt256(
      0x00000001fffffffe, 0x5884b7fa00034802, 0x998c4fefecbc4ff5,
      0x1824b159acc5056f)
  }
  /// R² modulo the prime.
  @inline(__always)
  public static var square: UInt256 {
    UInt256(
      0xc999e990f3f29c6d, 0x2b6cedcb87925c23, 0x05d314967254398f,
      0x0748d9d99f59ff11)
  }
  /// The negated inverse of the prime modulo 2⁶⁴.
  @inline(__always)
  public static var negatedInverse: UInt64 { 0xfffffffeffffffff }
}
