import Ledger
import Primitives
import TestSupport
import Testing
import Views

@Suite("Views of a head that goes back")
struct ResetTests {
  /// Without the preimages, which also know what an abandoned branch touched, and the states, whose
  /// rows bear the numbers of their events.
  private static func digests(_ views: Views) throws -> [ViewDigest] {
    try views.digests().filter { !["preimages", "states"].contains($0.name) }
  }

  @Test("hold what they would if the abandoned blocks had never been")
  func abandonedBlocks() throws {
    let chain = try SampleChain(layer: .two, seed: 3, blockCount: 40, transactionsPerBlock: 0...5)
    let entries = chain.entries()
    for number in [0, 1, 17, 38, 39] {
      try withTemporaryDirectory { directory in
        let all = try Views.open(path: directory + "/all.sqlite")
        try all.take(entries)
        let reset = Consequence.reset(.two, number: UInt64(number), hash: .zero)
        try all.take([ViewEntry(sequence: 41, commitment: .zero, consequences: [reset])])
        let some = try Views.open(path: directory + "/some.sqlite")
        try some.take(Array(entries.prefix(number + 1)))
        #expect(try Self.digests(all) == Self.digests(some))
        // The branch that is built instead may be the same one.
        let rest = entries.dropFirst(number + 1).enumerated().map { offset, entry in
          ViewEntry(
            sequence: UInt64(42 + offset), commitment: .zero, consequences: entry.consequences)
        }
        try all.take(rest)
        try some.take(Array(entries.dropFirst(number + 1)))
        #expect(try Self.digests(all) == Self.digests(some))
      }
    }
  }
}
