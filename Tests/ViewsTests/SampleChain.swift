import Cryptography
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Views

/// Splitmix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
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

/// A made-up chain: blocks that hang together by their hashes, with logs from a small world.
struct SampleChain {
  var layer: Layer
  var outcomes: [BlockOutcome] = []
  private let template: BlockOutcome
  private var generator: SeededGenerator

  static let emitters = (1...6).map { Address(UInt256($0)) }
  static let topics = (1...9).map { Hash(UInt256($0)) }

  init(
    layer: Layer, seed: UInt64, blockCount: Int, transactionsPerBlock: ClosedRange<Int>
  ) throws {
    self.layer = layer
    template = try SampleChain.emptyOutcome()
    generator = SeededGenerator(seed: seed)
    var parent = genesis.block().hash
    for number in 1..<blockCount {
      let count = Int.random(in: transactionsPerBlock, using: &generator)
      let outcome = block(number: UInt64(number), parent: parent, transactionCount: count)
      parent = outcome.block.hash
      outcomes.append(outcome)
    }
  }

  /// An outcome to put blocks of our own into: that of an empty block.
  static func emptyOutcome() throws -> BlockOutcome {
    var genesis = Genesis(specification: ChainSpecification(chainID: 1, forks: ForkSchedule()))
    genesis.timestamp = 1
    let parent = genesis.block().header
    return try buildBlock(
      specification: genesis.specification, parent: parent, state: genesis.state(),
      inputs: BlockInputs(timestamp: 2), candidates: [],
      ancestorHashes: RecentHashes(first: 0, hashes: [parent.hash]),
      provider: NativeCryptographyProvider.shared)
  }

  /// The chain's beginning: plain, on the layer's own chain id.
  var genesis: Genesis {
    Genesis(
      specification: ChainSpecification(
        chainID: 900 + UInt64(layer.rawValue), forks: ForkSchedule()))
  }

  /// The entries of a log in which each block is one event, after the genesis.
  func entries(from sequence: UInt64 = 1) -> [ViewEntry] {
    let all: [Consequence] = [.started(layer, genesis)] + outcomes.map { .extended(layer, $0) }
    return all.enumerated().map { offset, consequence in
      let number = sequence + UInt64(offset)
      return ViewEntry(
        sequence: number, commitment: Hash(UInt256(number)), consequences: [consequence])
    }
  }

  /// Every log of the chain with where it stands, found without any index.
  var allLogs: [StoredLog] {
    outcomes.flatMap { outcome in
      let reference = BlockReference(
        layer: layer, header: outcome.block.header, hash: outcome.block.hash)
      var logs: [StoredLog] = []
      for (index, receipt) in outcome.receipts.enumerated() {
        for log in receipt.logs {
          logs.append(
            StoredLog(
              log: log, block: reference,
              transactionHash: outcome.block.transactions[index].hash, transactionIndex: index,
              logIndex: logs.count))
        }
      }
      return logs
    }
  }

  private mutating func block(
    number: UInt64, parent: Hash, transactionCount: Int
  ) -> BlockOutcome {
    var header = BlockHeader(
      parentHash: parent, feeRecipient: .zero, number: number, gasLimit: 30_000_000,
      timestamp: 1_000 + number * 12)
    header.baseFee = UInt256(number)
    var transactions: [Transaction] = []
    var receipts: [Receipt] = []
    var senders: [Address] = []
    for index in 0..<transactionCount {
      let transaction = transaction(nonce: number << 16 | UInt64(index))
      let receipt = Receipt(
        kind: transaction.kind, outcome: .status(Bool.random(using: &generator)),
        cumulativeGasUsed: UInt64(index + 1) * 21_000, logs: logs(), gasUsed: 21_000,
        effectiveGasPrice: UInt256(number + 7),
        contractAddress: transaction.to == nil ? Address(UInt256(number)) : nil)
      header.bloom.formUnion(receipt.bloom)
      transactions.append(transaction)
      receipts.append(receipt)
      senders.append(Address(UInt256(1_000 + index)))
    }
    header.gasUsed = UInt64(transactionCount) * 21_000
    let block = Block(header: header, transactions: transactions, withdrawals: [])
    var outcome = template
    outcome.put(block)
    outcome.receipts = receipts
    outcome.senders = senders
    return outcome
  }

  private mutating func transaction(nonce: UInt64) -> Transaction {
    Transaction(
      to: Bool.random(using: &generator) ? nil : SampleChain.emitters[0],
      chainID: genesis.specification.chainID, nonce: nonce, maxFeePerGas: 9,
      maxPriorityFeePerGas: 1, gasLimit: 100_000, value: UInt256(generator.next()),
      data: Bytes(repeating: 7, count: Int.random(in: 0...40, using: &generator))
    ).signed(with: .init(r: 1, s: 2, yParity: true))
  }

  private mutating func logs() -> [Log] {
    (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      let topicCount = Int.random(in: 0...4, using: &generator)
      let emitter = SampleChain.emitters[Int.random(in: 0..<6, using: &generator)]
      let topics = (0..<topicCount).map { _ in
        SampleChain.topics[Int.random(in: 0..<9, using: &generator)]
      }
      return Log(address: emitter, topics: topics, data: [UInt8(topicCount)])
    }
  }

  /// A filter that is as often narrow as it is wide.
  mutating func filter() -> LogFilter {
    let last = UInt64(outcomes.count)
    let first = UInt64.random(in: 0...last, using: &generator)
    var filter = LogFilter(
      fromBlock: first, toBlock: UInt64.random(in: first...last + 2, using: &generator))
    for _ in 0..<Int.random(in: 0...2, using: &generator) {
      filter.addresses.append(SampleChain.emitters[Int.random(in: 0..<6, using: &generator)])
    }
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let wanted = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
        SampleChain.topics[Int.random(in: 0..<9, using: &generator)]
      }
      filter.topics.append(Bool.random(using: &generator) ? nil : wanted)
    }
    return filter
  }
}

extension BlockOutcome {
  /// Puts another block in its place, with what follows from the block alone.
  mutating func put(_ block: Block) {
    self.block = block
    hash = block.hash
    encodedTransactions = block.transactions.map(\.encoded)
    transactionHashes = block.transactions.map(\.hash)
  }
}
