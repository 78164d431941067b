import Cryptography
import EVM
import Execution
import Ledger
import Primitives
import Synchronization
import TestSupport
import Testing
import Views

/// Tells tasks that the writing is over.
private final class Flag: Sendable {
  let isDone = Atomic(false)
}

@Suite("Reading views")
struct ReaderTests {
  @Test("blocks, transactions and receipts come back as they went in, by number and by hash")
  func chainReads() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let chain = try SampleChain(layer: .two, seed: 7, blockCount: 20, transactionsPerBlock: 0...4)
      let views = try Views.open(path: path)
      try views.take(chain.entries())
      let reader = try ViewReader.open(path: path)
      for outcome in chain.outcomes {
        let number = outcome.block.header.number
        let block = try #require(try reader.block(.two, number: number))
        #expect(block.header == outcome.block.header)
        #expect(block.transactionHashes == outcome.block.transactions.map(\.hash))
        #expect(block.withdrawals == outcome.block.withdrawals)
        #expect(block.sizeInBytes == outcome.block.encoded.count)
        #expect(try reader.block(.two, hash: block.hash) == block)
        #expect(
          try reader.receipts(.two, inBlock: number).map(\.receipt)
            == outcome.receipts)
        for (index, transaction) in outcome.block.transactions.enumerated() {
          let hash = transaction.hash
          let stored = try #require(try reader.transaction(.two, hash: hash))
          #expect(stored.transaction == transaction && stored.sender == outcome.senders[index])
          #expect(stored.index == index && stored.block == block.reference)
          #expect(
            try reader.transaction(.two, inBlock: number, at: index) == stored)
          let receipt = try #require(try reader.receipt(.two, hash: hash))
          #expect(receipt.receipt == outcome.receipts[index] && receipt.transaction == stored)
        }
      }
      #expect(try reader.headNumber(.two) == 19)
      let logs = try chain.outcomes.flatMap { outcome in
        try reader.receipts(.two, inBlock: outcome.block.header.number)
          .flatMap(\.logs)
      }
      #expect(logs == chain.allLogs)
    }
  }

  @Test("addresses and slots are found by their hashes, small slots whoever touched them")
  func preimages() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let chain = try SampleChain(layer: .two, seed: 7, blockCount: 5, transactionsPerBlock: 1...4)
      let views = try Views.open(path: path)
      try views.take(chain.entries())
      let reader = try ViewReader.open(path: path)
      let address = Address(1, 2, 3)
      let small = [0, 1, 16_383].map { UInt256(UInt64($0)) }
      let large = [UInt256(UInt64(16_384)), UInt256.max]
      try reader.read { snapshot throws(ViewsError) in
        for change in chain.outcomes.flatMap(\.diff.accounts) {
          let found = try snapshot.preimage(of: Keccak256.hash(change.address))
          #expect(found == change.address.bytes)
        }
        for slot in small {
          #expect(try snapshot.preimage(of: Keccak256.hash(slot)) == slot.bigEndianBytes)
        }
        for slot in large { #expect(try snapshot.preimage(of: Keccak256.hash(slot)) == nil) }
        #expect(try snapshot.preimage(of: Keccak256.hash(address)) == nil)
      }
    }
  }

  @Test("what is not there is nil, on the other layer too")
  func absent() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let chain = try SampleChain(layer: .two, seed: 8, blockCount: 3, transactionsPerBlock: 1...1)
      let views = try Views.open(path: path)
      let reader = try ViewReader.open(path: path)
      #expect(try reader.headNumber(.two) == nil)
      try views.take(chain.entries())
      let block = chain.outcomes[0].block
      let hash = block.transactions[0].hash
      #expect(try reader.block(.two, number: 3) == nil)
      #expect(try reader.block(.two, number: .max) == nil)
      #expect(try reader.block(.one, number: 1) == nil)
      #expect(try reader.block(.one, hash: block.hash) == nil)
      #expect(try reader.transaction(.one, hash: hash) == nil)
      #expect(try reader.transaction(.two, inBlock: 1, at: 1) == nil)
      #expect(try reader.receipt(.two, hash: .zero) == nil)
      #expect(try reader.receipts(.two, inBlock: 77).isEmpty)
      #expect(try reader.headNumber(.one) == nil)
      let filter = LogFilter(fromBlock: 0, toBlock: .max)
      #expect(try reader.logs(.one, filter, limit: 9).isEmpty)
    }
  }

  @Test("a dropped transaction has its reason until it comes again or enters a block")
  func drops() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let chain = try SampleChain(layer: .two, seed: 9, blockCount: 2, transactionsPerBlock: 1...1)
      let hash = chain.outcomes[0].block.transactions[0].hash
      let views = try Views.open(path: path)
      let reader = try ViewReader.open(path: path)
      func drop() throws -> StoredDrop? { try reader.drop(.two, hash: hash) }
      let entries = chain.entries()
      try views.take([
        entries[0],
        ViewEntry(
          sequence: 2, commitment: .zero,
          consequences: [.dropped(.two, hash: hash, reason: "nonce too low")]),
      ])
      #expect(try drop()?.reason == "nonce too low")
      #expect(try drop()?.sequence == 2)
      try views.take([
        ViewEntry(sequence: 3, commitment: .zero, consequences: entries[1].consequences)
      ])
      #expect(try drop() == nil)
    }
  }

  @Test("logs by random filters are those that looking at every log finds", arguments: 1...6)
  func logFilters(seed: UInt64) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      var chain = try SampleChain(
        layer: .two, seed: seed, blockCount: 60, transactionsPerBlock: 0...4)
      let views = try Views.open(path: path)
      try views.take(chain.entries())
      let reader = try ViewReader.open(path: path)
      let all = chain.allLogs
      for _ in 0..<200 {
        let filter = chain.filter()
        let expected = all.filter { stored in
          filter.fromBlock...filter.toBlock ~= stored.block.number && filter.matches(stored.log)
        }
        let found = try reader.logs(.two, filter, limit: 10_000)
        #expect(found == expected, "\(filter)")
        if !expected.isEmpty {
          #expect(throws: ViewsError.tooManyLogs(limit: expected.count - 1)) {
            try reader.logs(.two, filter, limit: expected.count - 1)
          }
        }
      }
    }
  }

  @Test("reads during writes see whole batches")
  func concurrentReads() async throws {
    let chain = try SampleChain(layer: .two, seed: 10, blockCount: 400, transactionsPerBlock: 1...2)
    let directory = try TemporaryDirectory()
    let path = directory.path + "/views.sqlite"
    let views = try Views.open(path: path)
    let reader = try ViewReader.open(path: path)
    let flag = Flag()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<3 {
        group.addTask {
          var reads = 0
          while !flag.isDone.load(ordering: .acquiring) || reads == 0 {
            let (cursor, head, blocks) = try reader.read { (snapshot) throws(ViewsError) in
              let cursor = try snapshot.cursor().sequence
              let head = try snapshot.headNumber(.two)
              let block = try snapshot.block(.two, number: head ?? 0)
              return (cursor, head, block)
            }
            #expect(cursor % 4 == 0 && head.map { $0 + 1 } ?? 0 == cursor)
            #expect((blocks == nil) == (head == nil))
            reads += 1
            // The writer shares these threads.
            await Task.yield()
          }
          return reads
        }
      }
      let entries = chain.entries()
      for start in stride(from: 0, to: entries.count, by: 4) {
        try views.take(Array(entries[start..<start + 4]))
        await Task.yield()
      }
      flag.isDone.store(true, ordering: .releasing)
      try await group.waitForAll()
    }
  }
}
