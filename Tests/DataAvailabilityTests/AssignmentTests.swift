import Blobs
import Cryptography
import DataAvailability
import Primitives
import Testing

/// EigenDA's assignment, step by step as its specification has it, with sets and no shortcut.
private enum SlowAssignment {
  typealias Stakes = [(id: Hash, stake: Int)]

  /// Consecutive chunks of one quorum's operators.
  static func first(_ parameters: BlobVersionParameters, _ stakes: Stakes) -> [Hash: [Int]] {
    let total = stakes.reduce(0) { $0 + $1.stake }
    let chunks = parameters.chunkCount - parameters.operatorLimit
    var offset = 0
    var result: [Hash: [Int]] = [:]
    for (id, stake) in stakes.sorted(by: { $0.id.hexadecimal < $1.id.hexadecimal }) {
      var count = chunks * stake / total
      if count * total < chunks * stake { count += 1 }
      result[id] = (0..<count).map { offset + $0 }
      offset += count
    }
    return result
  }

  /// Another quorum's: what its operators have of the first, then what nobody of it has.
  static func next(
    _ parameters: BlobVersionParameters, _ stakes: Stakes, _ base: [Hash: [Int]]
  ) -> [Hash: [Int]] {
    let wanted = first(parameters, stakes).mapValues { $0.count }
    var result: [Hash: [Int]] = [:]
    for (id, count) in wanted { result[id] = Array((base[id] ?? []).prefix(count)) }
    let used = Set(result.values.joined())
    var free = (0..<parameters.chunkCount).filter { !used.contains($0) }
    for id in wanted.keys.sorted(by: { $0.hexadecimal < $1.hexadecimal }) {
      while let count = wanted[id], let held = result[id], held.count < count {
        result[id] = held + [free.removeFirst()]
      }
    }
    return result
  }

  /// What each operator holds: the union, in the quorums' order, cut where it gives the blob back.
  static func all(
    _ parameters: BlobVersionParameters, _ quorums: [Stakes]
  ) -> [Hash: [Int]] {
    let base = first(parameters, quorums[0])
    let each = [base] + quorums.dropFirst().map { next(parameters, $0, base) }
    var merged: [Hash: [Int]] = [:]
    for assignment in each {
      for (id, chunks) in assignment {
        for chunk in chunks where merged[id]?.contains(chunk) != true {
          guard merged[id, default: []].count < parameters.chunkCount / parameters.codingRate else {
            break
          }
          merged[id, default: []].append(chunk)
        }
        merged[id] = merged[id] ?? []
      }
    }
    return merged
  }
}

/// Splitmix64: the same numbers on every run.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}

@Suite("The assignment of chunks") struct AssignmentTests {
  private func parameters(_ index: Int) throws -> BlobVersionParameters {
    switch index % 3 {
    case 0: .small
    case 1: try #require(BlobVersionParameters(chunkCount: 256, codingRate: 4, operatorLimit: 100))
    default: try #require(BlobVersionParameters(chunkCount: 1024, codingRate: 8, operatorLimit: 40))
    }
  }

  private func stakes(_ generator: inout SeededGenerator, limit: Int) -> [(id: Hash, stake: Int)] {
    let scale = [1, 3, 1_000, 1_000_000_000].randomElement(using: &generator) ?? 1
    var stakes: [(id: Hash, stake: Int)] = []
    for index in 0..<20 where Bool.random(using: &generator) && stakes.count < limit {
      let id = Keccak256.hash([UInt8(index)])
      stakes.append((id, Int.random(in: 1...scale, using: &generator)))
    }
    return stakes.isEmpty ? [(.zero, 1)] : stakes.shuffled(using: &generator)
  }

  @Test("it is that of the specification, for any stakes in one to four quorums")
  func differential() throws {
    var generator = SeededGenerator(seed: 22)
    for round in 0..<150 {
      let parameters = try parameters(round)
      let quorums = (0...Int.random(in: 0...3, using: &generator)).map { _ in
        stakes(&generator, limit: min(16, parameters.operatorLimit))
      }
      let numbers = [UInt8(0), 1, 7, 191].prefix(quorums.count)
      // The order in which quorums are named does not count.
      let named = zip(numbers, quorums).map { number, stakes in
        (
          number: number,
          stakes: stakes.map {
            ChunkAssignment.Stake(id: $0.id, stake: UInt256(UInt64($0.stake)))
          }
        )
      }.shuffled(using: &generator)
      let assignment = try ChunkAssignment(parameters, quorums: named)
      let wanted = SlowAssignment.all(parameters, quorums)
      #expect(assignment.shares.count == wanted.count)
      for (id, chunks) in wanted { #expect(assignment.chunks(of: id) == chunks) }
    }
  }

  @Test("whoever holds the reconstruction threshold of a quorum's stake has the blob together")
  func threshold() throws {
    var generator = SeededGenerator(seed: 23)
    for round in 0..<200 {
      let parameters = try parameters(round)
      let quorums = (0..<2).map { _ in
        stakes(&generator, limit: min(16, parameters.operatorLimit))
      }
      let assignment = try ChunkAssignment(
        parameters,
        quorums: quorums.enumerated().map { number, stakes in
          (
            UInt8(number),
            stakes.map { ChunkAssignment.Stake(id: $0.id, stake: UInt256(UInt64($0.stake))) }
          )
        })
      for stakes in quorums {
        let total = stakes.reduce(0) { $0 + $1.stake }
        var (held, chunks) = (0, Set<Int>())
        for (id, stake) in stakes.shuffled(using: &generator) {
          held += stake
          chunks.formUnion(assignment.chunks(of: id))
          guard held * 100 >= total * parameters.reconstructionPercent else { continue }
          #expect(chunks.count >= parameters.chunkCount / parameters.codingRate)
          break
        }
      }
    }
  }
}
