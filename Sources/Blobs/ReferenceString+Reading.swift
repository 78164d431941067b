import Cryptography
import Pairings
import Primitives

/// Why points are not those of a reference string.
public enum ReferenceStringError: Error, Equatable, Sendable {
  /// The bytes do not divide into points.
  case length(Int)
  /// The encoding of a point, counted from 0, is of none of the curve, or out of range.
  case point(Int)
  /// A point is not in G2, or is infinity.
  case subgroup(Int)
  /// The points are not powers of one secret.
  case notPowers
  /// More points are needed than there are.
  case tooFew
}

/// Reading points as gnark writes them: compressed, without a header.
extension ReferenceString {
  /// The points of G1 in a file, or in a part of one, 32 bytes each.
  ///
  /// - Throws: `ReferenceStringError` for what is no finite point of G1.
  public static func points1(_ bytes: Bytes) throws(ReferenceStringError) -> [BN254.G1] {
    guard bytes.count % 32 == 0 else { throw .length(bytes.count) }
    var points: [BN254.G1] = []
    points.reserveCapacity(bytes.count / 32)
    for start in stride(from: 0, to: bytes.count, by: 32) {
      guard let point = BN254.decompressG1(bytes[start..<start + 32]) else {
        throw .point(start / 32)
      }
      guard !point.isInfinity else { throw .subgroup(start / 32) }
      points.append(point)
    }
    return points
  }

  /// The points of G2 in a file, 64 bytes each.
  ///
  /// - Throws: `ReferenceStringError` for what is no finite point of G2.
  public static func points2(_ bytes: Bytes) throws(ReferenceStringError) -> [BN254.G2] {
    guard bytes.count % 64 == 0 else { throw .length(bytes.count) }
    var points: [BN254.G2] = []
    points.reserveCapacity(bytes.count / 64)
    for start in stride(from: 0, to: bytes.count, by: 64) {
      guard let point = BN254.decompressG2(bytes[start..<start + 64]) else {
        throw .point(start / 64)
      }
      guard !point.isInfinity, BN254.isInSubgroup(point) else { throw .subgroup(start / 64) }
      points.append(point)
    }
    return points
  }

  /// The points as gnark writes them.
  public static func bytes(_ points: [BN254.G1]) -> Bytes {
    points.reduce(into: Bytes()) { $0 += BN254.compress($1) }
  }

  /// The points as gnark writes them.
  public static func bytes(_ points: [BN254.G2]) -> Bytes {
    points.reduce(into: Bytes()) { $0 += BN254.compress($1) }
  }

  /// Whether the points are the generator of G1 times the powers of the τ of `tau2`, from 1 on.
  ///
  /// One pairing for all: a random sum of the points from the second on must be τ times the same
  /// sum of those before them. The weights come from the points' own hash.
  public static func arePowers(_ points: [BN254.G1], of tau2: BN254.G2) -> Bool {
    guard points.first == BN254.generator1 else { return false }
    if points.count == 1 { return true }
    let weights = weights(bytes(points), count: points.count - 1)
    let upper = JacobianPoint.sum(of: points[1...], times: weights[...])
    let lower = JacobianPoint.sum(of: points[..<(points.count - 1)], times: weights[...])
    return BN254.pairingIsOne([
      (upper.affine, BN254.generator2), ((-lower).affine, tau2),
    ])
  }

  /// Whether the points are the generator of G2 times the powers of the τ of `tau1`, from 1 on.
  public static func arePowers(_ points: [BN254.G2], of tau1: BN254.G1) -> Bool {
    points.first == BN254.generator2 && areConsecutive(points, of: tau1)
  }

  /// Whether each point of G2 is the one before it times the τ of `tau1`.
  static func areConsecutive(_ points: [BN254.G2], of tau1: BN254.G1) -> Bool {
    if points.count < 2 { return true }
    let weights = weights(bytes(points), count: points.count - 1)
    let upper = JacobianPoint.sum(of: points[1...], times: weights[...])
    let lower = JacobianPoint.sum(of: points[..<(points.count - 1)], times: weights[...])
    return BN254.pairingIsOne([
      (BN254.generator1, upper.affine), (-tau1, lower.affine),
    ])
  }

  /// Numbers of 128 bits that nobody can choose, made of bytes that they depend on.
  static func weights(_ bytes: Bytes, count: Int) -> [UInt256] {
    var state = Keccak256.hash(bytes)
    var weights: [UInt256] = []
    weights.reserveCapacity(count)
    for _ in 0..<count {
      state = Keccak256.hash(state)
      weights.append(UInt256(low: UInt256(state).low))
    }
    return weights
  }

  /// The string of a file of each group, with as many points in both.
  ///
  /// - Throws: `ReferenceStringError` unless all are powers of the same secret.
  public static func reading(
    _ profile: Profile, g1: Bytes, g2: Bytes
  ) throws(ReferenceStringError) -> ReferenceString {
    let (first, second) = (try points1(g1), try points2(g2))
    guard first.count == second.count, first.count > 1 else { throw .tooFew }
    guard arePowers(first, of: second[1]), arePowers(second, of: first[1]) else {
      throw .notPowers
    }
    return ReferenceString(profile: profile, powers1: first, powers2: second)
  }

  /// EigenDA's main string: some of its powers in G1, and the points of verification; where the
  /// powers in G2 are there, the first and the last ones, length proofs can be made.
  ///
  /// - Throws: `ReferenceStringError` unless all are powers of the same secret.
  public static func readingMainnet(
    g1: Bytes, doublings2: Bytes, trailing1: Bytes, g2: Bytes = [], trailing2: Bytes = []
  ) throws(ReferenceStringError) -> ReferenceString {
    let points = VerificationPoints(
      order: 1 << 28, doublings2: try points2(doublings2), trailing1: try points1(trailing1))
    let powers = try points1(g1)
    guard points.doublings2.count == 28, points.trailing1.count == 28, powers.count > 1 else {
      throw .tooFew
    }
    guard arePowers(powers, of: points.doublings2[0]), points.areConsistent else {
      throw .notPowers
    }
    let (first, last) = (try points2(g2), try points2(trailing2))
    guard first.isEmpty || arePowers(first, of: powers[1]), points.end(with: last, powers[1])
    else { throw .notPowers }
    return ReferenceString(
      profile: .mainnet, powers1: powers, powers2: first, trailing2: last,
      verificationPoints: points)
  }
}
