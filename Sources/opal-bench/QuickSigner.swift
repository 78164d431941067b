import Cryptography
import NativeCryptography
import Primitives

/// Signatures by the million, for logs that are made to be measured.
///
/// They are as valid as others and cost as much to recover, but take three multiplications each,
/// since the points that they begin with are made once and used again and again. Whoever sees two
/// signatures of one point can work out both keys: nothing for keys that hold anything.
struct QuickSigner {
  private struct Point {
    /// The inverse of the secret number modulo the order.
    let inverse: UInt256
    let r: UInt256
    let yParity: Bool
  }

  /// As many as the provider remembers keys, so that their x coordinates fill its places evenly.
  private static let pointCount = 16_384
  private let points: [Point]

  /// Makes the points, from ordinary signatures of a known key.
  init?() {
    let secret: UInt256 = 1
    guard let key = PrivateKey(Hash(secret).bytes) else { return nil }
    points = (0..<Self.pointCount).map { index in
      let hash = Keccak256.hash(UInt256(UInt64(index)))
      let signature = key.sign(hash)
      // s = k⁻¹ (z + r d), so k⁻¹ = s (z + r d)⁻¹.
      let sum = Self.sum(hash, signature.r, secret)
      return Point(
        inverse: signature.s.multiplyModulo(Self.inverse(of: sum), Signature.order),
        r: signature.r, yParity: signature.yParity)
    }
  }

  /// The signature of a hash by a key, with the low s, from the point of that number.
  func sign(_ hash: Hash, secret: UInt256, point index: Int) -> Signature {
    let point = points[index % points.count]
    let s = point.inverse.multiplyModulo(Self.sum(hash, point.r, secret), Signature.order)
    let signature = Signature(r: point.r, s: s, yParity: point.yParity)
    guard !signature.isLowS else { return signature }
    return Signature(r: point.r, s: Signature.order &- s, yParity: !point.yParity)
  }

  /// z + r d modulo the order.
  private static func sum(_ hash: Hash, _ r: UInt256, _ secret: UInt256) -> UInt256 {
    UInt256(hash).addModulo(r.multiplyModulo(secret, Signature.order), Signature.order)
  }

  private static func inverse(of number: UInt256) -> UInt256 {
    let power = NativeCryptographyProvider.shared.modularPower(
      base: Hash(number).bytes, exponent: Hash(Signature.order &- 2).bytes,
      modulus: Hash(Signature.order).bytes)
    return UInt256(bigEndian: power[...])
  }
}
