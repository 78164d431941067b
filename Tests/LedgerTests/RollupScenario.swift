import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives

/// What can happen to a rollup, drawn from a seed: the same on every run.
struct RollupScenario {
  var driver: RollupDriver
  var follower: RollupFollower
  private var state: UInt64
  /// What was done, for a failure's report.
  var story: [String] = []
  /// Whether operators have derivation begin again, and hand on blocks ahead of L1.
  private let hasOperators: Bool
  /// How many events of the log cannot be lost: the beginning, and what the follower has.
  var followed = 2

  init(seed: UInt64, hasOperators: Bool = false) throws {
    self.hasOperators = hasOperators
    driver = try RollupDriver { document in
      document.configuration.sequencingWindowSize = 12
      document.finalityDepth = 16
    }
    driver.batcher.form = seed % 3 == 0 ? .singular : .span
    driver.proposer.intervalInBlocks = 12
    follower = try RollupFollower(driver)
    state = seed
  }

  /// Splitmix64.
  mutating func next(below bound: UInt64) -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return (word ^ word >> 31) % bound
  }

  /// Lets so many L1 slots pass, with whatever comes to mind between them.
  mutating func run(slots: Int) throws {
    for _ in 0..<slots {
      for _ in 0..<next(below: 3) { try act() }
      try driver.sealL1()
      try driver.sealL2(confirmations: next(below: 3))
      if next(below: 5) > 0 { try driver.post() }
      if next(below: 2) == 0 { try driver.propose() }
      if next(below: 3) == 0 { try follow() }
    }
  }

  /// The follower takes in what it does not have: from now on nothing of that can be lost.
  private mutating func follow() throws {
    try follower.follow(driver)
    followed = driver.log.count
  }

  /// Ends the troubles: everything is posted, and both sides come to rest.
  mutating func settle() throws {
    if !driver.rollup.isSequencing { try driver.submit(.setSequencing(isActive: true)) }
    try configure(SystemConfigContract.setBatcher(Development.key(14).address))
    for _ in 0..<20 {
      try driver.sealL1()
      try driver.sealL2()
      try driver.post()
    }
    try driver.post()
    try driver.sealL1()
    try follow()
  }

  private mutating func act() throws {
    switch next(below: hasOperators ? 20 : 16) {
    case 0, 1: try transfer()
    case 2, 3:
      story.append("deposit")
      try driver.deposit(
        from: UInt32(next(below: 4)), to: Address(UInt256(0xd0 + next(below: 4))), value: 7)
    case 4: try garbage()
    case 5: try badTransaction()
    case 6: try partialChannel()
    case 7: try reorganise()
    case 8: try toggle()
    case 9: try reconfigure()
    case 10: try crash()
    case 11: try loseTail()
    case 12: try changeBatcher()
    case 13: try letWindowPass()
    case 14: try finalize()
    case 16, 17: try beginAgain()
    case 18, 19: try handOn()
    default: try strangerBatch()
    }
  }

  private mutating func transfer() throws {
    story.append("transfer")
    try driver.send(
      .two, from: UInt32(next(below: 6)), value: UInt256(next(below: 1_000)), gasLimit: 50_000,
      data: Bytes(repeating: 7, count: Int(next(below: 200))))
  }

  /// Input to the batch inbox that is none, by the batcher.
  private mutating func garbage() throws {
    story.append("garbage")
    var bytes: Bytes = [UInt8(next(below: 2))]
    for _ in 0..<next(below: 100) { bytes.append(UInt8(next(below: 256))) }
    try inbox(bytes, from: 14)
  }

  /// A batch whose transaction is none.
  private mutating func badTransaction() throws {
    guard let block = driver.rollup.unsafeBlocks.first else { return }
    story.append("bad transaction")
    var batch = block.batch
    batch.transactions.append([2, 0xc0])
    try channel([.singular(batch)], frames: 1...)
  }

  /// The first frame of a channel that never gets its end.
  private mutating func partialChannel() throws {
    guard let block = driver.rollup.unsafeBlocks.first else { return }
    story.append("partial channel")
    try channel([.singular(block.batch)], frames: ...1, frameLimit: 60)
  }

  /// A good batch by somebody who is not the batcher.
  private mutating func strangerBatch() throws {
    guard let block = driver.rollup.unsafeBlocks.first else { return }
    story.append("stranger")
    var batch = block.batch
    batch.transactions = []
    try channel([.singular(batch)], frames: 1..., from: 5)
  }

  private mutating func channel(
    _ batches: [Batch], frames range: some RangeExpression<Int>, frameLimit: Int = 100_000,
    from sender: UInt32 = 14
  ) throws {
    let content = try ChannelWriter.content(
      batches, chainID: driver.rollup.configuration.l2ChainID)
    let name = ChannelIdentifier(high: next(below: .max), low: 1)
    let frames =
      ChannelWriter.frames(
        of: RollupDriver.stored(content), channel: name, frameLimit: frameLimit) ?? []
    for (index, frame) in frames.enumerated() where range.contains(index + 1) {
      try inbox(Frame.encode([frame]), from: sender)
    }
  }

  private mutating func inbox(_ data: Bytes, from sender: UInt32) throws {
    try driver.send(
      .one, from: sender, to: driver.rollup.configuration.batchInbox, value: .zero,
      gasLimit: 2_000_000, data: data)
  }

  private mutating func reorganise() throws {
    guard let l1 = driver.world.layerOne else { return }
    let depth = 1 + next(below: 10)
    guard l1.number >= (driver.rollup.l1Finalized?.number ?? 0) + depth else { return }
    story.append("reorg \(depth)")
    // Whether the other branch has the same transactions, or none of them.
    let position = try l1.position(depth: depth)
    let forgets = next(below: 3) == 0
    try driver.submit(
      .resetHead(
        HeadReset(layer: .one, position: position, parts: forgets ? [.chain, .pool] : .chain)))
  }

  private mutating func toggle() throws {
    story.append(driver.rollup.isSequencing ? "stop" : "start")
    try driver.submit(.setSequencing(isActive: !driver.rollup.isSequencing))
  }
}
