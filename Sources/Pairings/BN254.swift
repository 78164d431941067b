import Primitives

/// The curve BN254, also called alt_bn128 or BN256: y² = x³ + 3 (EIP-196 and EIP-197), of the family
/// of Barreto and Naehrig with x = 4965661367192848881.
public enum BN254 {
  /// The field of the coordinates of G1.
  public typealias BaseField = PrimeField256<BN254BaseModulus>
  /// The field of the scalars.
  public typealias ScalarField = PrimeField256<BN254ScalarModulus>
  /// A point of the curve over Fp, all of which are in G1.
  public typealias G1 = AffinePoint<BN254Curve>
  /// A point of the twist over Fp2, some of which are in G2.
  public typealias G2 = AffinePoint<BN254Twist>

  /// The family's parameter.
  static var parameter: UInt64 { 4965661367192848881 }
}

/// The curve of G1, y² = x³ + 3.
public enum BN254Curve: Curve {
  /// The constant 3.
  public static var b: BN254.BaseField {
    BN254.BaseField(
      montgomery: UInt256(
        0x7a17caa950ad28d7, 0x1f6ac17ae15521b9, 0x334bea4e696bd284,
        0x2a1f6744ce179d8e))
  }
}

/// The curve of G2, y² = x³ + 3/(9 + u).
public enum BN254Twist: Curve {
  /// The constant 3/(9 + u).
  public static var b: Fp2<BN254Tower> {
    Fp2(
      BN254.BaseField(
        montgomery: UInt256(
          0x3bf938e377b802a8, 0x020b1b273633535d, 0x26b7edf049755260,
          0x2514c6324384a86d)),
      BN254.BaseField(
        montgomery: UInt256(
          0x38e7ecccd1dcff67, 0x65f0b37d93ce0d3e, 0xd749d0dd22ac00aa,
          0x0141b9ce4a688d4d)))
  }
}

/// The prime of the coordinates of BN254.
public enum BN254BaseModulus: Modulus256 {
  /// The prime.
  @inlinable
  @inline(__always)
  public static var modulus: UInt256 {
    UInt256(
      0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d,
      0x30644e72e131a029)
  }
  /// R modulo the prime.
  @inlinable
  @inline(__always)
  public static var one: UInt256 {
    UInt256(
      0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c,
      0x0e0a77c19a07df2f)
  }
  /// R² modulo the prime.
  @inlinable
  @inline(__always)
  public static var square: UInt256 {
    UInt256(
      0xf32cfc5b538afa89, 0xb5e71911d44501fb, 0x47ab1eff0a417ff6,
      0x06d89f71cab8351f)
  }
  /// The negated inverse of the prime modulo 2⁶⁴.
  @inlinable
  @inline(__always)
  public static var negatedInverse: UInt64 { 0x87d20782e4866389 }
}

/// The order of the groups of BN254.
public enum BN254ScalarModulus: Modulus256 {
  /// The prime.
  @inlinable
  @inline(__always)
  public static var modulus: UInt256 {
    UInt256(
      0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d,
      0x30644e72e131a029)
  }
  /// R modulo the prime.
  @inlinable
  @inline(__always)
  public static var one: UInt256 {
    UInt256(
      0xac96341c4ffffffb, 0x36fc76959f60cd29, 0x666ea36f7879462e,
      0x0e0a77c19a07df2f)
  }
  /// R² modulo the prime.
  @inlinable
  @inline(__always)
  public static var square: UInt256 {
    UInt256(
      0x1bb8e645ae216da7, 0x53fe3ab1e35c59e3, 0x8c49833d53bb8085,
      0x0216d0b17f4e44a5)
  }
  /// The negated inverse of the prime modulo 2⁶⁴.
  @inlinable
  @inline(__always)
  public static var negatedInverse: UInt64 { 0xc2e1f593efffffff }
}
