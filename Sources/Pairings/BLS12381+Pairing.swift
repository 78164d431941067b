extension BLS12381 {
  /// Whether the product of the pairings is one.
  ///
  /// The points must be in G1 and G2.
  public static func pairingIsOne(_ pairs: [(G1, G2)]) -> Bool { pairing(pairs) == .one }

  /// The product of the optimal ate pairings, to the power of 3, which changes nothing about when
  /// it is one.
  public static func pairing(_ pairs: [(G1, G2)]) -> Fp12<BLS12381Tower> {
    var product = MillerProduct<BLS12381Pairing>(pairs)
    if product.isEmpty { return .one }
    product.run(UInt128(negatedParameter))
    return finalPower(product.value.conjugate)
  }

  /// The power 3(p¹² - 1)/r: (x - 1)²(x + p)(x² + p² - 1) + 3 after the easy part (Hayashida,
  /// Hayasaka and Teruya, 2020).
  private static func finalPower(_ value: Fp12<BLS12381Tower>) -> Fp12<BLS12381Tower> {
    let r = value.cyclotomicPart()
    let once = power(r) * r.conjugate
    let twice = power(once) * once.conjugate
    let third = power(twice) * twice.frobenius()
    let fourth = power(power(third)) * third.frobenius().frobenius() * third.conjugate
    return fourth * r.cyclotomicSquared() * r
  }

  /// The power x of an element of the cyclotomic subgroup.
  private static func power(_ value: Fp12<BLS12381Tower>) -> Fp12<BLS12381Tower> {
    value.cyclotomicPower(negatedParameter).conjugate
  }
}
