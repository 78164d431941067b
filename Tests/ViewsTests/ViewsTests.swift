import Execution
import Ledger
import Primitives
import TestSupport
import Testing
import Views

@Suite("Views of a log")
struct ViewsTests {
  private let chain: SampleChain

  init() throws {
    chain = try SampleChain(layer: .two, seed: 1, blockCount: 40, transactionsPerBlock: 0...5)
  }

  @Test("views deleted and built again, in batches of another size, have the same digests")
  func rebuild() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let other = try SampleChain(layer: .one, seed: 2, blockCount: 9, transactionsPerBlock: 1...2)
      let entries = chain.entries() + other.entries(from: 41)
      var digests: [[ViewDigest]] = []
      for size in [1, 7, 1_000] {
        let views = try Views.open(path: path)
        var rest = entries[...]
        while !rest.isEmpty {
          try views.take(Array(rest.prefix(size)))
          rest = rest.dropFirst(size)
        }
        #expect(views.cursor.sequence == 49)
        digests.append(try views.digests())
        Views.delete(path: path)
      }
      #expect(digests[0] == digests[1] && digests[1] == digests[2])
      #expect(
        digests[0].map(\.name)
          == [
            "billing", "blocks", "logs", "preimages", "receipts", "states", "transactions", "usage",
          ])
      #expect(digests[0][1].rowCount == 98)
    }
  }

  @Test("one block more changes the digest of the blocks and of nothing it has no part in")
  func digestsDiffer() throws {
    try withTemporaryDirectory { directory in
      let views = try Views.open(path: directory + "/views.sqlite")
      let empty = try SampleChain(layer: .two, seed: 3, blockCount: 3, transactionsPerBlock: 0...0)
      let entries = empty.entries()
      try views.take(Array(entries.prefix(2)))
      let before = try views.digests()
      try views.take([entries[2]])
      let after = try views.digests()
      #expect(before[1] != after[1])
      // Each block has a row of what it changed in the state, be it nothing.
      let touched = ["blocks", "states"]
      #expect(
        before.filter { !touched.contains($0.name) }
          == after.filter { !touched.contains($0.name) })
    }
  }

  @Test("a batch that leaves a sequence out, repeats one or starts late is refused whole")
  func gaps() throws {
    try withTemporaryDirectory { directory in
      let views = try Views.open(path: directory + "/views.sqlite")
      let entries = chain.entries()
      #expect(throws: ViewsError.gap(expected: 1, got: 2)) { try views.take([entries[1]]) }
      try views.take([entries[0], entries[1]])
      let digests = try views.digests()
      #expect(throws: ViewsError.gap(expected: 4, got: 5)) {
        try views.take([entries[2], entries[4]])
      }
      #expect(throws: ViewsError.gap(expected: 3, got: 2)) { try views.take([entries[1]]) }
      #expect(views.cursor == ViewCursor(sequence: 2, commitment: Hash(UInt256(2))))
      #expect(try views.digests() == digests)
      try views.take([])
      #expect(views.cursor.sequence == 2)
    }
  }

  @Test("a batch that cannot be written leaves nothing behind")
  func failedBatch() throws {
    try withTemporaryDirectory { directory in
      let views = try Views.open(path: directory + "/views.sqlite")
      let entries = chain.entries()
      try views.take(Array(entries.prefix(3)))
      let digests = try views.digests()
      let repeated = ViewEntry(
        sequence: 5, commitment: .zero, consequences: entries[2].consequences)
      #expect(throws: ViewsError.self) { try views.take([entries[3], repeated]) }
      #expect(try views.digests() == digests)
      #expect(views.cursor.sequence == 3)
      try views.take([entries[3]])
      #expect(views.cursor.sequence == 4)
    }
  }

  @Test("opening views again continues where they stopped")
  func reopening() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let entries = chain.entries()
      do {
        let views = try Views.open(path: path)
        try views.take(Array(entries.prefix(10)))
      }
      let views = try Views.open(path: path)
      #expect(views.cursor == ViewCursor(sequence: 10, commitment: Hash(UInt256(10))))
      try views.take(Array(entries.dropFirst(10)))
      #expect(views.cursor.sequence == 40)
    }
  }
}

@Suite("Views from files that are not as they should be")
struct ForeignFileTests {
  private func expectRebuild(_ path: String) {
    #expect {
      _ = try Views.open(path: path)
    } throws: { error in
      guard case .needsRebuild? = error as? ViewsError else { return false }
      return true
    }
  }

  @Test("a file that is no database asks for a rebuild, and delete makes room for it")
  func noDatabase() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      try writeFile(path, Bytes(repeating: 0x41, count: 9_000))
      expectRebuild(path)
      Views.delete(path: path)
      #expect(try Views.open(path: path).cursor == .start)
    }
  }

  @Test(
    "views of another format or owner ask for a rebuild",
    arguments: [
      "PRAGMA user_version = 999", "PRAGMA application_id = 1", "DROP TABLE receipts",
      "CREATE TABLE extra(x)", "UPDATE cursors SET sequence = 9 WHERE view = 'logs'",
      "DELETE FROM cursors", "UPDATE cursors SET commitment = x'00'",
    ])
  func otherFormat(change: String) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      _ = try Views.open(path: path)
      try alter(path, change)
      expectRebuild(path)
      #expect(throws: ViewsError.self) { _ = try ViewReader.open(path: path) }
    }
  }

  @Test("a damaged row is an error and never an answer")
  func damagedRow() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let chain = try SampleChain(layer: .two, seed: 5, blockCount: 3, transactionsPerBlock: 2...2)
      do { try Views.open(path: path).take(chain.entries()) }
      try alter(path, "UPDATE receipts SET content = x'c0'")
      try alter(path, "UPDATE blooms SET bloom = x'00'")
      try alter(path, "UPDATE blocks SET content = substr(content, 1, 40)")
      let reader = try ViewReader.open(path: path)
      let hash = chain.outcomes[0].block.transactions[0].hash
      #expect(throws: ViewsError.self) { try reader.receipt(.two, hash: hash) }
      #expect(throws: ViewsError.self) { try reader.block(.two, number: 1) }
      #expect(throws: ViewsError.self) {
        try reader.logs(.two, LogFilter(fromBlock: 0, toBlock: 9), limit: 99)
      }
    }
  }

  @Test("a file cut short is an error, whether at opening or at reading", arguments: [1, 2, 5])
  func truncated(pages: Int) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let chain = try SampleChain(layer: .two, seed: 6, blockCount: 60, transactionsPerBlock: 4...4)
      do { try Views.open(path: path).take(chain.entries()) }
      try truncateFile(path, pages * 4_096)
      #expect(throws: ViewsError.self) {
        _ = try Views.open(path: path).digests()
      }
    }
  }

  @Test("a block number that no place can hold is refused")
  func hugeNumber() throws {
    try withTemporaryDirectory { directory in
      let views = try Views.open(path: directory + "/views.sqlite")
      var genesis = try SampleChain(
        layer: .two, seed: 1, blockCount: 1, transactionsPerBlock: 0...0
      ).genesis
      genesis.number = .max
      #expect(throws: ViewsError.tooLarge(blockNumber: .max, index: 0)) {
        try views.take([
          ViewEntry(sequence: 1, commitment: .zero, consequences: [.started(.two, genesis)])
        ])
      }
    }
  }
}
