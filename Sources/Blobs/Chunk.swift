import Cryptography
import Pairings
import Primitives

/// A chunk of a coded blob with the proof that it is one: EigenDA's *frame*.
public struct Chunk: Equatable, Sendable {
  /// A scalar of BN254.
  public typealias Scalar = BN254.ScalarField

  /// The coefficients.
  public var coefficients: [Scalar]
  /// The commitment to the quotient: [(p(τ) - chunk(τ))/(τ^D - zᵢ)].
  public var proof: BN254.G1

  /// A chunk of these parts.
  public init(coefficients: [Scalar], proof: BN254.G1) {
    self.coefficients = coefficients
    self.proof = proof
  }

  /// The bytes as gnark writes them: the proof's 32, then 32 a coefficient.
  public var bytes: Bytes { BN254.compress(proof) + Scalar.bigEndianBytes(coefficients) }

  /// The chunk that these bytes encode, or nil for a point off the curve, a coefficient from the
  /// order on, or another length.
  public init?(bytes: ArraySlice<UInt8>, length: Int) {
    guard length > 0, length <= 1 << 25, bytes.count == 32 + 32 * length,
      let proof = BN254.decompressG1(bytes.prefix(32)),
      let coefficients = Scalar.scalars(bigEndian: bytes.dropFirst(32))
    else { return nil }
    self.init(coefficients: coefficients, proof: proof)
  }
}

/// A chunk of one of several blobs, with what it must fit.
public struct ChunkClaim: Sendable {
  /// The commitment to the blob.
  public var commitment: BN254.G1
  /// Which chunk it is.
  public var index: Int
  /// The chunk.
  public var chunk: Chunk

  /// The claim that a chunk is one of a blob's.
  public init(commitment: BN254.G1, index: Int, chunk: Chunk) {
    self.commitment = commitment
    self.index = index
    self.chunk = chunk
  }
}

/// Verification of chunks.
public struct ChunkVerifier: Sendable {
  /// A scalar of BN254.
  public typealias Scalar = BN254.ScalarField

  /// The shape of the blobs' encoding.
  public let shape: EncodingShape
  /// As many powers of τ in G1 as a chunk has coefficients.
  private let powers1: [BN254.G1]
  /// [τ^D] in G2.
  private let tauPower2: BN254.G2

  /// A verifier over a reference string, or nil if that has too few points.
  public init?(_ shape: EncodingShape, _ string: ReferenceString) {
    self.init(shape, powers1: string.powers1, points: string.verificationPoints)
  }

  /// A verifier with powers of τ in G1, or nil if there are too few points.
  public init?(_ shape: EncodingShape, powers1: [BN254.G1], points: VerificationPoints) {
    let logarithm = shape.chunkLength.trailingZeroBitCount
    guard powers1.count >= shape.chunkLength, logarithm < points.doublings2.count else {
      return nil
    }
    self.shape = shape
    self.powers1 = Array(powers1[..<shape.chunkLength])
    tauPower2 = points.doublings2[logarithm]
  }

  /// Whether one chunk is one of a blob's: e(π, [τ^D]) = e(C - [chunk(τ)] + zᵢπ, [1]).
  public func isValid(_ claim: ChunkClaim) -> Bool {
    guard isWellFormed(claim) else { return false }
    let own = JacobianPoint.sum(
      of: powers1, times: claim.chunk.coefficients.map { $0.asUInt256 })
    let turned = JacobianPoint(claim.chunk.proof)
      .multiplied(by: shape.coset(ofChunk: claim.index))
    let right = turned + -own + claim.commitment
    return BN254.pairingIsOne([
      (claim.chunk.proof, tauPower2), ((-right).affine, BN254.generator2),
    ])
  }

  /// Whether all the chunks are their blobs': one pairing check for all, the *universal* one.
  ///
  /// Each claim is weighted by a power of a number that depends on all of them, so that whoever
  /// chooses the chunks cannot choose it.
  public func areValid(_ claims: [ChunkClaim]) -> Bool {
    guard claims.allSatisfy(isWellFormed) else { return false }
    guard !claims.isEmpty else { return true }
    let weights = ScalarTransform.powers(of: challenge(claims), count: claims.count)
    let cosets = ScalarTransform(logarithm: shape.chunkCount.trailingZeroBitCount).roots
    var coefficients = [Scalar](repeating: .zero, count: shape.chunkLength)
    var proofs: [BN254.G1] = []
    var turns: [UInt256] = []
    for (claim, weight) in zip(claims, weights) {
      for (index, coefficient) in claim.chunk.coefficients.enumerated() {
        coefficients[index] = coefficients[index] + coefficient * weight
      }
      proofs.append(claim.chunk.proof)
      turns.append((weight * coset(claim.index, cosets)).asUInt256)
    }
    let own = JacobianPoint.sum(of: powers1, times: coefficients.map { $0.asUInt256 })
    let weighted = JacobianPoint.sum(of: proofs, times: weights.map { $0.asUInt256 })
    let turned = JacobianPoint.sum(of: proofs, times: turns)
    let right = turned + -own + sumOfCommitments(claims, weights)
    return BN254.pairingIsOne([
      (weighted.affine, tauPower2), ((-right).affine, BN254.generator2),
    ])
  }

  private func isWellFormed(_ claim: ChunkClaim) -> Bool {
    claim.index >= 0 && claim.index < shape.chunkCount
      && claim.chunk.coefficients.count == shape.chunkLength
  }

  /// The number of a chunk's coset, looked up among the first half of the roots.
  private func coset(_ index: Int, _ roots: [Scalar]) -> Scalar {
    let exponent = ScalarTransform.bitReversed(
      index, bits: shape.chunkCount.trailingZeroBitCount)
    return exponent < roots.count ? roots[exponent] : -roots[exponent - roots.count]
  }

  /// The weighted sum of the commitments; neighbours with the same one are taken together.
  private func sumOfCommitments(
    _ claims: [ChunkClaim], _ weights: [Scalar]
  ) -> JacobianPoint<BN254Curve> {
    var points: [BN254.G1] = []
    var scalars: [Scalar] = []
    for (claim, weight) in zip(claims, weights) {
      if points.last == claim.commitment {
        scalars[scalars.count - 1] = scalars[scalars.count - 1] + weight
      } else {
        points.append(claim.commitment)
        scalars.append(weight)
      }
    }
    return JacobianPoint.sum(of: points, times: scalars.map { $0.asUInt256 })
  }

  private func challenge(_ claims: [ChunkClaim]) -> Scalar {
    var bytes = Bytes()
    bytes.reserveCapacity(claims.count * (104 + 32 * shape.chunkLength))
    for claim in claims {
      bytes += BN254.encode(claim.commitment)
      Hash(UInt256(claim.index)).append(to: &bytes)
      bytes += claim.chunk.bytes
    }
    return Scalar(reducing: UInt256(Keccak256.hash(bytes)))
  }
}
