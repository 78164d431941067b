import Pairings
import Primitives

/// The outcome of Ethereum's ceremony for BLS12-381, as c-kzg reads it: two counts, the powers in
/// G1 in Lagrange's form, the powers in G2, the powers in G1.
enum CeremonyVectors {
  private typealias Point = JacobianPoint<BLS12381Curve>

  static func verdict(_ bytes: Bytes) throws(FixtureError) -> Verdict {
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard lines.count > 2, let count = Int(lines[0]), let secondCount = Int(lines[1]),
      count > 0, count & (count - 1) == 0, count <= 1 << 16, secondCount > 1,
      lines.count == 2 + 2 * count + secondCount
    else { throw FixtureError(place: "", reason: "its counts do not fit its lines") }
    var first: [BLS12381.G1] = []
    for line in lines[2..<2 + count] + lines[(2 + count + secondCount)...] {
      guard let bytes = Hexadecimal.decode(String(line)),
        let point = BLS12381.decompressG1(bytes[...]), BLS12381.isInSubgroup(point)
      else { return .check("point of G1 \(first.count)", true, false) }
      first.append(point)
    }
    var second: [BLS12381.G2] = []
    for line in lines[2 + count..<2 + count + secondCount] {
      guard let bytes = Hexadecimal.decode(String(line)),
        let point = BLS12381.decompressG2(bytes[...]), BLS12381.isInSubgroup(point)
      else { return .check("point of G2 \(second.count)", true, false) }
      second.append(point)
    }
    return check(Array(first[..<count]), Array(first[count...]), second)
  }

  private static func check(
    _ lagrange: [BLS12381.G1], _ powers: [BLS12381.G1], _ second: [BLS12381.G2]
  ) -> Verdict {
    // Weights that the file's author could not foresee are not needed: the file is public.
    let weights = (0..<powers.count - 1).map { index in
      UInt256(UInt64(index &+ 1) &* 0x9e37_79b9_7f4a_7c15)
    }
    let upper = Point.sum(of: powers[1...], times: weights[...])
    let lower = Point.sum(of: powers[..<(powers.count - 1)], times: weights[...])
    let arePowers = BLS12381.pairingIsOne([
      (upper.affine, BLS12381.generator2), ((-lower).affine, second[1]),
    ])
    let areSecond = (1..<second.count).allSatisfy { index in
      BLS12381.pairingIsOne([
        (powers[index], BLS12381.generator2), (-BLS12381.generator1, second[index]),
      ])
    }
    // The polynomials 1 and X by their values at the roots of unity.
    let roots = roots(count: lagrange.count)
    let sum = Point.sum(of: lagrange, times: [UInt256](repeating: .one, count: lagrange.count))
    let identity = Point.sum(of: lagrange, times: roots)
    return .all(
      .check("secret", true, second[1] == KZG.generator2TimesSecret),
      .check("powers in G1", true, powers[0] == BLS12381.generator1 && arePowers),
      .check("powers in G2", true, second[0] == BLS12381.generator2 && areSecond),
      .check("Lagrange's form of 1", true, sum.affine == powers[0]),
      .check("Lagrange's form of X", true, identity.affine == powers[1]))
  }

  /// The powers of the root of unity that Ethereum takes, 7 to the power of (r - 1)/count.
  private static func roots(count: Int) -> [UInt256] {
    typealias Scalar = BLS12381.ScalarField
    var exponent = (BLS12381ScalarModulus.modulus - UInt256.one) / UInt256(count)
    var root = Scalar.one
    var square = Scalar(UInt384(UInt256(7)))
    while !exponent.isZero {
      if exponent.limb0 & 1 == 1 { root = root * square }
      square = square * square
      exponent = exponent >> 1
    }
    var roots: [UInt256] = []
    var power = Scalar.one
    for _ in 0..<count {
      roots.append(power.number.lowUInt256)
      power = power * root
    }
    return roots
  }
}
