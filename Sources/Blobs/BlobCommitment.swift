import Cryptography
import Pairings
import Primitives

/// What a blob is known by: a commitment to its polynomial, and a proof of how long it is.
public struct BlobCommitment: Equatable, Sendable {
  /// Σ cᵢ·[τⁱ] in G1.
  public var commitment: BN254.G1
  /// Σ cᵢ·[τⁱ] in G2.
  public var lengthCommitment: BN254.G2
  /// Σ cᵢ·[τ^(N - length + i)] in G2: it exists only for polynomials of no more coefficients.
  public var lengthProof: BN254.G2
  /// How many coefficients the polynomial has at most: a power of two.
  public var length: UInt32

  /// A commitment of these parts.
  public init(
    commitment: BN254.G1, lengthCommitment: BN254.G2, lengthProof: BN254.G2, length: UInt32
  ) {
    self.commitment = commitment
    self.lengthCommitment = lengthCommitment
    self.lengthProof = lengthProof
    self.length = length
  }

  /// Whether both commitments are to the same polynomial, and it is no longer than claimed.
  ///
  /// e(C, [1]) = e([1], LC) and e([τ^(N - length)], LC) = e([1], LP), in one check: the second
  /// equation is weighted by a number that depends on all points. The points of G2 must be in the
  /// subgroup; those decoded from a certificate are.
  public func verifyLength(_ points: VerificationPoints) -> Bool {
    guard length > 0, length & (length - 1) == 0 else { return false }
    let logarithm = length.trailingZeroBitCount
    guard logarithm < points.trailing1.count else { return false }
    let trailing = points.trailing1[logarithm]
    var bytes = BN254.encode(commitment) + BN254.encode(lengthCommitment)
    bytes += BN254.encode(lengthProof) + BN254.encode(trailing)
    let weight = BN254.ScalarField(reducing: UInt256(Keccak256.hash(bytes)))
    let one = JacobianPoint(-BN254.generator1)
    let left = JacobianPoint(trailing).multiplied(by: weight) + one
    return BN254.pairingIsOne([
      (commitment, BN254.generator2), (left.affine, lengthCommitment),
      (one.multiplied(by: weight).affine, lengthProof),
    ])
  }
}

/// An opening of a commitment at one point: a proof that the polynomial has a value there
/// (Kate, Zaverucha and Goldberg, 2010).
public struct Opening: Equatable, Sendable {
  /// A scalar of BN254.
  public typealias Scalar = BN254.ScalarField

  /// Where.
  public var point: Scalar
  /// What the polynomial is there.
  public var value: Scalar
  /// [(p(τ) - value)/(τ - point)].
  public var proof: BN254.G1

  /// An opening of these parts.
  public init(point: Scalar, value: Scalar, proof: BN254.G1) {
    self.point = point
    self.value = value
    self.proof = proof
  }

  /// Whether it holds for a commitment: e(C - y + zπ, [1]) = e(π, [τ]).
  public func isValid(for commitment: BN254.G1, tau2: BN254.G2) -> Bool {
    let value = JacobianPoint(-BN254.generator1).multiplied(by: value)
    let left = JacobianPoint(proof).multiplied(by: point) + value + commitment
    return BN254.pairingIsOne([(left.affine, -BN254.generator2), (proof, tau2)])
  }
}

extension Blob {
  /// The opening at a point, or nil if there are too few powers of τ.
  public func opening(at point: Scalar, powers1: [BN254.G1]) -> Opening? {
    guard powers1.count >= length else { return nil }
    // Division by X - z from the top down (Ruffini): the quotient's coefficients are the running
    // values of Horner's rule, and the last one is the value.
    var quotient = [Scalar](repeating: .zero, count: length)
    var running = Scalar.zero
    for index in stride(from: length - 1, through: 0, by: -1) {
      quotient[index] = running
      running = running * point + coefficients[index]
    }
    let proof = BN254.sum(
      of: Array(powers1[..<length]), times: quotient.map { $0.asUInt256 })
    return Opening(point: point, value: running, proof: proof)
  }
}
