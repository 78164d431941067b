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
    /// proofs over it are verified; who has the files of points in G2 can make them too.
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

    /// The hash of the points of verification, see ``VerificationPoints/hash``, of a string that
    /// there is but one of; nil where it depends on how many powers are made.
    public var pointsHash: Hash? {
      switch self {
      case .mainnet:
        Hash(
          0x6abd_d58f_921d_e9a7, 0xed23_df03_40d7_3a4e, 0xb8cd_0f3b_c0e4_a41d,
          0x0425_0fa5_d105_f52a)
      case .test:
        Hash(
          0xb52d_8a8d_700b_9c82, 0x1333_1ab4_9399_8d53, 0x8d14_f696_8fbe_6c09,
          0x6a34_a68c_4cfd_b8fa)
      case .development: nil
      }
    }
  }

  /// Where the powers come from.
  public let profile: Profile
  /// The powers [τⁱ] in G1, from 1 on.
  public let powers1: [BN254.G1]
  /// The powers [τⁱ] in G2, from 1 on; empty where length proofs are only verified.
  public let powers2: [BN254.G2]
  /// The last powers in G2, up to [τᴺ⁻¹], of which length proofs are made; empty as above.
  public let trailing2: [BN254.G2]
  /// What verification takes.
  public let verificationPoints: VerificationPoints

  /// How many powers the whole string has, N: length proofs reach up to τᴺ⁻¹.
  public var order: Int { verificationPoints.order }

  /// The string of these points, whose relations whoever reads them has tested.
  public init(
    profile: Profile, powers1: [BN254.G1], powers2: [BN254.G2], trailing2: [BN254.G2],
    verificationPoints: VerificationPoints
  ) {
    self.profile = profile
    self.powers1 = powers1
    self.powers2 = powers2
    self.trailing2 = trailing2
    self.verificationPoints = verificationPoints
  }

  /// The string of as many powers in G2 as in G1, for instance the test points.
  public init(profile: Profile, powers1: [BN254.G1], powers2: [BN254.G2]) {
    precondition(powers1.count == powers2.count && powers1.count > 1, "powers in both groups")
    self.init(
      profile: profile, powers1: powers1, powers2: powers2, trailing2: powers2,
      verificationPoints: VerificationPoints(powers1: powers1, powers2: powers2))
  }

  /// Whether length proofs can be made, and not only verified.
  public var provesLengths: Bool { !powers2.isEmpty && !trailing2.isEmpty }

  /// The commitment of a blob, with its length proof, or nil where there are too few points.
  public func commit(_ blob: Blob) -> BlobCommitment? {
    guard let commitment = blob.commitment(powers1), let length = lengthCommitment(of: blob),
      let proof = lengthProof(of: blob)
    else { return nil }
    return BlobCommitment(
      commitment: commitment, lengthCommitment: length, lengthProof: proof,
      length: UInt32(blob.length))
  }

  /// Σ cᵢ·[τⁱ] in G2, or nil where there are too few points.
  public func lengthCommitment(of blob: Blob) -> BN254.G2? {
    sum(powers2.prefix(blob.length), blob)
  }

  /// Σ cᵢ·[τ^(N - length + i)] in G2, or nil where there are too few points.
  public func lengthProof(of blob: Blob) -> BN254.G2? {
    sum(trailing2.suffix(blob.length), blob)
  }

  private func sum(_ points: ArraySlice<BN254.G2>, _ blob: Blob) -> BN254.G2? {
    guard points.count == blob.length else { return nil }
    return JacobianPoint.sum(of: points, times: blob.coefficients.map { $0.asUInt256 }[...]).affine
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
  /// Whether points of G2 are the last powers, up to [τᴺ⁻¹]; `tau1` is [τ] in G1.
  func end(with points: [BN254.G2], _ tau1: BN254.G1) -> Bool {
    guard let last = points.last else { return true }
    guard let first = trailing1.first else { return false }
    return ReferenceString.areConsecutive(points, of: tau1)
      && BN254.pairingIsOne([(first, BN254.generator2), (-BN254.generator1, last)])
  }
}
