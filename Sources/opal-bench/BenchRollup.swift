import Cryptography
import Derivation
import EVM
import Execution
import NativeCryptography
import Primitives

/// A rollup whose L1 is in memory: transactions as people send them, in channels as batchers make
/// them.
struct BenchRollup {
  private let configuration: RollupConfiguration
  private var l1: [L1Block] = []
  /// The contents of the channels.
  private(set) var contents: [Bytes] = []
  /// The same, compressed, without a version byte.
  private(set) var streams: [Bytes] = []
  /// The bytes of the batcher's transactions.
  private(set) var postedSizeInBytes = 0
  private let blockCount: Int
  private let batcher: PrivateKey

  private static let inbox = Address(0xff00_0000_0000_0000, 0, 0x42)
  private static let genesisTime: UInt64 = 1_700_000_000

  var contentSizeInBytes: Int { contents.reduce(0) { $0 + $1.count } }
  var channelSizeInBytes: Int { streams.reduce(0) { $0 + $1.count } }

  init(
    blockCount: Int, blocksPerChannel: Int, transactionsPerBlock: Int, isSpan: Bool,
    compression: ChannelCompression
  ) {
    self.blockCount = blockCount
    guard let batcher = PrivateKey(Bytes(repeating: 1, count: 32)),
      let user = PrivateKey(Bytes(repeating: 2, count: 32))
    else { preconditionFailure("these are keys") }
    self.batcher = batcher
    let first = Self.l1Block(parent: nil, [])
    configuration = Self.configuration(first, batcher: batcher)
    l1 = [first]
    var users = BenchTransactions(user)
    var head = L2Head(genesisOf: configuration).reference
    var waiting: [SingularBatch] = []
    var firstSequenceNumber: UInt64 = 0
    var pending: [Transaction] = []
    for index in 0..<blockCount {
      // Six L2 blocks an L1 block.
      if index % 6 == 5 {
        l1.append(Self.l1Block(parent: l1.last, pending))
        pending = []
      }
      let origin = l1[l1.count - 1].reference
      let transactions = (0..<transactionsPerBlock).map { _ in users.next() }
      if waiting.isEmpty {
        firstSequenceNumber =
          origin.identifier == head.l1Origin ? head.sequenceNumber + 1 : 0
      }
      waiting.append(
        SingularBatch(
          parentHash: head.hash, epochNumber: origin.number, epochHash: origin.hash,
          timestamp: head.timestamp + 2, transactions: transactions))
      head = Self.next(head, origin: origin.identifier)
      if waiting.count == blocksPerChannel || index == blockCount - 1 {
        pending += post(waiting, firstSequenceNumber, isSpan: isSpan, compression)
        waiting = []
      }
    }
    l1.append(Self.l1Block(parent: l1.last, pending))
  }

  /// Derives all blocks; how many there were.
  func derive() -> Int {
    var pipeline = DerivationPipeline(
      configuration: configuration, start: PipelineStart(genesisOf: configuration),
      provider: NativeCryptographyProvider.shared)
    var count = 0
    while count < blockCount {
      guard let step = try? pipeline.step() else { return -1 }
      switch step {
      case .attributes(let attributes):
        let head = pipeline.safeHead
        guard attributes.hasBatch else { return -1 }
        pipeline.accept(
          L2Head(
            reference: Self.next(head.reference, origin: attributes.origin),
            systemConfiguration: head.systemConfiguration))
        count += 1
      case .needs(.l1Block(let number)):
        guard number < UInt64(l1.count), (try? pipeline.supply(l1Block: l1[Int(number)])) != nil
        else { return count }
      case .needs: return -1
      }
    }
    return count
  }

  /// The block that follows one, with a hash of its own and no content.
  private static func next(
    _ head: L2BlockReference, origin: BlockIdentifier
  ) -> L2BlockReference {
    L2BlockReference(
      hash: Keccak256.hash(head.hash.bytes), number: head.number + 1, parentHash: head.hash,
      timestamp: head.timestamp + 2, l1Origin: origin,
      sequenceNumber: origin == head.l1Origin ? head.sequenceNumber + 1 : 0)
  }

  private mutating func post(
    _ blocks: [SingularBatch], _ firstSequenceNumber: UInt64, isSpan: Bool,
    _ compression: ChannelCompression
  ) -> [Transaction] {
    var batches: [Batch] = blocks.map { .singular($0) }
    if isSpan {
      batches = [
        .span(
          SpanBatch(
            blocks, firstSequenceNumber: firstSequenceNumber, genesisTime: Self.genesisTime))
      ]
    }
    guard let content = try? ChannelWriter.content(batches, chainID: 901) else { return [] }
    let stream = SystemCompression.compress(content, compression)
    let name = Keccak256.hash(stream)
    contents.append(content)
    streams.append(stream)
    let frames =
      ChannelWriter.frames(
        of: compression.channelBytes(compressed: stream),
        channel: ChannelIdentifier(high: name.word0, low: name.word1), frameLimit: 120_000) ?? []
    return frames.map { frame in
      let data = Frame.encode([frame])
      postedSizeInBytes += data.count
      let unsigned = Transaction(
        to: Self.inbox, chainID: 900, nonce: 0, maxFeePerGas: 1, maxPriorityFeePerGas: 1,
        gasLimit: 5_000_000, data: data)
      return unsigned.signed(with: batcher.sign(unsigned.signingHash))
    }
  }

  private static func l1Block(parent: L1Block?, _ transactions: [Transaction]) -> L1Block {
    let number = parent.map { $0.header.number + 1 } ?? 0
    var header = BlockHeader(
      parentHash: parent?.hash ?? .zero, feeRecipient: .zero, number: number,
      gasLimit: 30_000_000, timestamp: genesisTime + 12 * number)
    header.baseFee = 1_000
    header.excessBlobGas = 0
    header.parentBeaconBlockRoot = .zero
    header.transactionsRoot = Block.transactionsRoot(transactions)
    header.receiptsRoot = Block.receiptsRoot([])
    return L1Block(header: header, transactions: transactions, receipts: [])
  }

  private static func configuration(
    _ first: L1Block, batcher: PrivateKey
  ) -> RollupConfiguration {
    RollupConfiguration(
      genesis: RollupGenesis(
        l1: first.reference.identifier,
        l2: BlockIdentifier(hash: Keccak256.hash([2]), number: 0), l2Time: genesisTime,
        systemConfiguration: SystemConfiguration(
          batcher: batcher.address,
          scalar: SystemConfiguration.ecotoneScalar(baseFeeScalar: 1, blobBaseFeeScalar: 2),
          gasLimit: 30_000_000)),
      l1ChainID: 900, l2ChainID: 901, schedule: .all(upTo: .isthmus), deltaTime: 0,
      batchInbox: inbox, depositContract: Address(0, 0, 1),
      systemConfigurationContract: Address(0, 0, 2))
  }
}

/// Transactions of one user: transfers of ether and of tokens, and exchanges, to few contracts and
/// many people.
private struct BenchTransactions {
  private let user: PrivateKey
  private var nonce: UInt64 = 0
  private var state: UInt64 = 1

  init(_ user: PrivateKey) { self.user = user }

  private mutating func random() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }

  private mutating func person() -> Address {
    Address(random(), random(), UInt32(truncatingIfNeeded: random()))
  }

  mutating func next() -> Bytes {
    defer { nonce += 1 }
    var to = person()
    var value = UInt256(random() >> 8)
    var data: Bytes = []
    let kind = random() % 10
    if kind >= 4 {
      let person = person()
      to = Address(0x7070_7070_7070_7070, 7, UInt32(random() % 8))
      value = .zero
      data = ABI.call("transfer(address,uint256)", [.address(person), .uint(random() >> 16)])
      if kind >= 8 {
        data = ABI.call(
          "swap(uint256,uint256,address[],address,uint256)",
          [
            .uint(random() >> 16), .uint(random() >> 16),
            .array([.address(to), .address(Address(9, 9, 9))]), .address(person),
            .uint(1_700_000_000 + nonce),
          ])
      }
    }
    let unsigned = Transaction(
      to: to, chainID: 901, nonce: nonce, maxFeePerGas: UInt256(1_000_000 + random() % 1000),
      maxPriorityFeePerGas: 100_000, gasLimit: data.isEmpty ? 21_000 : 60_000 + random() % 100_000,
      value: value, data: data)
    return unsigned.signed(with: user.sign(unsigned.signingHash)).encoded
  }
}
