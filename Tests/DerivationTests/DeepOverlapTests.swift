import Derivation
import EVM
import Execution
import NativeCryptography
import Primitives
import Testing

@Suite("Spans that begin before what anybody keeps")
struct DeepOverlapTests {
  /// Follows L1 with nothing kept but the last blocks, and counts what was dropped.
  private struct ForgetfulFollower {
    let configuration: RollupConfiguration
    let kept: Int
    var pipeline: DerivationPipeline
    var blocks: [Block] = []
    var heads: [L2Head]
    var drops: [DroppedInput] = []
    var stalls = 0

    init(_ configuration: RollupConfiguration, kept: Int) {
      self.configuration = configuration
      self.kept = kept
      heads = [L2Head(genesisOf: configuration)]
      pipeline = DerivationPipeline(
        configuration: configuration, start: PipelineStart(genesisOf: configuration),
        provider: NativeCryptographyProvider.shared)
    }

    mutating func follow(_ l1: TestL1) throws {
      while true {
        defer { drops += pipeline.takeDrops() }
        switch try pipeline.step() {
        case .attributes(let attributes):
          let block = try #require(
            testBlock(attributes.payload, parent: attributes.parent))
          let head = try L2Head(block, configuration: configuration)
          pipeline.accept(head)
          blocks.append(block)
          heads.append(head)
        case .needs(.l1Block(let number)):
          guard let block = l1.block(number) else { return }
          try pipeline.supply(l1Block: block)
        case .needs(.l2Block(let number)):
          if let block = blocks.suffix(kept).first(where: { $0.header.number == number }) {
            try pipeline.supply(l2Block: block)
            continue
          }
          stalls += 1
          guard stalls < 100 else { return }
          pipeline.supply(
            oldestL2Block: heads.suffix(kept)[heads.count - min(kept, heads.count)].reference)
        default: return
        }
      }
    }
  }

  @Test(
    "a span that follows a block that nobody keeps is dropped, and those behind it count",
    arguments: [RollupFork.fjord, .isthmus])
  func dropped(fork: RollupFork) throws {
    var random = Randomness(seed: 11)
    var l1 = TestL1(batcher: try Actor.key(1))
    let configuration = testConfiguration(l1, fork: fork, window: 4)
    var sequencer = TestSequencer(configuration: configuration, user: try Actor.key(2))
    var follower = ForgetfulFollower(configuration, kept: 48)
    // All blocks up to now in one span: its parent is the genesis' successor long ago.
    var all: [SingularBatch] = []
    for _ in 0..<20 {
      l1.seal()
      try sequencer.build(on: l1, &random)
      if let frames = try sequencer.post(spans: true, frameLimit: 100_000) {
        l1.seal([l1.batch(Frame.encode(frames))])
      }
    }
    try follower.follow(l1)
    let heads = follower.heads.map(\.reference)
    #expect(heads.count > 60)
    for index in 20..<heads.count {
      let block = follower.blocks[index - 1]
      all.append(
        SingularBatch(
          parentHash: heads[index - 1].hash, epochNumber: heads[index].l1Origin.number,
          epochHash: heads[index].l1Origin.hash, timestamp: heads[index].timestamp,
          transactions: block.transactions.filter { $0.kind != .deposit }.map(\.encoded)))
    }
    // It begins long before what is kept, and ends with a block that is new.
    let next = heads[heads.count - 1]
    all.append(
      SingularBatch(
        parentHash: next.hash, epochNumber: next.l1Origin.number, epochHash: next.l1Origin.hash,
        timestamp: next.timestamp + configuration.blockTime, transactions: []))
    let span = SpanBatch(
      all, firstSequenceNumber: heads[20].sequenceNumber,
      genesisTime: configuration.genesis.l2Time)
    l1.seal([l1.batch(Frame.encode(try sequencer.frames(of: [.span(span)])))])
    let before = follower.heads.count
    try follower.follow(l1)
    #expect(follower.stalls >= 1 && follower.stalls < 100)
    #expect(follower.drops.contains { $0.rule == .invalidBatch(.sequencingWindow) })
    // The honest batcher goes on.
    try sequencer.build(on: l1, &random)
    if let frames = try sequencer.post(spans: true, frameLimit: 100_000) {
      l1.seal([l1.batch(Frame.encode(frames))])
    }
    l1.seal()
    try follower.follow(l1)
    #expect(follower.heads.count > before)
    let isSame = zip(follower.blocks, sequencer.blocks).allSatisfy { $0.hash == $1.hash }
    #expect(isSame)
  }
}
