import Cryptography
import Derivation
import EVM
import Execution
import Foundation
import NativeCryptography
import Primitives
import Testing

/// Whether all seeds are asked for, as before a release.
let isFull = ProcessInfo.processInfo.environment["OPAL_CONFORMANCE"] == "full"

/// The keys of the tests' actors.
enum Actor {
  static func key(_ byte: UInt8) throws -> PrivateKey {
    try #require(PrivateKey(Bytes(repeating: byte, count: 32)))
  }
}

@Suite("Scenarios of derivation")
struct ScenarioTests {
  /// A run of an honest sequencer and batcher, with whatever else `disturb` posts.
  private func run(
    seed: UInt64, fork: RollupFork, slots: Int = 24, holoceneTime: UInt64? = nil,
    disturb: (inout TestL1, inout Randomness) throws -> [Transaction] = { _, _ in [] }
  ) throws -> (TestL1, TestSequencer, TestFollower) {
    var random = Randomness(seed: seed)
    var l1 = TestL1(batcher: try Actor.key(1))
    let configuration = testConfiguration(l1, fork: fork, holoceneTime: holoceneTime)
    var sequencer = TestSequencer(configuration: configuration, user: try Actor.key(2))
    var follower = TestFollower(configuration: configuration)
    for _ in 0..<slots {
      try sequencer.build(on: l1, &random)
      var transactions = try disturb(&l1, &random)
      if random.once(in: 2),
        let frames = try sequencer.post(
          spans: random.once(in: 2), frameLimit: random.pick(200...3000))
      {
        // Frames in order, some of them together in a transaction.
        var rest = frames[...]
        while !rest.isEmpty {
          let part = rest.prefix(random.pick(1...3))
          rest = rest.dropFirst(part.count)
          transactions.append(l1.batch(Frame.encode(Array(part))))
        }
      }
      let receipts = random.once(in: 3) ? [TestL1.deposit(random.next() >> 32)] : []
      l1.seal(transactions, receipts: receipts)
      if random.once(in: 3) { try follower.follow(l1) }
    }
    if let frames = try sequencer.post(spans: true, frameLimit: 100_000) {
      l1.seal([l1.batch(Frame.encode(frames))])
    }
    l1.seal()
    try follower.follow(l1)
    return (l1, sequencer, follower)
  }

  private func expectEqual(_ follower: TestFollower, _ sequencer: TestSequencer) {
    #expect(follower.blocks.count >= sequencer.blocks.count)
    let isSame =
      follower.blocks.prefix(sequencer.blocks.count).map(\.hash)
      == sequencer.blocks.map(\.hash)
    #expect(isSame)
    #expect(!sequencer.blocks.isEmpty)
  }

  @Test(
    "who follows an honest sequencer derives its blocks, under every fork",
    arguments: [
      RollupFork.bedrock, .canyon, .ecotone, .fjord, .granite, .holocene, .isthmus, .jovian,
    ])
  func honest(fork: RollupFork) throws {
    for seed in 1...(isFull ? 40 : 4) as ClosedRange<UInt64> {
      let (_, sequencer, follower) = try run(seed: seed, fork: fork)
      expectEqual(follower, sequencer)
      #expect(follower.drops.isEmpty)
      #expect(follower.resets == 0)
    }
  }

  @Test("Holocene may begin while the chain runs")
  func holoceneActivation() throws {
    for seed in 1...(isFull ? 40 : 4) as ClosedRange<UInt64> {
      let (_, sequencer, follower) = try run(
        seed: seed, fork: .granite, holoceneTime: TestL1.genesisTime + 150)
      expectEqual(follower, sequencer)
    }
  }

  @Test("garbage that others and the batcher itself post changes nothing, and each has its rule")
  func garbage() throws {
    let stranger = try Actor.key(9)
    for seed in 1...(isFull ? 100 : 6) as ClosedRange<UInt64> {
      for fork in [RollupFork.canyon, .isthmus] {
        let (_, sequencer, follower) = try run(seed: seed, fork: fork) { l1, random in
          var transactions: [Transaction] = []
          let garbage = ChannelIdentifier(high: 1, low: random.next())
          for _ in 0..<random.pick(0...3) {
            switch random.pick(0...5) {
            case 0: transactions.append(l1.batch(random.bytes(random.pick(0...100))))
            case 1:
              transactions.append(l1.batch([0] + random.bytes(60), from: stranger))
            case 2:
              let frame = Frame(
                channel: garbage, number: 0, data: random.bytes(50), isLast: true)
              transactions.append(l1.batch(Frame.encode([frame])))
            case 3:
              // A channel whose content is no batch.
              let frame = Frame(
                channel: garbage, number: 0, data: storedZlib(random.bytes(80)), isLast: true)
              transactions.append(l1.batch(Frame.encode([frame])))
            case 4:
              let frame = Frame(
                channel: garbage, number: UInt16(random.pick(1...9)), data: [1], isLast: true)
              transactions.append(l1.batch(Frame.encode([frame])))
            default: transactions.append(l1.batch([1] + random.bytes(40)))
            }
          }
          return transactions
        }
        expectEqual(follower, sequencer)
        #expect(!follower.drops.isEmpty)
        #expect(follower.drops.allSatisfy { !$0.message.isEmpty })
      }
    }
  }

  @Test(
    "without batches the chain goes on with deposits alone once the window has passed",
    arguments: [RollupFork.granite, .isthmus])
  func windowExpiry(fork: RollupFork) throws {
    for seed in 1...(isFull ? 50 : 4) as ClosedRange<UInt64> {
      var random = Randomness(seed: seed)
      var l1 = TestL1(batcher: try Actor.key(1))
      let configuration = testConfiguration(l1, fork: fork, window: 5)
      var follower = TestFollower(configuration: configuration)
      var deposits = 0
      for slot in 0..<20 {
        let hasDeposit = random.once(in: 2)
        if hasDeposit, slot < 13 { deposits += 1 }
        l1.seal(receipts: hasDeposit ? [TestL1.deposit(UInt64(slot))] : [])
        if random.once(in: 2) { try follower.follow(l1) }
      }
      try follower.follow(l1)
      let origins = follower.heads.dropFirst().map(\.reference)
      #expect(origins.last?.l1Origin.number ?? 0 >= l1.head.header.number - 6)
      for (head, next) in zip(origins, origins.dropFirst()) {
        #expect(next.timestamp == head.timestamp + 2)
        #expect(next.l1Origin.number - head.l1Origin.number <= 1)
        let origin = try #require(l1.block(next.l1Origin.number))
        #expect(next.timestamp >= origin.header.timestamp)
      }
      let derived = follower.blocks.flatMap(\.transactions).filter { $0.kind == .deposit }
      #expect(derived.count >= follower.blocks.count + deposits)
      #expect(follower.blocks.allSatisfy { $0.transactions.allSatisfy { $0.kind == .deposit } })
    }
  }

  @Test(
    "a channel whose end comes too late does not count",
    arguments: [(RollupFork.canyon, 10 as UInt64), (.isthmus, 50)])
  func channelTimeout(fork: RollupFork, timeout: UInt64) throws {
    for delay in [timeout, timeout + 1] {
      var random = Randomness(seed: 5)
      var l1 = TestL1(batcher: try Actor.key(1))
      let configuration = testConfiguration(l1, fork: fork, window: 200)
      var sequencer = TestSequencer(configuration: configuration, user: try Actor.key(2))
      var follower = TestFollower(configuration: configuration)
      l1.seal()
      try sequencer.build(on: l1, &random)
      let all = try #require(try sequencer.post(spans: true, frameLimit: 100))
      l1.seal([l1.batch(Frame.encode(Array(all.dropLast())))])
      for _ in 1..<delay { l1.seal() }
      l1.seal([l1.batch(Frame.encode(Array(all.suffix(1))))])
      l1.seal()
      try follower.follow(l1)
      if delay == timeout {
        expectEqual(follower, sequencer)
      } else {
        #expect(follower.blocks.isEmpty)
        #expect(follower.drops.contains { $0.rule == .channelTimeout })
      }
    }
  }

  @Test(
    "an L1 reorganisation at any depth leads to what a fresh follower derives", arguments: 1...10)
  func reorganisation(depth: Int) throws {
    for seed in 1...(isFull ? 20 : 1) as ClosedRange<UInt64> {
      for fork in [RollupFork.canyon, .isthmus] {
        var (l1, sequencer, follower) = try run(seed: seed, fork: fork)
        var random = Randomness(seed: seed &+ 77)
        l1.reorganize(depth: depth)
        // The sequencer goes back to a block whose origin is still L1's, and posts from there.
        let kept = follower.heads.last { head in
          l1.block(head.reference.l1Origin.number)?.hash == head.reference.l1Origin.hash
        }
        var fresh = TestFollower(configuration: follower.configuration)
        try fresh.follow(l1)
        let safe = try #require(fresh.heads.last)
        sequencer.rewind(to: safe)
        #expect(kept != nil)
        for _ in 0..<8 {
          l1.seal(receipts: [TestL1.deposit(random.next() >> 40)])
          try sequencer.build(on: l1, &random)
          if let frames = try sequencer.post(spans: random.once(in: 2), frameLimit: 5000) {
            l1.seal([l1.batch(Frame.encode(frames))])
          }
          if random.once(in: 3) { try follower.follow(l1) }
        }
        l1.seal()
        try follower.follow(l1)
        fresh = TestFollower(configuration: follower.configuration)
        try fresh.follow(l1)
        #expect(follower.resets > 0)
        let isSame = follower.blocks.map(\.hash) == fresh.blocks.map(\.hash)
        #expect(isSame, "seed \(seed), fork \(fork)")
      }
    }
  }

  @Test(
    "another batcher counts from the L1 block on that names it, and a new gas limit from its epoch")
  func configurationChange() throws {
    for fork in [RollupFork.canyon, .isthmus] {
      var random = Randomness(seed: 3)
      let old = try Actor.key(1)
      let new = try Actor.key(4)
      var l1 = TestL1(batcher: old)
      let configuration = testConfiguration(l1, fork: fork)
      var sequencer = TestSequencer(configuration: configuration, user: try Actor.key(2))
      var follower = TestFollower(configuration: configuration)
      l1.seal()
      try sequencer.build(on: l1, &random)
      var frames = try #require(try sequencer.post(spans: true, frameLimit: 10_000))
      l1.seal([l1.batch(Frame.encode(frames))])
      try follower.follow(l1)
      expectEqual(follower, sequencer)
      let derived = follower.blocks.count
      l1.seal(receipts: [
        TestL1.update(type: 0, UInt256(new.address)), TestL1.update(type: 2, 12_000_000),
      ])
      try sequencer.build(on: l1, &random)
      frames = try #require(try sequencer.post(spans: true, frameLimit: 10_000))
      l1.seal([l1.batch(Frame.encode(frames), from: old)])
      try follower.follow(l1)
      #expect(follower.blocks.count == derived)
      #expect(follower.drops.map(\.rule) == [.wrongSender])
      l1.seal([l1.batch(Frame.encode(frames), from: new)])
      try follower.follow(l1)
      expectEqual(follower, sequencer)
      let limits = follower.blocks.map(\.header.gasLimit)
      #expect(limits.first == 30_000_000)
      #expect(limits.last == 12_000_000)
    }
  }

  @Test("a batch that the engine refuses becomes a block of deposits, and its channel falls")
  func invalidPayload() throws {
    var random = Randomness(seed: 8)
    var l1 = TestL1(batcher: try Actor.key(1))
    let configuration = testConfiguration(l1)
    var sequencer = TestSequencer(configuration: configuration, user: try Actor.key(2))
    var follower = TestFollower(configuration: configuration)
    l1.seal()
    try sequencer.build(on: l1, &random)
    let index = try #require(
      sequencer.blocks.dropFirst().firstIndex { $0.transactions.contains { $0.kind != .deposit } })
    follower.poison = sequencer.blocks[index].transactions.last?.encoded
    let frames = try #require(try sequencer.post(spans: true, frameLimit: 10_000))
    l1.seal([l1.batch(Frame.encode(frames))])
    try follower.follow(l1)
    #expect(follower.blocks.count == index + 1)
    #expect(
      follower.blocks.prefix(index).map(\.hash) == sequencer.blocks.prefix(index).map(\.hash))
    let replaced = try #require(follower.blocks.last)
    #expect(replaced.transactions.allSatisfy { $0.kind == .deposit })
    #expect(follower.drops.map(\.rule).contains(.invalidPayload))
    // The next channel goes on from the replacement.
    sequencer.rewind(to: try #require(follower.heads.last))
    try sequencer.build(on: l1, &random)
    let next = try #require(try sequencer.post(spans: false, frameLimit: 10_000))
    l1.seal([l1.batch(Frame.encode(next))])
    try follower.follow(l1)
    #expect(follower.blocks.last?.hash == sequencer.blocks.last?.hash)
  }

  @Test("blocks become final with the L1 block that they were derived from")
  func finality() throws {
    let (l1, _, follower) = try run(seed: 2, fork: .isthmus)
    var history = follower.history
    let middle = l1.blocks[l1.blocks.count / 2].header.number
    let record = try #require(history.safeHead(at: middle))
    #expect(record.l1Block.number <= middle)
    #expect(history.finalize(l1Number: middle) == record.safeHead)
    #expect(history.finalize(l1Number: l1.head.header.number) == follower.heads.last?.reference)
    #expect(history.finalize(l1Number: 0) == nil)
  }
}
