import Cryptography
import Pairings
import Primitives

/// A reference string for development, whose secret everybody knows: with it, anything can be
/// proved of any commitment.
extension ReferenceString {
  /// The secret that is none: a hash of its own warning.
  public static var developmentSecret: BN254.ScalarField {
    BN254.ScalarField(
      reducing: UInt256(Keccak256.hash(Bytes("opal: INSECURE development powers of tau".utf8))))
  }

  /// Some powers of the development string in G1.
  public static func developmentPowers1(_ range: Range<Int>) -> [BN254.G1] {
    BN254.multiplesOfGenerator1(secretPowers(range))
  }

  /// Some powers of the development string in G2.
  public static func developmentPowers2(_ range: Range<Int>) -> [BN254.G2] {
    BN254.multiplesOfGenerator2(secretPowers(range))
  }

  /// The development string with that many powers, at least 2.
  public static func development(order: Int) -> ReferenceString {
    ReferenceString(
      profile: .development, powers1: developmentPowers1(0..<order),
      powers2: developmentPowers2(0..<order))
  }

  private static func secretPowers(_ range: Range<Int>) -> [BN254.ScalarField] {
    var power = developmentSecret.power(UInt64(range.lowerBound))
    var powers: [BN254.ScalarField] = []
    powers.reserveCapacity(range.count)
    for _ in range {
      powers.append(power)
      power = power * developmentSecret
    }
    return powers
  }
}
