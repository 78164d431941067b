import Cryptography
import Pairings
import Primitives

/// A public key of an operator in both groups: the multiple of either generator by its secret.
public struct OperatorKey: Equatable, Sendable {
  /// In G1: what aggregates on L1 are made of.
  public var first: BN254.G1
  /// In G2: what signatures are verified with.
  public var second: BN254.G2

  /// The key of these points.
  public init(first: BN254.G1, second: BN254.G2) {
    self.first = first
    self.second = second
  }

  /// The key of a secret.
  public init(secret: BN254.ScalarField) {
    first = JacobianPoint(BN254.generator1).multiplied(by: secret).affine
    second = JacobianPoint(BN254.generator2).multiplied(by: secret.asUInt256).affine
  }

  /// Whether both points are of the same secret: e(P, [1]) = e([1], Q).
  public var isConsistent: Bool {
    BN254.isInSubgroup(second)
      && BN254.pairingIsOne([(first, BN254.generator2), (-BN254.generator1, second)])
  }

  /// The operator's identifier, Keccak-256 of the key's coordinates in G1.
  public var operatorID: Hash { Keccak256.hash(BN254.encode(first)) }
}

/// Signatures of Boneh, Lynn and Shacham over BN254, in G1, as EigenLayer's contracts check them.
public enum BLSSignature {
  /// The signature of a digest by a secret.
  public static func sign(_ digest: Hash, secret: BN254.ScalarField) -> BN254.G1 {
    JacobianPoint(BN254.map(digest: digest)).multiplied(by: secret).affine
  }

  /// Whether a signature, or a sum of signatures, is by a key, or the sum of the keys:
  /// e(H(m), P) = e(σ, [1]).
  public static func isValid(_ signature: BN254.G1, digest: Hash, key: BN254.G2) -> Bool {
    BN254.pairingIsOne([
      (BN254.map(digest: digest), key), (-signature, BN254.generator2),
    ])
  }

  /// Whether a signature is by a key whose two points are of the same secret, in one check of two
  /// pairings: both equations, the second weighted by a number that depends on all points.
  public static func isValid(
    _ signature: BN254.G1, digest: Hash, first: BN254.G1, second: BN254.G2
  ) -> Bool {
    var bytes = digest.bytes + BN254.encode(first) + BN254.encode(second)
    bytes += BN254.encode(signature)
    let weight = BN254.ScalarField(reducing: UInt256(Keccak256.hash(bytes)))
    let left = JacobianPoint(first).multiplied(by: weight) + signature
    let right =
      JacobianPoint(BN254.generator1).multiplied(by: weight) + BN254.map(digest: digest)
    return BN254.pairingIsOne([
      (left.affine, -BN254.generator2), (right.affine, second),
    ])
  }

  /// The digest that an operator signs to show that it has the secret of its key.
  public static func registrationDigest(_ account: Address) -> Hash {
    let type = Keccak256.hash(Bytes("BN254PubkeyRegistration(address operator)".utf8))
    return Keccak256.hash(type.bytes + account.bytes)
  }

  /// The sum of points, for instance of keys.
  public static func sum(_ points: [BN254.G1]) -> BN254.G1 {
    points.reduce(JacobianPoint.infinity) { $0 + $1 }.affine
  }

  /// The sum of points of G2.
  public static func sum(_ points: [BN254.G2]) -> BN254.G2 {
    points.reduce(JacobianPoint.infinity) { $0 + $1 }.affine
  }
}

extension BN254 {
  /// The encoding of a point of G2 as EIP-197 has it, of 128 bytes.
  public static func encode(_ point: G2) -> Bytes {
    point.x.c1.bigEndianBytes + point.x.c0.bigEndianBytes + point.y.c1.bigEndianBytes
      + point.y.c0.bigEndianBytes
  }
}
