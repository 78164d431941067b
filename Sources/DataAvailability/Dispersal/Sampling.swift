import Blobs
import Pairings
import Primitives

/// A generator of numbers that a seed determines (Steele, Lea and Flood's SplitMix, 2014): for
/// simulations, and for samples that can be repeated.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The generator of a seed.
  public init(seed: UInt64) { state = seed }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// What a light client knows after some samples.
public struct SamplingReport: Equatable, Sendable {
  /// How many chunks were asked for.
  public let asked: Int
  /// How many came and fitted the commitment.
  public let valid: Int
  /// How many chunks are held by anybody.
  public let held: Int
  /// How many give the blob back.
  public let needed: Int

  /// How sure the client may be that the blob can be had, from 0 to 1: one minus the probability
  /// that all these samples were answered although less than the needed chunks are there.
  public var confidence: Double {
    guard valid == asked else { return 0 }
    return Self.confidence(samples: asked, held: held, needed: needed)
  }

  /// One minus the probability that so many different chunks, chosen at random, are all among the
  /// needed - 1 that a withholder may give out at most.
  public static func confidence(samples: Int, held: Int, needed: Int) -> Double {
    var probability = 1.0
    for sample in 0..<min(samples, held) {
      probability *= max(0, Double(needed - 1 - sample)) / Double(held - sample)
    }
    return 1 - probability
  }

  /// The probability that at least one of so many different chunks is among a share that is
  /// withheld.
  public static func detection(samples: Int, held: Int, withheldShare: Double) -> Double {
    let withheld = Int((Double(held) * withheldShare).rounded())
    var probability = 1.0
    for sample in 0..<min(samples, held) {
      probability *= max(0, Double(held - withheld - sample)) / Double(held - sample)
    }
    return 1 - probability
  }
}

/// A light client: it asks for a few chunks at random, and needs neither the blob nor trust.
public struct LightClient: Sendable {
  /// Who is asked for a chunk; nil if no valid answer comes.
  public typealias Source = @Sendable (_ holder: Hash, _ index: Int) -> Chunk?

  private let terms: StorageTerms

  /// A client under these terms.
  public init(_ terms: StorageTerms) { self.terms = terms }

  /// Asks for some of a blob's chunks, chosen by the generator, each of its holder; nil for a
  /// header that is not one of these terms.
  public func sample(
    _ header: BlobHeader, _ assignment: ChunkAssignment, count: Int,
    using generator: inout SeededGenerator, source: Source
  ) -> SamplingReport? {
    guard let shape = terms.shape(header), let commitment = header.commitment.commitment.point,
      let code = ErasureCode(shape, blobLength: Int(header.commitment.length)),
      let verifier = ChunkVerifier(shape, terms.string)
    else { return nil }
    var holders: [Int: Hash] = [:]
    for share in assignment.shares { for chunk in share.chunks { holders[chunk] = share.id } }
    let chosen = holders.keys.sorted().shuffled(using: &generator).prefix(max(0, count))
    var claims: [ChunkClaim] = []
    for index in chosen {
      guard let holder = holders[index], let chunk = source(holder, index) else { continue }
      claims.append(ChunkClaim(commitment: commitment, index: index, chunk: chunk))
    }
    let valid =
      verifier.areValid(claims) ? claims.count : claims.filter { verifier.isValid($0) }.count
    return SamplingReport(
      asked: chosen.count, valid: valid, held: holders.count, needed: code.rowCount)
  }
}
