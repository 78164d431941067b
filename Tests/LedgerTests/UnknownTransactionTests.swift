import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Ledger
import Primitives
import Testing
import Trie

/// L1 blocks that hold transactions of kinds that came after this program.
@Suite struct UnknownTransactionTests {
  private static let stranger: Bytes = [0x05, 0xc3, 0x01, 0x02, 0x03]

  /// An L1 block with other transactions and receipts, and the roots and the filter of those.
  private func block(
    _ original: OutsideL1Block, bloom: Bloom? = nil,
    _ change: (_ transactions: inout [Bytes], _ receipts: inout [Bytes]) -> Void
  ) throws -> (block: OutsideL1Block, hash: Hash) {
    var parts = try EncodedBlock.decode(original.encoded)
    var receipts = original.receipts
    change(&parts.transactions, &receipts)
    parts.header.transactionsRoot = MerklePatriciaTrie.orderedRoot(parts.transactions)
    parts.header.receiptsRoot = MerklePatriciaTrie.orderedRoot(
      receipts.map { $0.isEmpty ? [0] : $0 })
    if let bloom { parts.header.bloom = bloom }
    let encoded = RLPWriter.list { list in
      list.append(raw: parts.header.encoded)
      list.list { items in
        for bytes in parts.transactions {
          if bytes.first ?? 0 >= 0xc0 {
            items.append(raw: bytes)
          } else {
            items.append(bytes: bytes)
          }
        }
      }
      list.list { _ in }
      list.list { _ in }
    }
    return (
      OutsideL1Block(encoded: encoded, receipts: receipts, content: original.content),
      parts.header.hash
    )
  }

  private func receipt(_ logs: [Log] = []) -> Bytes {
    let known = Receipt(
      kind: .dynamicFee, outcome: .status(true), cumulativeGasUsed: 1_000_000, logs: logs)
    return [0x05] + known.encoded.dropFirst()
  }

  /// A rollup whose last L1 block has a batch, and a follower that knows all before.
  private func running() throws -> (RollupDriver, RollupFollower, OutsideL1Block) {
    var driver = try RollupDriver()
    try driver.sealL1()
    try driver.sealL2()
    var follower = try RollupFollower(driver)
    try follower.follow(driver)
    try driver.post()
    try driver.deposit(to: Address(UInt256(0xd00d)), value: 5)
    try driver.sealL1()
    let hash = try #require(driver.world.layerOne).head.hash
    return (driver, follower, try #require(driver.l1Blocks[hash]))
  }

  @Test("the follower goes on, derives the batches beside them, and says what it passed over")
  func passedOver() throws {
    let (driver, before, last) = try running()
    var follower = before
    let (strange, _) = try block(last) { transactions, receipts in
      transactions.insert(Self.stranger, at: 0)
      receipts.insert(receipt(), at: 0)
      transactions.append(Self.stranger)
      receipts.append(receipt())
    }
    try follower.submit(.receiveL1Block(strange))
    #expect(follower.rollup.l1Head?.number == 2)
    #expect(follower.rollup.safe.reference == driver.rollup.safe.reference)
    #expect(follower.rollup.safe.reference.number == 6)
    let drops = follower.rollup.droppedInputs
    #expect(drops.map(\.rule) == [.unknownTransactionType(5)])
    #expect(drops.first?.transactionHash == Keccak256.hash(Self.stranger))
    #expect(drops.first?.message.contains("unknown transaction type 5") == true)
    #expect(follower.rollup.epoch(2)?.deposits.count == 1)
  }

  @Test("a deposit that one of them made counts, with its place among the block's logs")
  func deposits() throws {
    let (_, follower, last) = try running()
    let parts = try EncodedBlock.decode(last.encoded)
    let place = try #require(
      parts.transactions.firstIndex { encoded in
        (try? Transaction.decode(encoded))?.to == PortalContract.address
      })
    let known = try Receipt.decode(last.receipts[place])
    let (strange, hash) = try block(last) { transactions, receipts in
      transactions[place] = Self.stranger
      receipts[place] = receipt(known.logs)
    }
    var world = follower.world
    for event in try world.decide(.receiveL1Block(strange)).events { _ = try world.apply(event) }
    let deposit = try #require(world.rollup?.epoch(2)?.deposits.first)
    let index = UInt64(known.logs.firstIndex { $0.address == PortalContract.address } ?? 0)
    let log = known.logs[Int(index)]
    let before = try last.receipts[..<place].map { try Receipt.decode($0).logs.count }
    #expect(
      deposit
        == (try Transaction.deposit(
          from: log, l1BlockHash: hash, logIndex: index + UInt64(before.reduce(0, +)))).encoded)
  }

  @Test("a receipt of another form is passed over where nothing for the rollup can be in it")
  func unreadableReceipts() throws {
    let (_, follower, last) = try running()
    let world = follower.world
    let (silent, _) = try block(last, bloom: Bloom()) { transactions, receipts in
      transactions = [Self.stranger]
      receipts = [[0x05, 0x80]]
    }
    #expect(try world.decide(.receiveL1Block(silent)).events.count == 1)
    let (loud, _) = try block(last) { transactions, receipts in
      transactions.append(Self.stranger)
      receipts.append([0x05, 0x80])
    }
    #expect(throws: Refusal.self) { try world.decide(.receiveL1Block(loud)) }
  }

  @Test("known kinds that are malformed, and roots that do not fit, are refused as before")
  func hostile() throws {
    let (_, follower, last) = try running()
    let world = follower.world
    let changes: [(inout [Bytes], inout [Bytes]) -> Void] = [
      { transactions, _ in transactions.append([0x02, 0xc0]) },
      { transactions, receipts in
        transactions.append([0x04, 0xc0])
        receipts.append(receipt())
      },
      { transactions, _ in transactions.append(Self.stranger) },
      { _, receipts in receipts.append(receipt()) },
      { transactions, receipts in
        transactions.append(Self.stranger)
        receipts.append([])
      },
      { transactions, receipts in
        transactions.append(Self.stranger)
        receipts.append([0x02, 0xc0])
      },
    ]
    for (index, change) in changes.enumerated() {
      let (bad, _) = try block(last, change)
      #expect(throws: Refusal.self, "\(index)") { try world.decide(.receiveL1Block(bad)) }
    }
    var other = last
    other.receipts.removeLast()
    #expect(throws: Refusal.self) { try world.decide(.receiveL1Block(other)) }
  }
}
