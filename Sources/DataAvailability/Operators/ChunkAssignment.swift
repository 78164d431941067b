import Blobs
import Primitives

/// Why chunks cannot be assigned.
public enum AssignmentError: Error, Equatable, Sendable {
  /// The quorum has no operator with a stake.
  case emptyQuorum(UInt8)
  /// The quorum has more operators than the version of blobs allows.
  case tooManyOperators(UInt8)
}

/// Which operator holds which chunks of a blob, by stake: the rules of EigenDA's `assignment.go`.
public struct ChunkAssignment: Equatable, Sendable {
  /// An operator and its chunks, in the order in which they were assigned.
  public struct Share: Equatable, Sendable {
    /// The operator.
    public let id: Hash
    /// The chunks.
    public let chunks: [Int]
  }

  /// The operators with their chunks, by identifier.
  public let shares: [Share]

  /// The chunks of an operator; none for a stranger.
  public func chunks(of id: Hash) -> [Int] {
    shares.first { $0.id == id }?.chunks ?? []
  }

  /// A stake in a quorum.
  public struct Stake: Equatable, Sendable {
    /// The operator.
    public let id: Hash
    /// How much.
    public let stake: UInt256

    /// A stake of an operator.
    public init(id: Hash, stake: UInt256) {
      self.id = id
      self.stake = stake
    }
  }

  /// The assignment for a blob in these quorums.
  ///
  /// In the quorum of the lowest number the operators take consecutive chunks, as many as their
  /// share of all chunks but one an operator, rounded up. In the others they keep what they have,
  /// as far as it goes, and take what nobody of that quorum has. No operator holds more chunks than
  /// give the blob back.
  ///
  /// - Throws: `AssignmentError` for a quorum without stake, or of too many operators.
  public init(
    _ parameters: BlobVersionParameters, quorums: [(number: UInt8, stakes: [Stake])]
  ) throws(AssignmentError) {
    var merged: [Share] = []
    var first: [Share] = []
    for (position, quorum) in quorums.sorted(by: { $0.number < $1.number }).enumerated() {
      let counts = try Self.counts(parameters, quorum.number, quorum.stakes)
      let own =
        position == 0 ? Self.consecutive(counts) : Self.overlapping(counts, first, parameters)
      if position == 0 { first = own }
      merged = Self.merge(merged, own, limit: parameters.chunkCount / parameters.codingRate)
    }
    shares = merged
  }

  /// How many chunks each operator of a quorum takes, by identifier.
  private static func counts(
    _ parameters: BlobVersionParameters, _ number: UInt8, _ stakes: [Stake]
  ) throws(AssignmentError) -> [(id: Hash, count: Int)] {
    guard stakes.count <= parameters.operatorLimit else { throw .tooManyOperators(number) }
    let total = stakes.reduce(UInt256.zero) { $0 + $1.stake }
    guard !total.isZero else { throw .emptyQuorum(number) }
    let chunks = UInt256(parameters.chunkCount - parameters.operatorLimit)
    return stakes.sorted { $0.id < $1.id }.map { stake in
      (stake.id, ((stake.stake * chunks + total - UInt256.one) / total).clampedInt)
    }
  }

  private static func consecutive(_ counts: [(id: Hash, count: Int)]) -> [Share] {
    var next = 0
    return counts.map { id, count in
      defer { next += count }
      return Share(id: id, chunks: Array(next..<next + count))
    }
  }

  private static func overlapping(
    _ counts: [(id: Hash, count: Int)], _ first: [Share], _ parameters: BlobVersionParameters
  ) -> [Share] {
    var known: [Hash: [Int]] = [:]
    for share in first { known[share.id] = share.chunks }
    var isTaken = [Bool](repeating: false, count: parameters.chunkCount)
    var kept: [[Int]] = []
    for (id, count) in counts {
      kept.append(Array((known[id] ?? []).prefix(count)))
      for chunk in kept[kept.count - 1] { isTaken[chunk] = true }
    }
    var free = isTaken.indices.lazy.filter { !isTaken[$0] }.makeIterator()
    return zip(counts, kept).map { wanted, kept in
      var chunks = kept
      while chunks.count < wanted.count, let chunk = free.next() { chunks.append(chunk) }
      return Share(id: wanted.id, chunks: chunks)
    }
  }

  /// What operators hold for one quorum more, without repetition and up to the limit.
  private static func merge(_ merged: [Share], _ own: [Share], limit: Int) -> [Share] {
    var chunks: [Hash: [Int]] = [:]
    for share in merged { chunks[share.id] = share.chunks }
    for share in own {
      guard let held = chunks[share.id] else {
        chunks[share.id] = Array(share.chunks.prefix(limit))
        continue
      }
      let known = Set(held)
      let more = share.chunks.filter { !known.contains($0) }
      chunks[share.id] = held + more.prefix(max(0, limit - held.count))
    }
    return chunks.sorted { $0.key < $1.key }.map { Share(id: $0.key, chunks: $0.value) }
  }
}
