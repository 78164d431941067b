import Derivation
import Execution
import Ledger
import NativeCryptography
import Primitives
import Synchronization
import Testing

/// A world that is written down and read again goes on as if nothing had been, in every part.
@Suite struct WorldSnapshotTests {
  /// What came before, from a driver's own log and consequences.
  private struct Past: PastEvents {
    var events: [Event]
    var blocks: [Hash: [Bytes]] = [:]
    var l1Blocks: [Hash: OutsideL1Block]

    init(_ driver: RollupDriver) {
      events = driver.log.map(\.event)
      l1Blocks = driver.l1Blocks
      for case .extended(.two, let outcome) in driver.consequences {
        blocks[outcome.hash] = outcome.encodedTransactions
      }
    }

    func transaction(acceptedAt sequence: UInt64) -> PooledTransaction? {
      events[Int(sequence) - 1].pooledTransaction(
        at: sequence, provider: NativeCryptographyProvider.shared)
    }

    func transactions(inBlock number: UInt64, hash: Hash) -> [Bytes]? { blocks[hash] ?? [] }

    func l1Block(
      number: UInt64, hash: Hash, of configuration: RollupConfiguration
    ) -> L1Block? {
      guard let outside = l1Blocks[hash], let parts = try? EncodedBlock.decode(outside.encoded)
      else { return nil }
      return try? L1Block(
        checking: parts, encodedReceipts: outside.receipts, configuration: configuration)
    }
  }

  /// The world of a driver as whoever reads its snapshot has it.
  private func reborn(_ driver: RollupDriver) throws -> World {
    let bytes = try #require(driver.world.snapshot())
    var states: [Hash: State] = [:]
    for layer in Layer.allCases {
      for block in driver.world[layer]?.recent.map({ $0 }) ?? [] {
        states[block.state.root] = block.state
      }
    }
    guard case .genesisDeclared(let genesis)? = driver.log.first?.event else {
      preconditionFailure("a log begins with a genesis")
    }
    let known = states
    let world = try World(
      snapshot: bytes, at: driver.world.sequence, commitment: driver.world.commitment,
      genesis: genesis, provider: NativeCryptographyProvider.shared, content: driver.content,
      past: Past(driver)
    ) { (wanted) throws(SnapshotError) in
      guard let state = known[wanted.root] else { throw SnapshotError(reason: "\(wanted)") }
      return state
    }
    #expect(world.snapshot() == bytes)
    #expect(world.componentRoots == driver.world.componentRoots)
    return world
  }

  private func slot(_ driver: inout RollupDriver, _ number: Int) throws {
    try driver.send(.two, value: UInt256(UInt64(number + 1)))
    try driver.deposit(to: Address(UInt256(0xd00d)), value: 1)
    try driver.sealL1()
    try driver.sealL2()
    try driver.post()
    try driver.propose()
    driver.world = try reborn(driver)
    try driver.submit(.digestWorld)
  }

  @Test(
    "of a rollup: its pools, its derivation and what L1 may take back",
    arguments: [Batcher.Carrier.calldata, .commitments, .blobs])
  func rollup(_ carrier: Batcher.Carrier) throws {
    var driver = try RollupDriver { document in
      if carrier == .commitments { document.useCommitments() }
    }
    driver.batcher.carrier = carrier
    driver.proposer.intervalInBlocks = 6
    for number in 0..<4 { try slot(&driver, number) }
    let l1 = try #require(driver.world.layerOne)
    let reset = HeadReset(layer: .one, position: try l1.position(depth: 2), parts: .chain)
    try driver.submit(.resetHead(reset))
    driver.world = try reborn(driver)
    for number in 4..<7 { try slot(&driver, number) }
    // Derivation begins again, from L1 blocks that the snapshot only names.
    let safe = driver.rollup.safe
    try driver.submit(.resetDerivation)
    #expect(driver.rollup.safe == safe)
    try slot(&driver, 7)
    try driver.submit(.finalizeL1(number: 2))
    driver.world = try reborn(driver)
    #expect(driver.rollup.safe.reference.number > 0)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("of a rollup in the middle of a channel, whose frames come in several L1 blocks")
  func channel() throws {
    var driver = try RollupDriver()
    driver.batcher.transactionLimitInBytes = 400
    for number in 0..<6 {
      try driver.send(.two, value: 5, gasLimit: 100_000, data: Bytes(repeating: 7, count: 900))
      try driver.sealL1()
      try driver.sealL2()
      // One frame a block, so that what was begun is put together over several.
      if driver.world.layerOne?.pool.count == 0 {
        try driver.post()
        let waiting = driver.world.layerOne?.pool.all ?? []
        #expect(waiting.count > 1)
        for pooled in waiting.dropFirst() {
          try driver.submit(.dropTransaction(.one, hash: pooled.hash))
        }
      }
      driver.world = try reborn(driver)
      try driver.submit(.digestWorld)
      _ = number
    }
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("whose digest the log has: a log that says another world is no log of ours")
  func digest() throws {
    var driver = try RollupDriver()
    try driver.sealL1()
    try driver.submit(.digestWorld)
    let replayed = try driver.replayed()
    #expect(replayed.commitment == driver.world.commitment)
    var other = driver.world
    #expect(throws: Misfit.self) {
      try other.apply(.worldDigested(WorldDigest(digest: .zero)))
    }
  }

  @Test("that was cut off anywhere, or changed, is none or another")
  func hostile() throws {
    var driver = try RollupDriver()
    try slot(&driver, 0)
    let bytes = try #require(driver.world.snapshot())
    guard case .genesisDeclared(let genesis)? = driver.log.first?.event else { return }
    let state = try #require(driver.world.layerTwo).head.state
    func read(_ bytes: Bytes) -> World? {
      try? World(
        snapshot: bytes, at: driver.world.sequence, commitment: .zero, genesis: genesis,
        provider: NativeCryptographyProvider.shared, content: nil, past: Past(driver)
      ) { (_) throws(SnapshotError) in state }
    }
    for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
      #expect(read(Bytes(bytes[..<count])) == nil)
    }
    for place in stride(from: 3, to: bytes.count, by: max(1, bytes.count / 60)) {
      var changed = bytes
      changed[place] ^= 0x81
      // Whatever it is, it does not stop the process, and its digest is not in the log.
      _ = read(changed)
      #expect(driver.world.digest(ofSnapshot: changed) != driver.world.digest(ofSnapshot: bytes))
    }
  }
}
