import Cryptography
import Primitives

/// How much a contributor gave, in whatever unit the engine weighs by; accepted bytes, for one.
public struct ContributorShare: Hashable, Sendable {
  /// Who gave it.
  public var contributor: Address
  /// How much it weighs against the others.
  public var weight: UInt256

  /// A contributor and their weight.
  public init(contributor: Address, weight: UInt256) {
    self.contributor = contributor
    self.weight = weight
  }

  /// One share for each contributor, ascending by address, from entries in any order.
  ///
  /// Entries of one contributor, say from several datanets, are added up; what weighs nothing is
  /// left out.
  /// - Throws: `weightTooLarge`.
  public static func merging(
    _ entries: [ContributorShare]
  ) throws(AttributionTreeError) -> [ContributorShare] {
    var merged: [ContributorShare] = []
    let sorted = entries.sorted { left, right in left.contributor < right.contributor }
    for entry in sorted where !entry.weight.isZero {
      guard entry.weight.bitWidth <= AttributionTree.weightBitLimit else { throw .weightTooLarge }
      if let last = merged.last, last.contributor == entry.contributor {
        let sum = last.weight + entry.weight
        guard sum.bitWidth <= AttributionTree.weightBitLimit else { throw .weightTooLarge }
        merged[merged.count - 1].weight = sum
      } else {
        merged.append(entry)
      }
    }
    return merged
  }
}

/// Why shares make no tree.
public enum AttributionTreeError: Error, Hashable, Sendable {
  /// The contributors are not strictly ascending by address.
  case notAscending
  /// A contributor weighs nothing.
  case zeroWeight
  /// A weight, or the sum of all, has more than 128 bits.
  case weightTooLarge
  /// There are more contributors than a tree may have.
  case tooManyContributors(count: Int, limit: Int)
}

/// A contributor's part of the line on which all weights lie one after the other.
public struct ContributorStretch: Hashable, Sendable {
  /// Whose it is.
  public var contributor: Address
  /// Where it starts.
  public var start: UInt256
  /// Where it ends, and the next one starts.
  public var end: UInt256
  /// Where the line ends: the sum of all weights, below 2¹²⁸.
  public var whole: UInt256

  /// A stretch of the line.
  public init(contributor: Address, start: UInt256, end: UInt256, whole: UInt256) {
    self.contributor = contributor
    self.start = start
    self.end = end
    self.whole = whole
  }

  /// The leaf of the tree: hashed twice, so that no inner node can pass for one.
  public var leaf: Hash {
    let encoded = ABI.encode([
      .address(contributor), .uint(start), .uint(end), .uint(whole),
    ])
    return Keccak256.hash(Keccak256.hash(encoded).bytes)
  }

  /// What it is worth of a pool, in wei.
  ///
  /// The difference of two rounded sums: so it is within a wei of the exact proportion, and
  /// stretches without a gap give the pool exactly. A pool has at most 120 bits.
  public func amount(ofPool pool: UInt256) -> UInt256 {
    pool * end / whole - pool * start / whole
  }
}

/// The Merkle tree by which contributors prove their part of a use.
///
/// The shares lie one after the other on a line as long as their sum; each stretch is a leaf.
/// Neighbours are hashed the lower one first; the last of an odd number moves up as it is.
///
/// Source: `claim` in `contracts/Attribution.sol`.
public struct AttributionTree: Hashable, Sendable {
  /// The most contributors that a tree may have.
  public static let contributorLimit = 1 << 16

  static let weightBitLimit = 128

  /// The stretches, ascending by contributor.
  public let stretches: [ContributorStretch]

  /// The layers of nodes from the leaves to the root; none for no contributors.
  private let layers: [[Hash]]

  /// The tree of these shares, which are ascending by contributor.
  /// - Throws: `AttributionTreeError` for shares that are not.
  public init(_ shares: [ContributorShare]) throws(AttributionTreeError) {
    let whole = try Self.checkedSum(shares)
    var stretches: [ContributorStretch] = []
    stretches.reserveCapacity(shares.count)
    var start = UInt256.zero
    for share in shares {
      let end = start + share.weight
      stretches.append(
        ContributorStretch(
          contributor: share.contributor, start: start, end: end, whole: whole))
      start = end
    }
    self.stretches = stretches
    layers = Self.layers(over: stretches.map { stretch in stretch.leaf })
  }

  /// The root, which the receipt names; zero for no contributors.
  public var root: Hash { layers.last?.first ?? .zero }

  /// The siblings on the way from a stretch's leaf to the root.
  public func proof(at index: Int) -> [Hash] {
    precondition(stretches.indices.contains(index), "a stretch of this tree")
    var proof: [Hash] = []
    var place = index
    for layer in layers.dropLast() {
      if layer.indices.contains(place ^ 1) { proof.append(layer[place ^ 1]) }
      place /= 2
    }
    return proof
  }

  /// The claims that bring a receipt's pool to its contributors; those worth nothing are left out.
  public func claims(receipt: Hash, pool: UInt256) -> [ContributorClaim] {
    stretches.indices.compactMap { index in
      let amount = stretches[index].amount(ofPool: pool)
      guard !amount.isZero else { return nil }
      return ContributorClaim(
        receipt: receipt, stretch: stretches[index], proof: proof(at: index), amount: amount)
    }
  }

  /// The root to which a proof leads from a leaf.
  public static func root(from leaf: Hash, proof: [Hash]) -> Hash {
    proof.reduce(leaf) { node, sibling in parent(node, sibling) }
  }

  private static func checkedSum(
    _ shares: [ContributorShare]
  ) throws(AttributionTreeError) -> UInt256 {
    guard shares.count <= contributorLimit else {
      throw .tooManyContributors(count: shares.count, limit: contributorLimit)
    }
    var sum = UInt256.zero
    for (index, share) in shares.enumerated() {
      guard !share.weight.isZero else { throw .zeroWeight }
      guard share.weight.bitWidth <= weightBitLimit else { throw .weightTooLarge }
      guard index == 0 || shares[index - 1].contributor < share.contributor else {
        throw .notAscending
      }
      sum += share.weight
      guard sum.bitWidth <= weightBitLimit else { throw .weightTooLarge }
    }
    return sum
  }

  private static func layers(over leaves: [Hash]) -> [[Hash]] {
    guard !leaves.isEmpty else { return [] }
    var layers = [leaves]
    var layer = leaves
    while layer.count > 1 {
      layer = stride(from: 0, to: layer.count, by: 2).map { left in
        left + 1 < layer.count ? parent(layer[left], layer[left + 1]) : layer[left]
      }
      layers.append(layer)
    }
    return layers
  }

  private static func parent(_ one: Hash, _ other: Hash) -> Hash {
    let (low, high) = one < other ? (one, other) : (other, one)
    return Keccak256.hash(low.bytes + high.bytes)
  }
}

/// One contributor's part of one receipt's pool, with the proof that the contract asks for.
public struct ContributorClaim: Hashable, Sendable {
  /// The receipt's digest.
  public var receipt: Hash
  /// The contributor's stretch.
  public var stretch: ContributorStretch
  /// The siblings on the way to the root.
  public var proof: [Hash]
  /// What it credits, in wei.
  public var amount: UInt256

  /// Makes a claim of its parts.
  public init(receipt: Hash, stretch: ContributorStretch, proof: [Hash], amount: UInt256) {
    self.receipt = receipt
    self.stretch = stretch
    self.proof = proof
    self.amount = amount
  }
}
