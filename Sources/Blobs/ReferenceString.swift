import Cryptography
import Pairings
import Primitives

/// The *structured reference string*: powers of a secret τ in both groups of BN254, on which
/// commitments stand.
///
/// Which one a network uses is part of its genesis: commitments over different ones never agree.
public struct ReferenceString: Sendable {
  /// Where the powers come from.
  public enum Profile: UInt8, Equatable, Sendable {
    /// EigenDA's: 2²⁸ powers of Ethereum's perpetual ceremony, of which nobody knows τ. Length
    /// proofs over it are verified here, not made: the points in G2 are not at hand.
    case mainnet = 0
    /// EigenDA's old test points, 3,000 of each group.
    case test = 1
    /// Made here from a τ that everybody knows: INSECURE, for development only.
    case development = 2

    /// The name in a genesis document and on the command line.
    public var name: StaticString {
      switch self {
      case .mainnet: "mainnet"
      case .test: "testsrs"
      case .development: "dev"
      }
    }

    /// The profile of a name, or nil.
    public init?(name: String) {
      switch name {
      case "mainnet": self = .mainnet
      case "testsrs": self = .test
      case "dev": self = .development
      default: return nil
      }
    }

    /// Whether nobody is known to know τ.
    public var isSecure: Bool { self == .mainnet }
  }

  /// Where the powers come from.
  public let profile: Profile
  /// The powers [τⁱ] in G1, from 1 on.
  public let powers1: [BN254.G1]
  /// The powers [τⁱ] in G2, from 1 on; empty where length proofs are only verified.
  public let powers2: [BN254.G2]
  /// What verification takes.
  public let verificationPoints: VerificationPoints

  /// How many powers the whole string has, N: length proofs reach up to τᴺ⁻¹.
  public var order: Int { verificationPoints.order }

  /// The string of these points, whose relations `check` has tested.
  public init(
    profile: Profile, powers1: [BN254.G1], powers2: [BN254.G2],
    verificationPoints: VerificationPoints
  ) {
    self.profile = profile
    self.powers1 = powers1
    self.powers2 = powers2
    self.verificationPoints = verificationPoints
  }

  /// The string of as many powers in G2 as in G1, for instance the test points.
  public init(profile: Profile, powers1: [BN254.G1], powers2: [BN254.G2]) {
    precondition(powers1.count == powers2.count && powers1.count > 1, "powers in both groups")
    self.init(
      profile: profile, powers1: powers1, powers2: powers2,
      verificationPoints: VerificationPoints(powers1: powers1, powers2: powers2))
  }

  /// The commitment of a blob, with its length proof, or nil where there are too few points.
  public func commit(_ blob: Blob) -> BlobCommitment? {
    let start = order - blob.length
    guard start >= 0, powers2.count >= order, let commitment = blob.commitment(powers1) else {
      return nil
    }
    let scalars = blob.coefficients.map { $0.asUInt256 }
    let length = JacobianPoint<BN254Twist>.sum(
      of: powers2[..<blob.length], times: scalars[...])
    let proof = JacobianPoint<BN254Twist>.sum(
      of: powers2[start..<order], times: scalars[...])
    return BlobCommitment(
      commitment: commitment, lengthCommitment: length.affine, lengthProof: proof.affine,
      length: UInt32(blob.length))
  }
}

/// The points of a reference string that verification takes: few, whatever the size.
public struct VerificationPoints: Equatable, Sendable {
  /// How many powers the whole string has, N.
  public let order: Int
  /// [τ^(2ⁱ)] in G2, for i from 0 on.
  public let doublings2: [BN254.G2]
  /// [τ^(N - 2ⁱ)] in G1, for i from 0 on.
  public let trailing1: [BN254.G1]

  /// These points.
  public init(order: Int, doublings2: [BN254.G2], trailing1: [BN254.G1]) {
    self.order = order
    self.doublings2 = doublings2
    self.trailing1 = trailing1
  }

  /// The points of a string that has all powers up to its order.
  init(powers1: [BN254.G1], powers2: [BN254.G2]) {
    order = powers1.count
    var doublings: [BN254.G2] = []
    var trailing: [BN254.G1] = []
    var power = 1
    while power < powers1.count {
      doublings.append(powers2[power])
      trailing.append(powers1[powers1.count - power])
      power <<= 1
    }
    // The whole length has [1] as its trailing power.
    if power == powers1.count { trailing.append(powers1[0]) }
    doublings2 = doublings
    trailing1 = trailing
  }

  /// Keccak-256 of the order in 8 bytes and the points, compressed: what tells strings apart.
  public var hash: Hash {
    var bytes = Bytes((0..<8).map { UInt8(truncatingIfNeeded: UInt64(order) >> (56 - 8 * $0)) })
    for point in doublings2 { bytes += BN254.compress(point) }
    for point in trailing1 { bytes += BN254.compress(point) }
    return Keccak256.hash(bytes)
  }

  /// Whether the trailing powers fit the doublings: τ^(N-2ⁱ)·τ^(2ⁱ) is the same for all i.
  public var areConsistent: Bool {
    guard let firstDoubling = doublings2.first, let firstTrailing = trailing1.first else {
      return false
    }
    for (doubling, trailing) in zip(doublings2, trailing1).dropFirst() {
      let isSame = BN254.pairingIsOne([(trailing, doubling), (-firstTrailing, firstDoubling)])
      guard isSame else { return false }
    }
    return true
  }
}
