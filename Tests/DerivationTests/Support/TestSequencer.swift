import Cryptography
import Derivation
import EVM
import Execution
import NativeCryptography
import Primitives

/// An honest sequencer and batcher over a test L1.
struct TestSequencer {
  let configuration: RollupConfiguration
  private(set) var head: L2Head
  private(set) var blocks: [Block] = []
  /// Blocks that have not been posted.
  private var unposted: [(batch: SingularBatch, sequenceNumber: UInt64)] = []
  private let user: PrivateKey
  private var nonce: UInt64 = 0
  private var channelCount: UInt64 = 0

  init(configuration: RollupConfiguration, user: PrivateKey) {
    self.configuration = configuration
    self.user = user
    head = L2Head(genesisOf: configuration)
  }

  /// Goes back to an earlier block, after L1 was reorganised.
  mutating func rewind(to head: L2Head) {
    self.head = head
    blocks.removeAll { $0.header.number > head.reference.number }
    unposted.removeAll { $0.batch.timestamp > head.reference.timestamp }
  }

  /// Makes blocks up to the L1 head's time.
  mutating func build(on l1: TestL1, _ random: inout Randomness) throws {
    while head.reference.timestamp + configuration.blockTime <= l1.head.header.timestamp {
      try buildOne(on: l1, &random)
    }
  }

  private mutating func buildOne(on l1: TestL1, _ random: inout Randomness) throws {
    let time = head.reference.timestamp + configuration.blockTime
    var origin = l1.block(head.reference.l1Origin.number)
    if let next = l1.block(head.reference.l1Origin.number + 1), next.header.timestamp <= time {
      origin = next
    }
    guard let origin else { return }
    var transactions: [Bytes] = []
    for _ in 0..<random.pick(0...3) { transactions.append(transaction(&random).encoded) }
    let epoch = try L1Epoch(origin, configuration: configuration)
    let payload = try configuration.payloadAttributes(
      parent: head, epoch: epoch, transactions: transactions)
    guard let block = testBlock(payload, parent: head.reference) else { return }
    let parent = head.reference
    head = try L2Head(block, configuration: configuration)
    blocks.append(block)
    unposted.append(
      (
        SingularBatch(
          parentHash: parent.hash, epochNumber: origin.header.number, epochHash: origin.hash,
          timestamp: time, transactions: transactions), head.reference.sequenceNumber
      ))
  }

  private mutating func transaction(_ random: inout Randomness) -> Transaction {
    defer { nonce += 1 }
    let to = random.once(in: 5) ? nil : Address(0, 0, 7)
    if random.once(in: 3) {
      return user.sign(
        Transaction(
          legacyTo: to, chainID: random.once(in: 2) ? nil : 901, nonce: nonce, gasPrice: 5,
          gasLimit: 21_000, data: random.bytes(random.pick(0...60))))
    }
    return user.sign(
      Transaction(
        to: to, chainID: 901, nonce: nonce, maxFeePerGas: 9, maxPriorityFeePerGas: 1,
        gasLimit: 50_000, value: UInt256(random.next()), data: random.bytes(random.pick(0...60)),
        accessList: [AccessListEntry(address: .zero, storageKeys: [3])]))
  }

  /// The frames of a channel of all blocks that were not posted; nil for none.
  mutating func post(
    spans: Bool, frameLimit: Int
  ) throws -> [Frame]? {
    guard !unposted.isEmpty else { return nil }
    defer { unposted = [] }
    var batches: [Batch] = unposted.map { .singular($0.batch) }
    if spans {
      let span = SpanBatch(
        unposted.map(\.batch), firstSequenceNumber: unposted[0].sequenceNumber,
        genesisTime: configuration.genesis.l2Time)
      batches = [.span(span)]
    }
    channelCount += 1
    return try frames(of: batches, frameLimit: frameLimit)
  }

  /// The frames of a channel of these batches.
  func frames(of batches: [Batch], frameLimit: Int = 100_000) throws -> [Frame] {
    let content = try ChannelWriter.content(batches, chainID: configuration.l2ChainID)
    let channel = ChannelIdentifier(high: 0xc0de, low: channelCount)
    return ChannelWriter.frames(
      of: storedZlib(content), channel: channel, frameLimit: frameLimit) ?? []
  }
}

/// A zlib stream that stores its content as it is.
func storedZlib(_ content: Bytes) -> Bytes {
  var stream: Bytes = [0x78, 0x01]
  var start = 0
  repeat {
    let end = min(start + 65_535, content.count)
    let size = end - start
    stream.append(end == content.count ? 1 : 0)
    stream += [UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8 & 255)]
    stream += content[start..<end]
    start = end
  } while start < content.count
  var low: UInt32 = 1
  var high: UInt32 = 0
  for byte in content {
    low = (low + UInt32(byte)) % 65_521
    high = (high + low) % 65_521
  }
  for shift in [24, 16, 8, 0] { stream.append(UInt8((high << 16 | low) >> UInt32(shift) & 255)) }
  return stream
}
